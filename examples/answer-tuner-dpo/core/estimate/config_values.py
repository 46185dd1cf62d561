"""Values of a model's config.json, or a sentence that says which one is missing or odd."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import UserError, quote


@dataclass(frozen=True, slots=True)
class ConfigValues:
    values: Mapping[str, Any]

    @property
    def family(self) -> str:
        family = self.values.get("model_type")
        if not isinstance(family, str) or not family:
            raise UserError(
                'config.json: "model_type" is missing: give the config.json of a model.'
            )
        return family

    def count(self, *names: str, default: int | None = None) -> int:
        """The first of `names` that has a value: a whole number above 0."""
        for name in names:
            value = self.values.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UserError(
                    f"config.json: {quote(name)} is {quote(value)}, and has to be a whole number"
                    " above 0."
                )
            return value
        if default is None:
            raise UserError(f"config.json: {quote(names[0])} is missing for a {self.family} model.")
        return default

    def counts(self, name: str) -> list[int]:
        """Several of them."""
        value = self.values.get(name)
        if not isinstance(value, list | tuple) or not value:
            raise UserError(f"config.json: {quote(name)} is missing for a {self.family} model.")
        return [ConfigValues({name: one, "model_type": self.family}).count(name) for one in value]

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise UserError(f"config.json: {quote(name)} is {quote(value)}, not true or false.")
        return value

    def text(self, name: str, default: str) -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def size(self, name: str) -> int:
        """A count that may be 0."""
        value = self.values.get(name) or 0
        return 0 if value == 0 else self.count(name)

    def share(self, whole: str, parts: str) -> int:
        """`whole` in equal parts, such as the hidden size of one head."""
        total, count = self.count(whole), self.count(parts)
        if total % count:
            raise UserError(
                f"config.json: {quote(whole)} is {total}, which {quote(parts)} of {count} does not"
                " divide."
            )
        return total // count
