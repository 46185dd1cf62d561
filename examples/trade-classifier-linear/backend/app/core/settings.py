"""What the backend is told by its environment, and by `.env` beside it or above."""

import sys
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=("../.env", ".env"),
        env_ignore_empty=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    database_url: SecretStr | None = None
    """Postgres, in session mode (port 5432 at Supabase); without it the embedded server is used."""
    supabase_url: str | None = None
    """As https://<project>.supabase.co; without it users sign in at this backend."""
    supabase_secret_key: SecretStr | None = None
    """For the storage; never sent to a browser."""
    supabase_publishable_key: str | None = None
    """What browsers send to Supabase."""
    supabase_jwt_secret: SecretStr | None = None
    """For projects that still sign tokens with HS256."""
    public_url: str = "http://127.0.0.1:8000"
    """Where browsers find this backend."""
    cors_origins: Annotated[list[str], NoDecode] = [
        "http://localhost:3000",
        "http://127.0.0.1:3000",
    ]
    """Origins of the web pages, comma-separated."""
    ml_data_dir: Path = Path(".data")
    """The embedded database, keys and files, where they are kept on this machine."""
    ml_models_dir: Path = Path("../ml")
    """Folder of the model folders that the worker trains."""
    ml_python: str = sys.executable
    """Interpreter that has what the models need."""
    ml_migrations_dir: Path = Path("../supabase/migrations")
    """The migrations that `python -m app.migrate` applies."""
    web_dir: Path = Path("../frontend")
    """Folder of the web pages that `python -m app.dev` starts, if there are any."""
    web_port: int = Field(default=3000, gt=0, le=65535)
    """Port that they listen on."""
    ml_server_key: SecretStr | None = None
    """API key of the model servers, if they ask for one."""
    max_upload_bytes: int = Field(default=200 * MEBIBYTE, gt=0)
    """Largest file that is taken."""
    max_body_bytes: int = Field(default=2 * MEBIBYTE, gt=0)
    """Largest body of every other request."""
    requests_per_minute: int = Field(default=600, gt=0)
    """Of one user."""
    openrouter_api_key: SecretStr | None = None
    """With it, a prediction may ask for a fallback."""
    openrouter_model: str = "openai/gpt-5-mini"
    """Model that answers as the fallback."""
    openrouter_base_url: str = "https://openrouter.ai/api/v1"
    """Where it is asked."""
    lease_seconds: float = Field(default=30.0, gt=0)
    """Time after which a silent worker's job goes to another; it reports three times as often."""
    worker_jobs: int = Field(default=2, gt=0)
    """Jobs of each kind that a worker does at once."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 in a container."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on."""

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @property
    def is_local(self) -> bool:
        """Whether users sign in here."""
        return self.supabase_url is None

    @cached_property
    def auth_url(self) -> str:
        """Issuer of the users' tokens."""
        return f"{(self.supabase_url or self.public_url).rstrip('/')}/auth/v1"


def read_settings() -> Settings:
    """What the environment says.

    Raises:
        SystemExit: A variable has a value that cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"{detail['loc'][0]}".upper() + f": {detail['msg']}." for detail in error.errors()
        ]
        raise SystemExit("\n".join(problems)) from None
