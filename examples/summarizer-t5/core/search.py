"""The range in which `tune.py` looks for a better value; it stands beside the default in config.py."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Search:
    """Annotates a setting: `learning_rate: Annotated[float, Search(1e-5, 1e-3)] = Field(1e-4, gt=0)`.

    Values between `low` and `high`, whose order of magnitude counts unless `log` is off; whole
    numbers where the setting is one. Or one of `choices`.
    """

    low: float = 0
    high: float = 0
    log: bool = True
    choices: tuple[Any, ...] = ()


def searched(config: type[BaseModel]) -> dict[str, tuple[Search, Any]]:
    """The range and the type of each setting that has one."""
    return {
        name: (item, field.annotation)
        for name, field in config.model_fields.items()
        for item in field.metadata
        if isinstance(item, Search)
    }
