"""Trainings and servers at Modal, with its own client and its own container entry point."""

import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.price_catalog import read_prices
from ml_training.catalog import Catalog
from ml_training.price_sources import fetch_prices
from tests.destinations.supabase import KEY as SUPABASE_KEY
from tests.destinations.supabase import FakeSupabase
from tests.fake_modal.server import FakeModal, can_isolate
from tests.generated import answers
from tests.modal_project import MODAL, Project, kill

CANARY = "canary-of-a-secret"
NETWORK = ("text-classification", "full")

pytestmark = pytest.mark.slow


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeModal]:
    if not can_isolate():
        pytest.skip("needs the right to make namespaces")
    folder = tmp_path / "modal"
    folder.mkdir()
    with FakeModal(folder).running() as fake:
        fake.grace = 10
        yield fake


@pytest.fixture
def rendered(render: Callable[..., Path]) -> Path:
    return render(
        component="model", task="text-classification", algorithm="linear", provider="modal"
    )


@pytest.fixture
def linear(rendered: Path, fake: FakeModal, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(rendered, tmp_path / "trade_classifier")), fake)


@pytest.fixture
def project(rendered: Path, fake: FakeModal, tmp_path: Path) -> Project:
    return Project.of_steps(rendered, tmp_path / "steps", fake)


def assert_nothing_is_left(fake: FakeModal) -> None:
    fake.wait_until(lambda: not [each for each in fake.containers if each.is_live])
    fake.wait_until(lambda: all(app.is_over for app in fake.apps.values()))
    assert not fake.live_gpus


def manifest(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return facts


def test_a_training_comes_home_whole(linear: Project, fake: FakeModal) -> None:
    said = linear("train.py", "--cloud", "--samples", "100")
    assert said.splitlines()[-2:] == [
        f"artifact  runs/{linear.run.name}",
        f"report    runs/{linear.run.name}/report.html",
    ]
    (there,) = linear.store.glob("runs/*/*/manifest.json")
    assert manifest(linear.run) == manifest(there.parent)
    kinds = [event["event"] for event in linear.events]
    assert kinds == ["sent", "rented", "started", "finished", "returned"]
    costs = [event["cost_usd"] for event in linear.events[1:]]
    assert costs == sorted(costs)
    assert 0 < costs[-1] < 0.05
    assert [each.gpu.gpu_type for each in fake.containers] == ["T4"]
    assert_nothing_is_left(fake)


def test_modal_run_does_the_same(linear: Project, fake: FakeModal) -> None:
    said = linear(*MODAL, "run", "train.py", "--samples", "100")
    assert said.count("Beats the baseline") == 1, said
    assert f"artifact  runs/{linear.run.name}" in said
    assert manifest(linear.run)["config"]["samples"] == 100
    assert_nothing_is_left(fake)


def test_what_is_deployed_trains_and_serves(linear: Project, fake: FakeModal) -> None:
    linear(*MODAL, "deploy", "train.py")
    spawn = "import modal; print(modal.Function.from_name('trade-classifier', 'train')"
    assert linear("-c", spawn + ".spawn('--samples', '100').get())") == "0\n"
    (there,) = linear.store.glob("runs/*/*/manifest.json")
    linear.environment["SERVE_API_KEY"] = "key"
    linear(*MODAL, "deploy", "serve.py")
    address = "import modal; print(modal.Cls.from_name('trade-classifier-serve', 'Endpoint')()"
    url = linear("-c", address + ".web.get_web_url())").strip()
    question = urllib.request.Request(f"{url}/predict", b'{"text": "Bend conduit."}')
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(question, timeout=60)
    question.add_header("Authorization", "Bearer key")
    answer = json.load(urllib.request.urlopen(question, timeout=60))
    assert answer["label"] in manifest(there.parent)["labels"]
    assert answer["version"] == manifest(there.parent)["version"]
    (server,) = (each for each in fake.containers if each.is_live)
    fake.wait_until(lambda: not server.is_live)  # nobody asks any more


def test_here_nothing_waits_for_modal(linear: Project, fake: FakeModal) -> None:
    said = linear("-X", "importtime", "train.py", "--debug", "--samples", "100")
    assert "report.html" in said
    assert "| modal\n" not in said.replace(" ", "")
    assert not fake.trace


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--gpu", "H1000"], "--gpu H1000: Modal has H100, H200"),
        (["--gpu", "H100", "--max-hourly", "2"], "H100 costs 4.78 USD an hour: choose a cheaper"),
        (["--gpu", "B200:8", "--max-cost", "5"], "--max-cost 5 has to pay for 30 minutes"),
        (["--data", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_created(
    linear: Project, fake: FakeModal, options: list[str], problem: str
) -> None:
    code = 3 if "--data" in options else 2
    said = linear("train.py", "--cloud", *options, code=code)
    assert problem in said
    assert len(said.splitlines()) == 1
    assert not fake.trace
    assert not (linear.folder / "runs").exists()


def test_without_a_token_one_sentence(linear: Project, fake: FakeModal) -> None:
    linear.environment |= {"MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": ""}
    said = linear("train.py", "--cloud", code=2)
    assert said == (
        "error: Modal does not know you: run modal setup, or set MODAL_TOKEN_ID and"
        " MODAL_TOKEN_SECRET.\n"
    )
    assert "does not know you" in linear("cloud.py", "ps", code=2)
    assert not (linear.folder / "runs").exists()


def test_the_next_gpu_of_the_list_is_taken(project: Project, fake: FakeModal) -> None:
    fake.without_capacity = {"T4"}
    project("train.py", "--cloud", "--steps", "1")
    assert [each.gpu.gpu_type for each in fake.containers] == ["L4"]


def test_what_waits_for_a_gpu_costs_nothing(project: Project, fake: FakeModal) -> None:
    fake.without_capacity = {"T4"}
    with project.started("train.py", "--cloud", "--steps", "1", "--gpu", "T4") as process:
        fake.wait_until(lambda: fake.calls)
        time.sleep(5)
        assert not fake.containers
        fake.without_capacity = set()
        project.end(process)
    assert 0 < project.events[-1]["cost_usd"] < 4 / 3600


@pytest.mark.parametrize(("gpu", "count", "processes"), [("none", 0, 1), ("T4:2", 2, 2)])
def test_each_gpu_gets_a_process(
    project: Project, fake: FakeModal, gpu: str, count: int, processes: int
) -> None:
    project("train.py", "--cloud", "--steps", "1", "--gpu", gpu)
    assert [each.gpu.count for each in fake.containers] == [count]
    (started,) = (event for event in project.events if event["event"] == "started")
    assert started["processes"] == processes


def test_data_from_elsewhere_is_sent(project: Project, fake: FakeModal) -> None:
    (project.folder.parent / "more").mkdir()
    (project.folder.parent / "more" / "steps.txt").touch()
    project("train.py", "--cloud", "--steps", "1", "--data", "../more/steps.txt")
    assert manifest(project.run)["config"]["data"] == "../more/steps.txt"


@pytest.mark.parametrize("how", ["preempted", "preempted with a warning", "killed"])
def test_a_container_that_dies_goes_on_where_it_was(
    project: Project, fake: FakeModal, how: str
) -> None:
    with project.training("--steps", "12", "--seconds", "0.6") as process:
        container = project.container()
        if how == "killed":
            container.process.kill()
        else:
            fake.do(fake.preempt(container, warn=how.endswith("warning")))
        project.end(process)
    steps = project.steps()
    assert {*steps} == {*range(12)}
    assert len(steps) < 20  # it did not start anew
    assert [event["event"] for event in project.events].count("resumed") == 1
    assert len(fake.containers) == 2
    assert_nothing_is_left(fake)


def test_a_network_whose_machine_is_taken_goes_on_from_its_checkpoint(
    catalog: Catalog, render: Callable[..., Path], fake: FakeModal, tmp_path: Path
) -> None:
    algorithm = next(a for a in catalog.algorithms if (a["task"], a["name"]) == NETWORK)
    rendered = render(component="model", provider="modal", **answers(algorithm, tmp_path))
    network = Project(Path(shutil.copytree(rendered, tmp_path / "network")), fake)
    network.hasten()
    options = ("--epochs", "40", "--checkpoint-minutes", "0.01", "--samples", "100")
    with network.training(*options) as process:
        fake.do(fake.preempt(network.container()))
        network.end(process)
    (resumed,) = (event for event in network.events if event["event"] == "resumed")
    before = network.events[: network.events.index(resumed)]
    first = next(event for event in network.events[len(before) :] if event["event"] == "step")
    assert first["step"] > 1
    assert manifest(network.run)["algorithm"] == algorithm["name"]
    assert len(fake.containers) == 2


def test_one_that_dies_again_and_again_is_given_up(project: Project, fake: FakeModal) -> None:
    with project.training("--steps", "999", "--seconds", "0.2") as process:
        for number in range(3):
            fake.wait_until(lambda: len(fake.containers) > number)  # noqa: B023
            fake.wait_until(lambda: fake.containers[-1].inputs)
            fake.containers[-1].process.kill()
            fake.wait_until(lambda: not fake.containers[number].is_live)  # noqa: B023
        said = project.end(process, code=7)
    assert "error: The training was ended at Modal (RemoteError: The container exited" in said
    assert (project.run / "checkpoints" / "step.json").is_file()
    assert len(fake.containers) == 3
    assert_nothing_is_left(fake)


def test_a_server_of_the_commands_is_one_of_this_machine(linear: Project, fake: FakeModal) -> None:
    linear("train.py", "--samples", "100")
    linear("cloud.py", "deploy", "--name", "b")
    status = json.loads(linear("cloud.py", "status", "b"))
    assert status["url"].startswith("http://127.0.0.1:")
    assert json.loads(linear("cloud.py", "cancel", "b"))["state"] == "stopped"


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "SIGINT"), (signal.SIGTERM, 143, "SIGTERM")],
)
def test_a_signal_ends_it_with_a_checkpoint_to_go_on_from(
    project: Project, fake: FakeModal, number: signal.Signals, code: int, name: str
) -> None:
    with project.training("--steps", "30", "--seconds", "0.2") as process:
        process.send_signal(number)
        said = project.end(process, code)
    assert f"Stopped: {name}. Go on with: python train.py --resume --cloud" in said
    assert_nothing_is_left(fake)
    done = json.loads((project.run / "checkpoints" / "step.json").read_text())
    assert done == len(project.steps())
    project("train.py", "--resume", "--cloud")
    assert project.steps() == [*range(30)]
    assert len(fake.containers) == 2
    assert_nothing_is_left(fake)


def test_it_stops_before_it_costs_more_than_it_may(project: Project, fake: FakeModal) -> None:
    said = project(
        *("train.py", "--cloud", "--steps", "999", "--gpu", "T4", "--max-cost", "0.002"), code=4
    )
    assert "Stopped: --max-cost 0.002 is nearly spent" in said
    assert project.events[-1]["cost_usd"] < 0.004
    assert (project.run / "checkpoints" / "step.json").is_file()
    assert_nothing_is_left(fake)


def test_one_that_heeds_nothing_is_killed_at_its_deadline(
    project: Project, fake: FakeModal
) -> None:
    fake.grace = 2
    options = ("--steps", "999", "--seconds", "30", "--deaf", "--gpu", "T4", "--max-cost", "0.001")
    project("train.py", "--cloud", *options, code=4)
    assert fake.billed_seconds < 60
    assert_nothing_is_left(fake)


def test_a_killed_process_finds_its_training_again(project: Project, fake: FakeModal) -> None:
    with project.training("--steps", "20", "--seconds", "0.2") as process:
        kill(process)
    said = project("train.py", "--resume", "--cloud")
    assert "is at Modal: going on with it." in said
    assert project.steps() == [*range(20)]
    assert len(fake.containers) == 1
    assert_nothing_is_left(fake)


def test_what_has_finished_meanwhile_comes_home(project: Project, fake: FakeModal) -> None:
    with project.training("--steps", "6", "--seconds", "0.2") as process:
        kill(process)
    fake.wait_until(lambda: list(project.store.glob("runs/*/*/manifest.json")))
    assert_nothing_is_left(fake)
    (there,) = project.store.glob("runs/*/*/events.jsonl")
    paid = json.loads(there.read_text().splitlines()[-1])["cost_usd"]
    project("train.py", "--resume", "--cloud")
    assert (project.run / "model.bin").read_bytes() == b"weights" * 2000
    assert len(fake.containers) == 1
    assert paid < project.events[-1]["cost_usd"] < 3 * paid  # not what passed until it was asked


def test_a_job_is_a_training_at_modal(project: Project, fake: FakeModal) -> None:
    assert project("cloud.py", "launch", "--name", "a", "--", "--steps", "3") == "a\n"
    *events, last = map(json.loads, project("cloud.py", "watch", "a").splitlines())
    assert last["status"]["state"] == "finished", project("cloud.py", "logs", "a")
    assert last["status"]["cost_usd"] == events[-1]["event"]["cost_usd"] > 0
    assert [entry["line"] for entry in events] == [*range(1, len(events) + 1)]
    project("cloud.py", "fetch", "a", "copy")
    assert (project.folder / "copy" / "model.bin").is_file()
    assert_nothing_is_left(fake)


def test_ps_shows_and_reap_ends_what_costs_money(project: Project, fake: FakeModal) -> None:
    with project.training("--steps", "999", "--seconds", "0.2") as process:
        kill(process)
    (rental,) = json.loads(project("cloud.py", "ps"))
    assert rental["name"].startswith("ml-steps-")
    assert json.loads(project("cloud.py", "reap")) == [rental["name"]]
    assert json.loads(project("cloud.py", "ps")) == []
    assert_nothing_is_left(fake)


def test_no_secret_is_written_anywhere(project: Project, fake: FakeModal) -> None:
    names = ("HF_TOKEN", "MODAL_TOKEN_SECRET", "MODAL_TOKEN_ID")
    project.environment |= dict.fromkeys(names, CANARY)
    (project.folder / ".env").write_text(f"KEY={CANARY}")  # stays here
    (project.folder / "jobs").mkdir()
    (project.folder / "jobs" / "log.txt").write_text(CANARY)
    project("train.py", "--cloud", "--steps", "2")
    assert "token True" in fake.log  # it is there where it is needed
    assert CANARY not in fake.log
    found = subprocess.run(
        ["grep", "-rl", CANARY, str(project.run), str(project.log), str(fake.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


@pytest.fixture
def supabase(project: Project) -> Iterator[FakeSupabase]:
    fake = FakeSupabase()
    project.environment |= {"SUPABASE_URL": fake.url, "SUPABASE_SECRET_KEY": SUPABASE_KEY}
    yield fake
    fake.close()


def test_a_push_that_is_preempted_goes_on(
    project: Project, fake: FakeModal, supabase: FakeSupabase
) -> None:
    def preempt() -> None:
        fake.wait_until(lambda: any(project.store.glob("runs/*/*/manifest.json")))
        fake.do(fake.preempt(project.container()))

    supabase.during("POST", "/upload/resumable", preempt)
    said = project("train.py", "--cloud", "--steps", "2", "--push", "supabase://models")
    names = [name.rpartition("/")[2] for name in supabase.objects]
    assert {"manifest.json", "model.bin"} <= {*names}
    assert len(fake.containers) == 2
    kinds = [event["event"] for event in project.events]
    assert kinds[-3:] == ["finished", "pushed", "returned"]
    assert manifest(project.run)["config"]["push"] == "supabase://models"
    assert SUPABASE_KEY not in said + fake.log
    for folder in (project.folder, fake.folder):
        written = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert not any(SUPABASE_KEY.encode() in content for content in written)


def test_an_artifact_that_was_not_pushed_comes_home(
    project: Project, fake: FakeModal, supabase: FakeSupabase
) -> None:
    supabase.fail("PATCH", "/upload/resumable/", 403, times=99)
    said = project("train.py", "--cloud", "--steps", "2", "--push", "supabase://models", code=8)
    assert f"runs/{project.run.name} is complete, but was not pushed" in said.splitlines()[-1]
    assert manifest(project.run)["files"]
    assert_nothing_is_left(fake)
    supabase.faults.clear()
    project("cloud.py", "push", f"runs/{project.run.name}")
    assert any(name.endswith("manifest.json") for name in supabase.objects)


def test_where_nothing_can_be_pushed_nothing_is_created(
    project: Project, fake: FakeModal, supabase: FakeSupabase
) -> None:
    said = project("train.py", "--cloud", "--push", "supabase://nowhere", code=2)
    assert said.startswith("error: There is no bucket nowhere")
    assert not fake.trace


def test_whenever_the_process_is_killed_nothing_is_left(
    project: Project, fake: FakeModal, tmp_path: Path
) -> None:
    fake.patience = 3
    options = ("train.py", "--cloud", "--steps", "999", "--gpu", "T4", "--max-cost", "0.002")
    project(*options, code=4)
    names = [name for name in dict.fromkeys(fake.trace) if name != "MountPutFile"]  # only once
    assert {"AppCreate", "AppPublish", "FunctionMap", "FunctionGetOutputs"} <= {*names}
    bound = 0.002 / 0.90 * 3600 + 10  # seconds that the money pays for, and a start
    for name in names:
        shutil.rmtree(project.folder / "runs", ignore_errors=True)
        billed = fake.billed_seconds
        with project.started(*options) as process:
            fake.on_call = partial(_send_at, name, process, signal.SIGKILL)
            process.wait(60)
            assert process.returncode == -signal.SIGKILL, name
        assert_nothing_is_left(fake)
        assert fake.billed_seconds - billed < bound, name


def _send_at(
    name: str, process: subprocess.Popen[bytes], number: signal.Signals, called: str
) -> None:
    if called == name:
        process.send_signal(number)


@pytest.mark.parametrize("name", ["AppPublish", "FunctionMap", "FunctionGetOutputs"])
def test_what_was_killed_goes_on(project: Project, fake: FakeModal, name: str) -> None:
    fake.patience = 3
    with project.started("train.py", "--cloud", "--steps", "5") as process:
        fake.on_call = partial(_send_at, name, process, signal.SIGKILL)
        process.wait(60)
    fake.on_call = lambda called: None
    project("train.py", "--resume", "--cloud")
    assert (project.run / "model.bin").is_file()
    assert_nothing_is_left(fake)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nobody_waits_for_an_image_that_is_not_wanted(
    project: Project, fake: FakeModal, number: signal.Signals, code: int
) -> None:
    fake.router.slow = {"ImageGetOrCreate"}
    with project.started("train.py", "--cloud") as process:
        fake.on_call = partial(_send_at, "ImageGetOrCreate", process, number)
        project.end(process, code)
    assert_nothing_is_left(fake)
    assert not list((project.folder / "runs").iterdir())


def test_its_command_line_tells_today_s_prices(
    fake: FakeModal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fake.environment().items():
        monkeypatch.setenv(name, value)
    program = tmp_path / "bin" / "modal"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m modal "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    found = fetch_prices("modal", read_prices().current, date.today())
    assert {price.item: price.usd for price in found} == {
        "CPU core": 0.0473,
        "A10": 1.1,
        "memory": 0.008,
    }
    assert "WorkspaceBillingRates" in fake.trace
