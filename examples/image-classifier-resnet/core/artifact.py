"""What a training leaves: one folder with weights, manifest, events, report and model card."""

import hashlib
import json
import platform
import shutil
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from core.errors import ArtifactError
from core.records import now, write_json

if TYPE_CHECKING:  # a server reads artifacts and needs nothing of a training
    from core.run import Run

FORMAT = 1
PACKAGES = (
    "accelerate",
    "diffusers",
    "implicit",
    "lightning",
    "numpy",
    "onnxmltools",
    "onnxruntime",
    "openvino",
    "peft",
    "pillow",
    "prophet",
    "scikit-learn",
    "sentence-transformers",
    "skl2onnx",
    "skops",
    "statsmodels",
    "tokenizers",
    "torch",
    "transformers",
    "trl",
    "vllm",
    "xgboost-cpu",
)


def write_manifest(
    run: "Run",
    task: str,
    algorithm: str,
    schemas: tuple[type[BaseModel], type[BaseModel]],
    **facts: Any,
) -> dict[str, Any]:
    """Seal the run's folder: the artifact is complete once `manifest.json` is there.

    Args:
        schemas: What the model takes and what it answers.
        facts: labels, metrics, baseline, data, engine, whatever the task has to say.
    """
    files = {
        path.relative_to(run.folder).as_posix(): _sha256(path)
        for path in sorted(run.folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(run.checkpoints)
        if path.name != "events.jsonl"
    }
    takes, answers = schemas
    manifest = {
        "format": FORMAT,
        "id": run.folder.name,
        "version": hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12],
        "created": now(),
        "task": task,
        "algorithm": algorithm,
        **facts,
        "config": run.settings.model_dump(mode="json"),
        "environment": environment(),
        "input": takes.model_json_schema(),
        "output": answers.model_json_schema(),
        "files": files,
    }
    run.event("finished", seconds=round(run.seconds, 1), metrics=facts.get("metrics", {}))
    write_json(run.folder / "manifest.json", manifest)
    # Only now: whatever ends the run before this, it goes on from a checkpoint.
    shutil.rmtree(run.checkpoints, ignore_errors=True)
    return manifest


def read_manifest(artifact: Path, *, complete: bool = True) -> dict[str, Any]:
    """Read and check a manifest.

    Args:
        complete: Whether the files that it lists have to be there.

    Raises:
        ArtifactError: `artifact` is not a complete artifact, or a file of it has changed.
    """
    path = artifact / "manifest.json"
    if not path.is_file():
        raise ArtifactError(
            f"No manifest.json in {artifact}: name the folder of a finished run, "
            "or train one with `python train.py`."
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = manifest["files"]
    except (ValueError, KeyError):
        raise ArtifactError(f"{path} is damaged: train again, or restore the file.") from None
    if manifest["format"] != FORMAT:
        raise ArtifactError(
            f"{path} has format {manifest['format']}, this code reads {FORMAT}: train again."
        )
    for name in files if complete else ():
        if not (artifact / name).is_file():
            raise ArtifactError(f"{artifact / name} is missing: train again, or restore the file.")
    return manifest


def changed_files(artifact: Path, files: dict[str, str]) -> list[str]:
    """Names of the files whose content is no longer what was trained."""
    return [name for name, digest in files.items() if _sha256(artifact / name) != digest]


def latest_artifact(runs: Path) -> Path:
    """The newest finished run.

    Raises:
        ArtifactError: There is none.
    """
    finished = sorted(path.parent for path in runs.glob("*/manifest.json"))
    if not finished:
        raise ArtifactError(f"No finished run in {runs}: train one with `python train.py`.")
    return finished[-1]


def environment() -> dict[str, str]:
    """Versions and machine, so that a result can be explained later."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        **dict(_versions(PACKAGES)),
    }


def _versions(packages: Iterable[str]) -> Iterable[tuple[str, str]]:
    for package in packages:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
