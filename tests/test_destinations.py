"""Artifacts on their way to the Hugging Face Hub and to Supabase Storage, by the real clients, and back."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import huggingface_hub.utils._http
import pytest

from core import supabase_storage
from core.artifact import read_manifest, write_manifest
from core.cloud import run_commands
from core.push import push
from core.run import Run
from core.settings import RunSettings
from tests.destinations import hub, supabase
from tests.destinations.hub import FakeHub
from tests.destinations.server import FakeServer
from tests.destinations.supabase import FakeSupabase

CHUNK = 1 << 16  # bytes; of an upload to Supabase, so that a few are enough
LARGE = bytes(range(256)) * 256 * 7  # seven of them
CARD = "---\npipeline_tag: text-classification\ntags: [linear]\n---\n# A model\n"


class Place:
    """A destination, by what a test does to it."""

    name: str
    address: str
    upload: tuple[str, str]  # method and path of what carries the weights
    download: str
    fake: FakeServer

    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake

    def files(self) -> dict[str, bytes]:
        raise NotImplementedError

    def damage(self, name: str) -> None:
        raise NotImplementedError


class AtHub(Place):
    name, address = "hub", "hf://ann/trades"
    upload, download = ("PUT", "/lfs/.*/[0-9]+$"), "^/cdn/"
    fake: FakeHub

    def files(self) -> dict[str, bytes]:
        return self.fake.files("ann/trades")

    def damage(self, name: str) -> None:
        self.files()[name] = b"damaged"


class AtSupabase(Place):
    name, address = "supabase", "supabase://models/trades"
    upload, download = ("PATCH", "/upload/resumable/"), "/object/authenticated/.*weights"
    fake: FakeSupabase

    def files(self) -> dict[str, bytes]:
        start = "models/trades/run-1/"
        return {n.removeprefix(start): content for n, content in self.fake.objects.items()}

    def damage(self, name: str) -> None:
        self.fake.objects[f"models/trades/run-1/{name}"] = b"damaged"


@pytest.fixture
def at_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtHub]:
    fake = FakeHub()
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", fake.url)
    template = fake.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", hub.WRITES)
    yield AtHub(fake)
    fake.close()
    assert not fake.failures


@pytest.fixture
def at_supabase(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtSupabase]:
    fake = FakeSupabase()
    monkeypatch.setattr(supabase_storage, "CHUNK", CHUNK)
    fake.chunk = CHUNK
    monkeypatch.setenv("SUPABASE_URL", fake.url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", supabase.KEY)
    yield AtSupabase(fake)
    fake.close()
    assert not fake.failures


@pytest.fixture(params=["at_hub", "at_supabase"])
def place(request: pytest.FixtureRequest) -> Place:
    place: Place = request.getfixturevalue(request.param)
    return place


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


class Settings(RunSettings):
    data: str = "data.csv"


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    return make_artifact(tmp_path / "runs" / "run-1", LARGE)


def make_artifact(folder: Path, weights: bytes) -> Path:
    settings = Settings.model_validate({"output": str(folder.parent)})
    run = Run(settings, folder)
    run.checkpoints.mkdir(parents=True)
    (folder / "weights").mkdir()
    (folder / "weights" / "model.bin").write_bytes(weights)
    (folder / "weights" / "labels.json").write_text('["a", "b"]')
    (folder / "README.md").write_text(CARD)
    write_manifest(run, "steps", "steps", (RunSettings, RunSettings), metrics={})
    return folder


def same_names(one: Path, other: Path) -> bool:
    return {p.relative_to(one) for p in one.rglob("*")} == {
        p.relative_to(other) for p in other.rglob("*")
    }


def same(one: Path, other: Path) -> bool:
    names = [*read_manifest(one)["files"], "manifest.json"]
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def cloud(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["cloud.py", *words])
        patch.setattr(signal, "signal", lambda *_: None)
        return run_commands("local")


def test_what_was_pushed_comes_back_byte_for_byte(
    place: Place, artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cloud("push", str(artifact), place.address) == 0
    address = capsys.readouterr().out.splitlines()[-1].removeprefix("pushed    ")
    assert place.files().keys() == {
        *read_manifest(artifact)["files"],
        "manifest.json",
        "events.jsonl",
    }
    *_, event = map(json.loads, (artifact / "events.jsonl").read_text().splitlines())
    assert (event["event"], event["address"]) == ("pushed", address)
    assert event["bytes"] > len(LARGE)
    assert cloud("pull", address, "back") == 0
    assert same(artifact, tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert same_names(artifact, tmp_path / "back")


def test_what_is_there_is_not_sent_again(place: Place, artifact: Path) -> None:
    push(artifact, place.address)
    commits, place.fake.requests = place.files(), []
    again = push(artifact, place.address)
    assert again.bytes == 0
    assert place.fake.received(*place.upload) == 0
    assert place.files() == commits


def test_a_push_that_breaks_off_goes_on(place: Place, artifact: Path) -> None:
    place.fake.cut(*place.upload, after=CHUNK // 2)
    place.fake.fail(*place.upload, status=503)
    push(artifact, place.address)
    assert same_there(place, artifact)
    # Nothing but what a connection had in it is sent twice.
    assert place.fake.received(*place.upload) < len(LARGE) * 1.5


def same_there(place: Place, artifact: Path) -> bool:
    files = place.files()
    names = [*read_manifest(artifact)["files"], "manifest.json"]
    return all(files[name] == (artifact / name).read_bytes() for name in names)


def test_a_push_that_was_given_up_goes_on_in_another_process(
    place: Place, artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    method, path = place.upload
    last = {"hub": "/lfs/.*/7$", "supabase": path}[place.name]
    place.fake.cut(method, last, after=0, times=99)
    assert cloud("push", str(artifact), place.address) == 8
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "manifest.json" not in (place.files() if place.name == "supabase" else {})
    place.fake.faults.clear()
    push(artifact, place.address)
    assert same_there(place, artifact)
