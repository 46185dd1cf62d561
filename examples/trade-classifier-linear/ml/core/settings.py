"""What every training can be told, whatever it learns: `python train.py --help` lists it."""

import difflib
import re
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    CliApp,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from core.errors import UserError

DEBUG_ROWS = 100


class RunSettings(BaseSettings):
    model_config = SettingsConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        cli_prog_name="train.py",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_exit_on_error=False,
    )

    data: str
    """File (JSON, JSONL, CSV, Parquet), folder of such files, or name of a Hugging Face data set."""
    validation: str = ""
    """The same, to validate on; blank splits 15 % off the data."""
    columns: dict[str, str] = {}
    """Column of the data that holds each field, as field=column; what is left out is guessed."""
    samples: int | None = Field(None, ge=1)
    """Rows to use at the most."""
    debug: bool = False
    """A quick run that proves the whole path: 100 rows unless --samples says otherwise, few steps."""
    seed: int = Field(42, ge=0)
    """Seed of every random choice."""
    output: str = "runs"
    """Folder that gets one folder for each run."""
    resume: bool = False
    """Go on with the newest unfinished run."""
    max_minutes: float | None = Field(None, gt=0)
    """Stop after this many minutes, keep a checkpoint, and exit with 4."""
    price_per_hour: float = Field(0.0, ge=0)
    """Price of this machine in USD per hour, for the cost in the run's events."""

    @model_validator(mode="after")
    def _debug_with_few_rows(self) -> Self:
        if self.debug and self.samples is None:
            self.samples = DEBUG_ROWS
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The command line alone: an environment variable called DATA must not change a training.
        return (init_settings,)

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Self:
        """Read a command line.

        Raises:
            UserError: An option is unknown, or its value is out of range; one line each.
        """
        try:
            return CliApp.run(cls, cli_args=arguments)
        except ValidationError as error:
            raise UserError("\n".join(map(_sentence, error.errors()))) from None
        except SettingsError as error:
            raise UserError(_explain(cls, str(error))) from None

    def given(self) -> dict[str, Any]:
        """The options that were given, without the defaults."""
        return self.model_dump(mode="json", include=self.model_fields_set)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _sentence(error: Any) -> str:
    option = _option(str(error["loc"][0]))
    return f"{option} {error['input']}: {error['msg'][0].lower()}{error['msg'][1:]}."


def _explain(cls: type[RunSettings], message: str) -> str:
    unknown = re.search(r"unrecognized arguments: (\S+)", message)
    if not unknown:
        return message.removeprefix("error parsing CLI: ") + "; --help lists the options."
    options = [_option(name) for name in cls.model_fields]
    near = difflib.get_close_matches(unknown[1], options, n=1)
    hint = f"did you mean {near[0]}?" if near else "--help lists the options."
    return f"Unknown option {unknown[1]}; {hint}"
