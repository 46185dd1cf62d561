"""The data that a job works on: a file beside it, or a name on the Hugging Face hub."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.staging import disk_full_said
from app.core.storage import dataset_path
from app.worker.context import Context, storage_said
from app.worker.leases import Job
from app.worker.outage import outlast
from app.worker.outcome import Failed

VERSION = "select * from ml_dataset_versions where id = $1 and owner_id = $2"


@dataclass(frozen=True)
class Input:
    place: str
    columns: dict[str, str]


async def read_input(context: Context, job: Job) -> Input:
    """
    Raises:
        Failed: The data is gone.
    """
    row = await outlast(lambda: _version(context, job))
    if row is None:
        raise Failed("The data set version is gone: choose another one.")
    if row["source"] == "hub":
        return Input(row["source_name"], row["columns"])
    file = context.folder(job) / _file_name(row["source_name"], row["suffix"])
    if not file.exists():
        path = dataset_path(job.owner_id, row["id"], row["suffix"])
        with storage_said(), disk_full_said():
            async with context.storage.local(path) as kept:
                await asyncio.to_thread(_copy, kept, file)
    return Input(str(file), row["columns"])


async def _version(context: Context, job: Job) -> Any:
    async with context.database.as_service() as connection:
        return await connection.fetchrow(VERSION, job.dataset_version_id, job.owner_id)


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)


def _file_name(name: str, suffix: str) -> str:
    """What its owner calls it, as findings name it; made of what every file system takes."""
    stem = re.sub(r"[^\w.-]+", "_", Path(name).stem)[:80].strip(".")
    return f"{stem or 'data'}{suffix}"
