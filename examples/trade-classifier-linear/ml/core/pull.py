"""Brings an artifact from a destination: whole and checked, or not at all.

python cloud.py pull hf://owner/name artifact
"""

from pathlib import Path

from core.artifact import changed_files, read_manifest
from core.destinations import EVENTS, MANIFEST, Destination, find_destination, persist
from core.errors import ArtifactError, UserError
from core.transfer import place, require_new


def pull(address: str, folder: Path) -> None:
    """Bring an artifact to a new folder, which appears once all of it is here and checked.

    Raises:
        UserError: `folder` is there already, or cannot be written.
        DestinationError: It did not come whole; asked for again, it goes on.
        ArtifactError: What came is not what was trained.
    """
    require_new(folder)
    source = find_destination(address)
    staged = folder.with_name(f".{folder.name}.arriving")
    try:
        staged.mkdir(exist_ok=True)
        _fetch(source, staged)
        place(staged, folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from None


def _fetch(source: Destination, staged: Path) -> None:
    (staged / MANIFEST).unlink(missing_ok=True)  # it says what the rest has to be
    persist(source, lambda: source.fetch(MANIFEST, staged))
    files = read_manifest(staged, complete=False)["files"]
    for name in files:
        if not (staged / name).resolve().is_relative_to(staged.resolve()):
            raise ArtifactError(f"The artifact names a file outside of its folder: {name}.")
    for path in [path for path in staged.rglob("*") if path.is_file()]:
        if path.relative_to(staged).as_posix() not in (*files, MANIFEST):
            path.unlink()  # of another artifact that did not come whole
    for name in files:
        _fetch_checked(source, staged, {name: files[name]})
    persist(source, lambda: source.fetch(EVENTS, staged))


def _fetch_checked(source: Destination, staged: Path, file: dict[str, str]) -> None:
    (name,) = file
    is_rest = (staged / name).is_file()
    if is_rest and not changed_files(staged, file):
        return
    persist(source, lambda: source.fetch(name, staged))
    if not changed_files(staged, file):
        return
    (staged / name).unlink()
    if is_rest:  # it may have been the rest of something else
        return _fetch_checked(source, staged, file)
    raise ArtifactError(f"{name} is not what was trained, or was damaged on its way: pull again.")
