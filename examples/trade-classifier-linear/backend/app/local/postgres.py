"""Postgres with nothing installed: `python -m app.local.postgres start`, `stop`, or `url`.

It listens on a free port of 127.0.0.1 behind random passwords; its files are in ML_DATA_DIR.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import fasteners

from app.core.settings import read_settings
from app.local.accounts import PostgresError
from app.local.cluster import Cluster, Server

FOLDER = "postgres"  # in ML_DATA_DIR
VERSION = 18


@dataclass(frozen=True)
class Urls:
    admin: str
    """Of the superuser, for migrations and psql."""
    backend: str
    """Of the role that can do nothing but act for users and for the service."""


def start(folder: Path, version: int = VERSION) -> Urls:
    """Make it run, and make it first if need be; one that runs is left as it is."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(folder / "lock"):
        cluster = Cluster(folder, version)
        if not cluster.is_ready():
            cluster.start()
        return _urls(cluster.server)


def running(folder: Path) -> Urls | None:
    """Where it listens, if it answers."""
    cluster = _existing(folder)
    return _urls(cluster.server) if cluster and cluster.is_ready() else None


def stop(folder: Path) -> None:
    """End it; what was committed stays."""
    cluster = _existing(folder)
    if cluster:
        cluster.stop()


def _existing(folder: Path) -> Cluster | None:
    folder = folder.resolve()
    return Cluster(folder, VERSION) if (folder / "data").exists() else None


def _urls(server: Server) -> Urls:
    return Urls(
        admin=_url(server.port, "postgres", server.admin_password),
        backend=_url(server.port, "backend", server.backend_password),
    )


def _url(port: int, user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/postgres"


def main() -> str | None:
    parser = argparse.ArgumentParser(description="The embedded Postgres.")
    parser.add_argument("command", choices=["start", "stop", "url"])
    command = parser.parse_args().command
    folder = read_settings().ml_data_dir / FOLDER
    try:
        if command == "start":
            start(folder)
        elif command == "stop":
            stop(folder)
        elif urls := running(folder):
            print(urls.admin)
        else:
            return "It does not run: python -m app.local.postgres start"
    except PostgresError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
