"""A process that has the files of a container and dies with all that it started."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME = Path("/root")  # where Modal puts a function's files, and where it starts
VOLUMES = Path("/mnt")  # volumes are mounted below


@dataclass(frozen=True)
class Namespace:
    """
    Args:
        scratch: An empty folder for what the mounts need.
        home: Becomes /root.
        volumes: Folder for each path below /mnt.
    """

    scratch: Path
    home: Path
    volumes: Mapping[str, Path]

    def command(self, *arguments: str) -> list[str]:
        """`arguments` in new namespaces; a kill of this command kills all of them."""
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL"]
        if os.geteuid():
            isolated.append("--map-root-user")
        steps = [*self._steps(), f"cd {HOME}", f"exec {shlex.join(arguments)}"]
        return [*isolated, "sh", "-ec", "\n".join(steps)]

    def _steps(self) -> list[str]:
        """Binds are made before what they show is hidden by another."""
        keep = self.scratch / "keep"
        kept = [Path(sys.base_prefix), *self.volumes.values()]
        steps = [
            f"mkdir -p {keep}/{i} && {_bind(path, keep / str(i))}" for i, path in enumerate(kept)
        ]
        steps.append(_bind(self.home, HOME))
        if Path(sys.base_prefix).is_relative_to(HOME):  # the interpreter is hidden now
            steps.append(
                f"mkdir -p {sys.base_prefix} && {_bind(keep / '0', Path(sys.base_prefix))}"
            )
        steps.append(f"mount -t tmpfs tmpfs {VOLUMES}")
        for i, path in enumerate(self.volumes, start=1):
            if not Path(path).is_relative_to(VOLUMES):
                raise ValueError(f"{path} is not below {VOLUMES}")
            steps.append(f"mkdir -p {path} && {_bind(keep / str(i), Path(path))}")
        return [*steps, "mount -t proc proc /proc"]


def _bind(source: Path, target: Path) -> str:
    return f"mount --bind {shlex.quote(str(source))} {shlex.quote(str(target))}"


def inner_process(outer: int) -> int | None:
    """The process in the namespace, which is the one to get signals."""
    try:
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
    except FileNotFoundError:
        return None
    return int(children[0]) if children else None
