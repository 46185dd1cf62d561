"""`python endpoint.py` in a project: docker and RunPod's API are on this machine, the image is run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.generated import Model
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY
from tests.rented.runpod_endpoints import EndpointCloud
from tests.test_runpod_worker import GOOD, NO_CHECKS

pytestmark = pytest.mark.slow

# What docker does, without isolation: a folder for the image, a venv for what it installs.
DOCKER = """#!{python}
import json, os, shutil, subprocess, sys
from pathlib import Path
command, *options = sys.argv[1:]
root = Path({images!r}, options[-1 if command == "push" else 3].replace(":", "_"))
if command == "push":
    sys.exit(0 if root.is_dir() else 1)
platform, context = options[1], Path(options[4])
assert command == "build" and platform == "linux/amd64"
shutil.rmtree(root, ignore_errors=True)
workdir = root / "model"
workdir.mkdir(parents=True)
venv = root / "venv"
subprocess.run([sys.executable, "-m", "venv", venv], check=True)
inside = os.environ | {{"PATH": f"{{venv}}/bin:{{os.environ['PATH']}}"}}
for line in (context / "Dockerfile").read_text().splitlines():
    word, _, rest = line.partition(" ")
    if word == "COPY":
        *sources, _ = rest.split()
        for source in sources:
            if (context / source).is_dir():
                shutil.copytree(context / source, workdir, dirs_exist_ok=True)
            else:
                shutil.copy(context / source, workdir)
    elif word == "RUN":
        subprocess.run(rest, shell=True, cwd=workdir, env=inside, check=True)
    elif word == "CMD":
        (root / "command.json").write_text(rest)
    else:
        assert word in ("#", "FROM", "WORKDIR"), line
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[EndpointCloud]:
    cloud = EndpointCloud(tmp_path / "cloud", VirtualClock())
    yield cloud
    cloud.close()
    assert not cloud.failures


@pytest.fixture
def model(render: Callable[..., Path], tmp_path: Path) -> Path:
    folder = tmp_path / "trade_classifier"
    given = {"component": "model", "task": "text-classification", "algorithm": "linear"}
    shutil.copytree(render(**given, provider="runpod"), folder)
    return folder


def endpoint(
    model: Path, cloud: EndpointCloud, *options: str, tools: Path | None = None
) -> subprocess.CompletedProcess[str]:
    found = {"PATH": f"{tools}:{os.environ['PATH']}"} if tools else {"PATH": "/nowhere"}
    return subprocess.run(
        [sys.executable, "endpoint.py", *options],
        cwd=model,
        env=os.environ | found | {"RUNPOD_API_KEY": KEY, "RUNPOD_API_URL": cloud.url},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def test_the_image_holds_all_that_a_worker_needs(
    model: Path, cloud: EndpointCloud, tmp_path: Path
) -> None:
    Model(model, model / "runs", modules=model).train("--samples", "200")
    docker = tmp_path / "tools/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER.format(python=sys.executable, images=str(tmp_path / "images")))
    docker.chmod(0o700)
    done = endpoint(model, cloud, "--image", "you/trades:1", tools=docker.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none to 1 workers, 4 vCPUs, 0.12 USD an hour each" in done.stdout
    assert "https://api.runpod.ai/v2/ep1/runsync" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert cloud.endpoints["ep1"]["image"] == "you/trades:1"

    image = tmp_path / "images/you/trades_1"
    assert not any(KEY in path.read_text("utf-8", "ignore") for path in image.glob("model/**/*.*"))
    command = json.loads((image / "command.json").read_text())
    answer = subprocess.run(
        [image / "venv/bin/python", *command[1:], "--test_input", json.dumps({"input": GOOD})],
        cwd=image / "model",
        env={"PATH": os.environ["PATH"], **NO_CHECKS},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "'label': " in answer.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "--image is needed: a name in your registry, as in you/trades:1."),
        (("--image", "a:1"), 6, "No finished run in runs"),
        (("--image", "a:1", "--gpu", "RTX 409"), 2, "RunPod's endpoints have RTX 4090"),
        (
            ("--image", "a:1", "--gpu", "RTX 5090", "--max-workers=3", "--max-hourly=4"),
            2,
            "3 x RTX 5090 cost 4.74 USD an hour while they work: choose less",
        ),
        (("--image", "a:1", "--artifact", "done"), 2, "docker is not here: install it"),
        (("--max-worker", "2"), 2, "did you mean --max-workers?"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_makes_nothing(
    model: Path, cloud: EndpointCloud, options: tuple[str, ...], code: int, said: str
) -> None:
    shutil.copytree(model / "data", model / "done")
    done = endpoint(model, cloud, *options)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr
    assert not cloud.endpoints


def test_an_image_that_the_registry_has_is_taken_and_the_endpoint_ended(
    model: Path, cloud: EndpointCloud
) -> None:
    assert not endpoint(model, cloud, "--image", "a:1", "--no-build").returncode
    assert [e["name"] for e in cloud.endpoints.values()] == ["ml-trade-classifier"]
    done = endpoint(model, cloud, "--delete")
    assert done.stdout == "ml-trade-classifier is ended.\n" and not cloud.endpoints
