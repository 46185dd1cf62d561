"""Names in paths and bodies."""

from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints

PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"

ModelName = Annotated[str, StringConstraints(pattern=PATTERN)]
ModelPath = Annotated[
    str, Path(pattern=PATTERN, description="Name of the model.", examples=["trades"])
]
VersionPath = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="Number of the version.", examples=[1])
]
