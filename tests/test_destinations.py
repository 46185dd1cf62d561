"""Artifacts on their way to the Hugging Face Hub and to Supabase Storage, by the real clients, and back."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest

from core import supabase_upload
from core.artifact import read_manifest, write_manifest
from core.cloud import run_commands
from core.command import Task, run_training
from core.destinations import FORMS
from core.pull import pull
from core.push import push
from core.run import Run
from core.settings import RunSettings
from tests.destinations import hub, supabase
from tests.destinations.hub import FakeHub
from tests.destinations.server import FakeServer
from tests.destinations.supabase import FakeSupabase

CHUNK = 1 << 16  # bytes; of an upload to Supabase, so that a few are enough
LARGE = bytes(range(256)) * 256 * 7  # seven of them
# Of the Hub's client, about itself.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
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

    rest: int  # bytes that a push sends at most after `break_at_the_end`

    def files(self) -> dict[str, bytes]:
        raise NotImplementedError

    def break_at_the_end(self) -> None:
        """From the last part of the weights on, nothing arrives."""
        raise NotImplementedError

    def damage(self, name: str) -> None:
        raise NotImplementedError


class AtHub(Place):
    name, address = "hub", "hf://ann/trades"
    upload, download = ("PUT", "/lfs/.*/[0-9]+$"), "^/cdn/"
    fake: FakeHub
    rest = len(LARGE)  # a file that is not whole is begun anew

    def files(self) -> dict[str, bytes]:
        return self.fake.files("ann/trades")

    def break_at_the_end(self) -> None:
        self.fake.cut("PUT", "/lfs/.*/7$", after=0, times=999)

    def damage(self, name: str) -> None:
        self.files()[name] = b"damaged"


class AtSupabase(Place):
    name, address = "supabase", "supabase://models/trades"
    upload, download = ("PATCH", "/upload/resumable/"), "/object/authenticated/.*model.bin"
    fake: FakeSupabase
    rest = CHUNK + 20_000  # and the small files

    def break_at_the_end(self) -> None:
        self.fake.cut(*self.upload, after=0, times=999, skip=2 + 6)  # two small files come first

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
    monkeypatch.setattr(supabase_upload, "CHUNK", CHUNK)
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


def make_artifact(folder: Path, weights: bytes, push: str = "") -> Path:
    settings = Settings.model_validate({"output": str(folder.parent), "push": push})
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
    place.break_at_the_end()
    assert cloud("push", str(artifact), place.address) == 8
    assert [line[:6] for line in capsys.readouterr().err.splitlines()] == ["warnin"] * 4 + [
        "error:"
    ]
    assert "manifest.json" not in place.files()  # nobody takes it for an artifact
    place.fake.faults.clear()
    before = place.fake.received(*place.upload)
    assert cloud("push", str(artifact), place.address) == 0
    assert place.fake.received(*place.upload) - before <= place.rest
    assert same_there(place, artifact)


def test_a_pull_goes_on_where_it_broke_off(place: Place, artifact: Path) -> None:
    address = push(artifact, place.address).address
    place.fake.requests = []
    place.fake.cut("GET", place.download, after=len(LARGE) // 2)
    place.fake.fail("GET", place.download, status=503, times=99)
    assert cloud("pull", address, "back") == 8
    assert not Path("back").exists()
    place.fake.faults.clear()
    assert cloud("pull", address, "back") == 0
    assert same(artifact, Path("back"))
    first, *_, last = place.fake.asked("GET", place.download)
    assert "range" not in first.headers
    assert last.headers["range"] == f"bytes={len(LARGE) // 2}-"


def test_what_is_damaged_there_is_found_and_sent_anew(
    place: Place, artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = push(artifact, place.address).address.partition("@")[0]
    place.damage("weights/labels.json")
    assert cloud("pull", address, "back") == 6
    assert "weights/labels.json is not what was trained" in capsys.readouterr().err
    assert not Path("back").exists()
    push(artifact, place.address)
    assert same_there(place, artifact)
    assert cloud("pull", address, "back") == 0


def test_what_is_damaged_here_is_not_sent(
    place: Place, artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (artifact / "weights" / "model.bin").write_bytes(b"damaged")
    assert cloud("push", str(artifact), place.address) == 6
    assert "model.bin is not what was trained" in capsys.readouterr().err
    assert not place.fake.requests


def test_the_hub_keeps_one_artifact_and_what_it_was_before(
    at_hub: AtHub, artifact: Path, tmp_path: Path
) -> None:
    before = push(artifact, at_hub.address).address
    at_hub.files()["LICENSE"] = b"the user's own"
    second = make_artifact(tmp_path / "runs" / "run-2", b"other weights")
    (second / "weights" / "labels.json").unlink()
    manifest = json.loads((second / "manifest.json").read_text())
    del manifest["files"]["weights/labels.json"]
    (second / "manifest.json").write_text(json.dumps(manifest))
    push(second, at_hub.address)
    assert at_hub.files().keys() == {
        "LICENSE",
        "README.md",
        "events.jsonl",
        "manifest.json",
        "weights/model.bin",
    }
    pull(before, tmp_path / "back")
    assert same(artifact, tmp_path / "back")
    pull(at_hub.address, tmp_path / "new")
    assert same(second, tmp_path / "new")


def test_supabase_has_a_folder_for_each_run(
    at_supabase: AtSupabase, artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push(artifact, at_supabase.address)
    second = make_artifact(tmp_path / "runs" / "run-2", b"other weights")
    assert push(second, at_supabase.address).address == "supabase://models/trades/run-2"
    assert same_there(at_supabase, artifact)
    other = make_artifact(tmp_path / "elsewhere" / "run-1", b"of the same second")
    assert cloud("push", str(other), at_supabase.address) == 2
    assert "has another artifact: name another folder" in capsys.readouterr().err
    assert same_there(at_supabase, artifact)


def test_a_path_that_leads_out_of_the_folder_is_refused(
    at_supabase: AtSupabase, artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push(artifact, at_supabase.address)
    name = "models/trades/run-1/manifest.json"
    manifest = json.loads(at_supabase.fake.objects[name])
    manifest["files"]["../../evil"] = "0"
    at_supabase.fake.objects[name] = json.dumps(manifest).encode()
    assert cloud("pull", "supabase://models/trades/run-1", "back") == 6
    assert "outside of its folder" in capsys.readouterr().err


REFUSED = {
    "no token": ("at_hub", {"HF_TOKEN": ""}, "hf://ann/trades", "set HF_TOKEN, or run hf auth"),
    "wrong token": ("at_hub", {"HF_TOKEN": "hf_canary-none"}, "hf://ann/trades", "not know this"),
    "reads only": ("at_hub", {"HF_TOKEN": hub.READS}, "hf://ann/trades", "may not write to hf://"),
    "foreign": ("at_hub", {}, "hf://eve/trades", "name a repository of your own"),
    "full": ("at_hub", {}, "hf://ann/full", "holds something else, such as model.gguf"),
    "no name": ("at_hub", {}, "hf://ann/a--b", "hf://ann/a--b: "),
    "no key": ("at_supabase", {"SUPABASE_SECRET_KEY": ""}, "supabase://models", "SUPABASE_URL and"),
    "wrong key": (
        "at_supabase",
        {"SUPABASE_SECRET_KEY": "sb_secret_canary-other"},
        "supabase://models",
        "is SUPABASE_SECRET_KEY the secret key of the project",
    ),
    "public key": (
        "at_supabase",
        {"SUPABASE_SECRET_KEY": "sb_publishable_canary"},
        "supabase://models",
        "is a publishable key",
    ),
    "no bucket": ("at_supabase", {}, "supabase://nowhere", "no bucket nowhere at Supabase"),
    "pictures": ("at_supabase", {}, "supabase://pictures", "takes image/png only"),
    "unreachable": (
        "at_supabase",
        {"SUPABASE_URL": "http://127.0.0.1:9"},
        "supabase://models",
        "reach",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_pushed_is_said_before_anything_is_trained(
    case: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fixture, environment, address, said = REFUSED[case]
    fake = request.getfixturevalue(fixture).fake
    if isinstance(fake, FakeHub):
        fake.repositories["ann/full"] = hub.Repository(True, [{"model.gguf": b""}])
        monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", "/nowhere")
        monkeypatch.setattr(huggingface_hub.constants, "HF_STORED_TOKENS_PATH", "/nowhere")
    else:
        fake.buckets["pictures"] = {"allowed_mime_types": ["image/png"]}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert train("--push", address) in (2, 8)
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert "canary" not in error
    assert not Path("runs").exists()


def train(*options: str, trained: Callable[[Settings, Run], Path] | None = None) -> int:
    def never(settings: Settings, run: Run) -> Path:
        raise AssertionError("nothing is to be trained")

    task = Task(
        "t",
        "T",
        "a",
        ["x"],
        "m",
        Settings,
        RunSettings,
        RunSettings,
        lambda *_: None,
        trained or never,
    )
    return run_training(task, [*options])


@pytest.mark.parametrize(
    "address", ["hf://", "hf://name", "hf://a/b@main", "supabase://", "s3://a"]
)
def test_what_is_no_address_is_a_sentence(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--push", address) == 2
    assert capsys.readouterr().err == f"error: --push {address}: write {FORMS}.\n"


def test_a_training_pushes_what_it_made(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    def trained(settings: Settings, run: Run) -> Path:
        return make_artifact(Path("runs/run-1"), LARGE, push=settings.push)

    assert train("--push", place.address, trained=trained) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["pushing", "pushed", "artifact", "report"]
    assert same_there(place, Path("runs/run-1"))


@pytest.mark.parametrize("end", ["refused", "SIGTERM"])
def test_a_push_that_fails_loses_nothing_and_can_be_done_again(
    place: Place, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def trained(settings: Settings, run: Run) -> Path:
        place.fake.fail(*place.upload, status=403, times=99)
        if end == "SIGTERM":
            place.fake.faults.clear()
            place.fake.during(*place.upload, lambda: os.kill(os.getpid(), signal.SIGTERM))
        return make_artifact(Path("runs/run-1"), LARGE, push=settings.push)

    code = train("--push", place.address, trained=trained)
    assert code == (143 if end == "SIGTERM" else 8)
    *_, error = capsys.readouterr().err.splitlines()
    assert error.startswith("error: runs/run-1 is complete, but was not pushed: ")
    assert error.endswith(" Go on with: python cloud.py push runs/run-1")
    assert read_manifest(Path("runs/run-1"))
    place.fake.faults.clear()
    assert cloud("push", "runs/run-1") == 0  # its manifest says where to
    assert same_there(place, Path("runs/run-1"))


def test_a_file_that_is_too_large_is_a_sentence(
    at_supabase: AtSupabase, artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_supabase.fake.buckets["models"] = {"file_size_limit": 1000}
    assert cloud("push", str(artifact), at_supabase.address) == 8
    assert "raise the limit of the bucket" in capsys.readouterr().err


def test_no_key_is_written_or_said(
    place: Place, artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.fake.fail(*place.upload, status=400)
    cloud("push", str(artifact), place.address)
    cloud("push", str(artifact), place.address)
    cloud("pull", place.address, "back")
    printed = capsys.readouterr()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for key in (hub.WRITES, supabase.KEY):
        assert key not in printed.out + printed.err
        assert not any(key.encode() in content for content in [*written, *place.files().values()])
