"""What a training needs, packed to be sent: the model's folder, `core`, data, and what it goes on from."""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import core
from core.errors import UserError
from core.records import RENTAL
from core.settings import RunSettings

LEFT_HERE = {
    "core",
    "data",
    "jobs",
    "node_modules",
    "rented",
    "runs",
    "tunes",
    "venv",
    "__pycache__",
}
CLIMB = "up"  # name of the folders that stand for those above the model's own
CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Parcel:
    """A tar file with paths as they are on the other machine."""

    path: Path
    sha256: str

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def name(self) -> str:
        return f"parcels/{self.sha256}.tar"


class Packer:
    """
    Args:
        model: Folder of the model on this machine.
        sources: Files and folders that it reads besides, as it names them.
        staging: Folder for the parcels.

    The other machine has the model so deep below its root that every path of `sources`, seen
    from the model's folder, is below it as well.
    """

    def __init__(self, model: Path, sources: list[str], staging: Path) -> None:
        self._model = model
        self._sources = sources
        self._staging = staging
        climbs = (Path(source).parts.count("..") for source in sources)
        self.folder = PurePosixPath(*[CLIMB] * max(climbs, default=0), "model").as_posix()

    def pack(self, run: Path | None) -> list[Parcel]:
        """
        Args:
            run: That the training goes on with.
        """
        code = [*self._code(), *_below(Path(core.__file__).parent, PurePosixPath("core"))]
        parcels = [self._write(code)]
        for source in self._sources:
            files = _below(self._model / source, PurePosixPath(Path(source).as_posix()))
            parcels.append(self._write(files))
        if run is not None:
            # There it is no run of a rented machine, but one like any other.
            files = _below(run, PurePosixPath("runs", run.name))
            parcels.append(self._write((p, name) for p, name in files if p != run / RENTAL))
        return parcels

    def _code(self) -> Iterator[tuple[Path, PurePosixPath]]:
        for path in sorted(self._model.iterdir()):
            if path.name in LEFT_HERE or path.name.startswith(".") or _holds_runs(path):
                continue
            yield from _below(path, PurePosixPath(path.name))

    def _write(
        self, files: Iterator[tuple[Path, PurePosixPath]] | list[tuple[Path, PurePosixPath]]
    ) -> Parcel:
        """The same files make the same bytes, whenever and by whomever they are packed."""
        self._staging.mkdir(parents=True, exist_ok=True)
        staged = self._staging / "parcel.part"
        with tarfile.open(staged, "w", format=tarfile.PAX_FORMAT) as tar:
            for path, name in files:
                entry = tarfile.TarInfo(os.path.normpath(PurePosixPath(self.folder) / name))
                entry.size = path.stat().st_size
                with path.open("rb") as content:
                    tar.addfile(entry, content)
        with staged.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Parcel(staged.replace(self._staging / f"{digest}.tar"), digest)


def find_sources(settings: RunSettings, model: Path) -> dict[str, str]:
    """Settings that name a file or folder of this machine, as paths seen from the model's folder.

    Raises:
        UserError: There is no such path, as on another drive.
    """
    found = {}
    for name in ("data", "validation", "base_model"):
        value = getattr(settings, name, None)
        if isinstance(value, str) and value and (model / value).exists():
            try:
                found[name] = Path(os.path.relpath(model / value, model)).as_posix()
            except ValueError:
                raise UserError(
                    f"--{name} {value} is on another drive: copy it to this one."
                ) from None
    return found


def _holds_runs(path: Path) -> bool:
    return any(path.glob("**/events.jsonl"))


def _below(path: Path, name: PurePosixPath) -> Iterator[tuple[Path, PurePosixPath]]:
    """Every file at or below a path, with the name that it gets; hidden ones and caches aside."""
    if path.is_file():
        yield path, name
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if child.name != "__pycache__" and not child.name.startswith("."):
                yield from _below(child, name / child.name)
