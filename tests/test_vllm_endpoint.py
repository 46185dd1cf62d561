"""`python vllm_endpoint.py`: the model goes to the Hub as vLLM reads it, and RunPod gets its own image."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.destinations import hub
from tests.destinations.hub import FakeHub
from tests.generated import Model
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY
from tests.rented.runpod_endpoints import EndpointCloud
from tests.tiny import save_tiny_generator

pytest.importorskip("torch")

pytestmark = pytest.mark.slow


@pytest.fixture
def there() -> Iterator[FakeHub]:
    fake = FakeHub()
    yield fake
    fake.close()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[EndpointCloud]:
    cloud = EndpointCloud(tmp_path / "cloud", VirtualClock())
    yield cloud
    cloud.close()
    assert not cloud.failures


@pytest.fixture(scope="module", params=[["--merge"], ["--no-merge"]], ids=["merged", "adapter"])
def model(
    request: pytest.FixtureRequest,
    render: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("vllm") / "assessment_writer"
    base = save_tiny_generator(folder.parent / "base")
    given = {"component": "model", "task": "text-generation", "algorithm": "lora"}
    shutil.copytree(render(**given, base_model=str(base), provider="runpod"), folder)
    Model(folder, folder / "runs", modules=folder).train("--debug", "--samples=40", *request.param)
    return folder


def endpoint(
    model: Path, there: FakeHub, cloud: EndpointCloud, *options: str, token: str = hub.WRITES
) -> subprocess.CompletedProcess[str]:
    environment = {
        "HF_ENDPOINT": there.url,
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_XET": "1",
        "RUNPOD_API_KEY": KEY,
        "RUNPOD_API_URL": cloud.url,
    }
    return subprocess.run(
        [sys.executable, "vllm_endpoint.py", *options],
        cwd=model,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_vllm_gets_the_model_and_nothing_runs_until_it_is_asked(
    model: Path, there: FakeHub, cloud: EndpointCloud
) -> None:
    asked = ("--repository", "ann/assessments", "--gpu", "RTX 4090", "--context", "512")
    done = endpoint(model, there, cloud, *asked)
    if not next(model.glob("runs/*/adapter")).parent.joinpath("weights").is_dir():
        assert done.returncode == 2 and "train with --merge" in done.stderr
        assert not cloud.endpoints and not there.repositories
        return
    assert done.returncode == 0, done.stdout + done.stderr
    files = there.files("ann/assessments")
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= files.keys()
    assert there.repositories["ann/assessments"].is_private
    (made,) = cloud.endpoints.values()
    assert made["image"].startswith("runpod/worker-v1-vllm:v")
    assert made["env"] == {
        "MODEL_NAME": "ann/assessments",
        "MAX_MODEL_LEN": "512",
        "HF_TOKEN": "{{ RUNPOD_SECRET_HF_TOKEN }}",
    }
    assert made["workers"] == {"min": 0, "max": 1, "idleTimeout": 5}
    assert endpoint(model, there, cloud, *asked).returncode == 0
    assert len(cloud.endpoints) == 1

    for refused in (
        endpoint(model, there, cloud, *asked, token=hub.READS),
        endpoint(model, there, cloud, "--repository", "other/x", "--gpu", "RTX 4090"),
    ):
        assert refused.returncode == 7 and refused.stderr.count("\n") == 1, refused.stderr
        assert "hf_" not in refused.stderr and "Traceback" not in refused.stderr
