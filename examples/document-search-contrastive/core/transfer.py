"""Copies an artifact to another folder: whole and checked, or not at all."""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from core.artifact import changed_files, read_manifest
from core.errors import ArtifactError, UserError

BESIDE_THE_FILES = ("manifest.json", "events.jsonl")  # an artifact has them, its manifest does not


def copy_artifact(artifact: Path, folder: Path) -> None:
    """Copy what the manifest lists; `folder` appears once all of it is checked and on the disk.

    Raises:
        UserError: `folder` is there already, or cannot be written.
        ArtifactError: The artifact is damaged.
    """
    require_new(folder)
    try:
        with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            staged = Path(beside) / folder.name
            staged.mkdir()
            _copy(artifact, staged)
            place(staged, folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from None


def require_new(folder: Path) -> None:
    """
    Raises:
        UserError: It is there already, or has no place to be.
    """
    if folder.exists():
        raise UserError(f"{folder} is there already: name a folder that is not.")
    if not folder.parent.is_dir():
        raise UserError(f"{folder.parent} is no folder: create it first.")


def place(staged: Path, folder: Path) -> None:
    """Let a checked copy appear as `folder`, once all of it is on the disk."""
    paths = [*staged.rglob("*")]
    for path in paths:
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
    for parent in {path.parent for path in paths}:
        _flush_folder(parent)
    staged.rename(folder)
    _flush_folder(folder.parent)


def _copy(artifact: Path, staged: Path) -> None:
    files = read_manifest(artifact)["files"]
    for name in (*files, *BESIDE_THE_FILES):
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(artifact / name, target)
    if changed := changed_files(staged, files):
        raise ArtifactError(
            f"{artifact / changed[0]} is not what was trained: train again, or restore the file."
        )


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":  # it has no way to
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
