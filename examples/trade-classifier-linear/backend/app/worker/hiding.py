"""Paths of this machine are nobody's business."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def hide_folder(value: Any, folder: Path) -> Any:
    """`value`, which JSON can hold, with bare names for the files of `folder`."""
    if isinstance(value, str):
        return value.replace(str(folder / "_")[:-1], "")
    if isinstance(value, Mapping):
        return {key: hide_folder(item, folder) for key, item in value.items()}
    return [hide_folder(item, folder) for item in value] if isinstance(value, list) else value
