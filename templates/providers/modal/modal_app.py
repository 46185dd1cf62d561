"""What is sent to Modal: an image with this model's folder and `core`, and the function that trains."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import modal

import core
from core.destinations import keys_for, requirements
from core.parcel import find_sources
from core.settings import RunSettings
from modal_prices import limits
from modal_worker import GPUS, HOME, MODEL, NAME, STORE, TIMEOUT, VOLUME, train

HERE = Path(__file__).parent
LEFT_HERE = ["core", "data", "jobs", "rented", "runs", "tunes", "node_modules", "venv"]
CACHES = ["**/__pycache__", "**/.*"]
PASSED_ON = ("HF_TOKEN", "SERVE_API_KEY", "SERVE_RUN")  # of the environment; a secret there
MIB = 1024  # of a GiB


def create_image(*requirements: str, home: str = "/root") -> modal.Image:
    """
    Args:
        requirements: Files that say what is installed.
        home: Becomes the model's folder.
    """
    image = modal.Image.debian_slim()
    for name in requirements:
        image = image.pip_install_from_requirements(str(HERE / name))
    return (
        image.env({NAME: MODEL, HOME: home, "PYTHONPATH": f"{home}:/root"})
        .env({"HF_HOME": f"{STORE}/huggingface"})
        .add_local_dir(HERE, home, ignore=[*LEFT_HERE, *CACHES])
        .add_local_dir(Path(core.__file__).parent, f"{home}/core", ignore=CACHES)
    )


def create_secret(push: str = "") -> modal.Secret:
    """What the user has of it in the environment, and the keys to push; nothing is no error."""
    known = {name: value for name in PASSED_ON if (value := os.environ.get(name))}
    return modal.Secret.from_dict({**known, **keys_for(push)})


def create_app(
    settings: RunSettings,
    name: str = MODEL,
    gpus: Sequence[str] = GPUS,
    seconds: float = TIMEOUT,
) -> "tuple[modal.App, modal.Function[..., int, int]]":
    """An app with the function `train`, and this function.

    Args:
        gpus: The first that is free is taken; none trains without.
        seconds: After which Modal kills an attempt.
    """
    sources = find_sources(settings, HERE).values()
    climbs = max((Path(source).parts.count("..") for source in sources), default=0)
    home = PurePosixPath("/root", *["up"] * climbs)  # so deep that `../data` is below /root
    image = create_image(*requirements(settings.push), home=str(home))
    for source in sources:
        there = os.path.normpath(home / source)
        add = image.add_local_dir if (HERE / source).is_dir() else image.add_local_file
        image = add(HERE / source, there)
    cores, gib = limits(gpus)
    app = modal.App(name)
    function = app.function(
        image=image,
        gpu=[*gpus] or None,
        cpu=(1, cores),  # what is asked for, and the limit
        memory=(4 * MIB, gib * MIB),
        volumes={str(STORE): VOLUME},
        secrets=[create_secret(settings.push)],
        timeout=int(seconds),
        retries=2,
        max_containers=1,
        single_use_containers=True,
    )(train)
    return app, function
