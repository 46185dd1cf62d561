"""What serve.py can be told: `python serve.py --help` lists it."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from core.arguments import Arguments


class ServerSettings(Arguments):
    """Flags of serve.py; each is also an environment variable, as in SERVE_PORT."""

    model_config = SettingsConfigDict(env_prefix="SERVE_", cli_prog_name="serve.py")

    artifact: Path | None = None
    """Folder of a finished run; the newest one in runs/ if not given."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 in a container."""
    port: int = Field(8001, ge=0, le=65535)
    """Port to listen on."""
    workers: int = Field(0, ge=0)
    """Threads that run the model; 0 is one for each core."""
    queue: int = Field(256, ge=1)
    """Inputs that may wait; more are answered with 503."""
    max_body: int = Field(2_097_152, ge=1)
    """Bytes in a request's body at the most."""
    api_key_env: str = "SERVE_API_KEY"
    """Name of the environment variable that holds the API key; no key, no check."""
