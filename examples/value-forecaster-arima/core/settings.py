"""What every training can be told, whatever it learns: `python train.py --help` lists it."""

from typing import Any, Protocol, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.arguments import Arguments
from core.destinations import FORMS, is_address

DEBUG_ROWS = 100


class RunSettings(Arguments):
    model_config = SettingsConfigDict(cli_prog_name="train.py")

    data: str
    """File (JSON, JSONL, CSV, Parquet), folder of such files, or name of a Hugging Face data set."""
    validation: str = ""
    """The same, to validate on; blank splits 15 % off the data."""
    columns: dict[str, str] = Field(default={})
    """Column of the data that holds each field, as field=column; what is left out is guessed."""
    samples: int | None = Field(None, ge=1)
    """Rows to use at the most."""
    debug: bool = False
    """A quick run that proves the whole path: 20 steps at the most (50 on a GPU), and 100 rows where no samples are set."""
    seed: int = Field(42, ge=0)
    """Seed of every random choice."""
    output: str = "runs"
    """Folder that gets one folder for each run."""
    resume: bool = False
    """Go on with the newest unfinished run."""
    max_minutes: float | None = Field(None, gt=0)
    """Stop after this many minutes, and keep a checkpoint to go on from (exit code 4)."""
    price_per_hour: float = Field(0.0, ge=0)
    """Price of this machine in USD per hour, for the cost in the run's events."""
    push: str = ""
    """Where the artifact goes when it is complete: hf://owner/name or supabase://bucket/folder."""
    check: bool = Field(False, exclude=True)
    """Check the data, print what was found as JSON, and start nothing."""
    describe: bool = Field(False, exclude=True)
    """Print as JSON what this model learns and how it can be told to, and start nothing."""
    estimate: bool = Field(False, exclude=True)
    """Print the memory, time and cost of this training on each GPU, and start nothing."""
    estimate_json: bool = Field(False, exclude=True)
    """The same as JSON, of the GPUs that --cloud would rent."""

    @model_validator(mode="after")
    def _debug_with_few_rows(self) -> Self:
        if self.debug and self.samples is None:
            self.samples = DEBUG_ROWS
        return self

    @field_validator("push")
    @classmethod
    def _push_to_an_address(cls, value: str) -> str:
        if value and not is_address(value):
            raise PydanticCustomError("push", f"write {FORMS}")
        return value

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """A setting that gets another default keeps its description, unless it has its own."""
        for name, field in RunSettings.model_fields.items():
            own = cls.model_fields[name]
            own.description = own.description or field.description
        cls.model_rebuild(force=True)

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

    def given(self) -> dict[str, Any]:
        """The options that were given, without the defaults."""
        return self.model_dump(mode="json", include=self.model_fields_set)


class NetworkSettings(Protocol):
    """What the training of a network can be told besides."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    warmup: float
    patience: int
    checkpoint_minutes: float
    bf16: bool | None
    seed: int
    debug: bool


class FinetuneSettings(NetworkSettings, Protocol):
    """What the training of a pretrained network can be told besides."""

    @property
    def shard(self) -> bool:
        """Whether the network is spread over the processes; false for good where it cannot be."""
