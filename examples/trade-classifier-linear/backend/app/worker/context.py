"""What work on a job has at hand."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.database import Database
from app.core.problems import Problem
from app.core.settings import Settings
from app.core.storage import Storage
from app.ml.inference import ModelServers
from app.worker.leases import Job
from app.worker.outcome import Failed, Retry
from app.worker.provider import Provider

RECIPE = re.compile(r"[a-z][a-z0-9_]*")
LASTING = (404, 507)  # missing, or no room for it


@dataclass(frozen=True)
class Context:
    settings: Settings
    database: Database
    storage: Storage
    http: httpx.AsyncClient
    model_servers: ModelServers

    def provider(self, recipe: str) -> Provider:
        """The commands of a model folder.

        Raises:
            Failed: There is none of this name.
        """
        folder = self.settings.ml_models_dir.resolve() / recipe
        if not RECIPE.fullmatch(recipe) or not (folder / "cloud.py").is_file():
            raise Failed(f"There is no model folder '{recipe}': choose another recipe.")
        return Provider(folder, self.settings)

    @property
    def work(self) -> Path:
        """A folder for each recipe, in it one for each run that may be going on: see sweep.py."""
        return self.settings.ml_data_dir.resolve() / "work"

    def folder(self, job: Job) -> Path:
        """Files of a job; the same after a restart, as a run may have them open."""
        folder = self.work / job.recipe / job.run
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def clear(self, job: Job) -> None:
        shutil.rmtree(self.work / job.recipe / job.run, ignore_errors=True)


@contextmanager
def storage_said() -> Iterator[None]:
    """What the storage says about itself, as the outcome of a job."""
    try:
        yield
    except Problem as problem:
        outcome = Failed if problem.status_code in LASTING else Retry
        raise outcome(problem.detail) from None
