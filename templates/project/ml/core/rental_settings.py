"""What a training or a server on a rented machine can be told about the machine."""

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import Field

from core.arguments import Arguments

Settings = TypeVar("Settings", bound=Arguments)


class RentalOptions(Arguments):
    cloud: bool = Field(False, exclude=True)
    """Do it on a rented machine, which is given back when it is done or stopped."""
    gpu: str = Field("", exclude=True)
    """Which GPU, by the provider's name for it; blank takes the cheapest that can be had."""
    max_cost: float = Field(5.0, gt=0, exclude=True)
    """USD that it may cost at the most: the machine is given back before."""
    max_hourly: float | None = Field(None, gt=0, exclude=True)
    """USD per hour that the machine may cost at the most."""


def extend(config: type[Settings]) -> type[Settings]:
    """The same settings, and those of renting a machine."""
    return type(config.__name__, (config, RentalOptions), {"__doc__": config.__doc__})


def to_arguments(values: Mapping[str, object]) -> list[str]:
    """The options of a command line that say the same."""
    words: list[str] = []
    for name, value in values.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        elif value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            words.append(f"--{option}={text}")
    return words
