"""Jobs on this machine through the commands that a program calls, whatever dies and when."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
import yaml

from core import jobs
from core.errors import UserError
from core.rental_settings import RentalOptions
from core.run import FREE, RUNS_FILE

ROOT = Path(__file__).parents[1]
PROVIDER = ROOT / "templates/providers/local"
CORE = ROOT / "templates/project/ml"
LOCAL = build_opener(ProxyHandler({}))

pytestmark = pytest.mark.slow

TRAIN = '''
"""Stands in for a training: short steps, a run that can go on, an artifact."""
import sys, time
from pathlib import Path
from pydantic import BaseModel
from core.artifact import write_manifest
from core.command import Task, run_training
from core.errors import DataError, DataProblem
from core.settings import RunSettings

class Config(RunSettings):
    data: str = "data.csv"
    steps: int = 3

class Text(BaseModel):
    text: str

def load(config, findings):
    if not Path(config.data).exists():
        raise DataError(DataProblem(config.data, "no such file."), DataProblem("b.csv", "neither."))

def train(config, run):
    load(config, None)
    run.start("0")
    for step in range(len(run.events("step")), config.steps):
        run.event("step", step=step)
        print("step", step)
        time.sleep(0.05)
        run.stop_if_asked()
    (run.folder / "weights").mkdir()
    (run.folder / "weights/model.bin").write_bytes(b"weights" * 20_000)
    write_manifest(run, "task", "fake", (Text, Text), metrics={})
    return run.folder

sys.exit(run_training(Task(
    "task", "Task", "fake", ["text"], "accuracy", Config, Text, Text, load, train
)))
'''
SERVE = '''
"""Stands in for a server: it says hello until SIGTERM."""
import signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Hello).serve_forever()
'''


class Cloud:
    """`python cloud.py …` in a model's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "cloud.py", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(CORE), str(self.folder.parent)])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, code: int = 0) -> str:
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=100)
        assert process.returncode == code, out + err
        assert "Traceback" not in err
        return (out + err).strip()

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments))

    def state(self, name: str) -> str:
        state: str = self.json("status", name)["state"]
        return state

    def watch(self, name: str, after: int = 0) -> tuple[list[tuple[int, Any]], dict[str, Any]]:
        """Line and event of each event, and the status at the end."""
        *events, last = map(json.loads, self("watch", name, "--after", str(after)).splitlines())
        status: dict[str, Any] = last["status"]
        return [(entry["line"], entry["event"]) for entry in events], status

    def attempt(self, name: str, number: int = 1) -> dict[str, Any]:
        path = self.folder / "jobs" / name / "attempts" / str(number) / "attempt.json"
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return facts

    def attempts(self, name: str) -> list[str]:
        return sorted(os.listdir(self.folder / "jobs" / name / "attempts"))

    def events_file(self, name: str, number: int = 0) -> Path:
        runs = (self.folder / "jobs" / name / "runs.txt").read_text("utf-8").splitlines()
        return self.folder / list(dict.fromkeys(runs))[number] / "events.jsonl"

    def wait_for_step(self, name: str) -> None:
        step = '"event": "step"'
        while not any(
            step in p.read_text() for p in self.folder.glob(f"jobs/{name}/runs/*/*.jsonl")
        ):
            time.sleep(0.01)

    def kill(self, name: str, number: int = 1) -> None:
        """kill -9 of the process that trains or serves."""
        pid = self.attempt(name, number)["pid"]
        os.kill(pid, signal.SIGKILL)
        while self.state(name) == "running":
            time.sleep(0.01)

    def launch_and_kill(self, name: str, steps: int = 20) -> None:
        self("launch", "--name", name, "--", "--steps", str(steps))
        self.wait_for_step(name)
        self.kill(name)
        assert self.state(name) == "lost"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    folder = tmp_path / "model"
    folder.mkdir()
    shutil.copy(PROVIDER / "cloud.py", folder)
    (folder / "train.py").write_text(TRAIN)
    (folder / "serve.py").write_text(SERVE)
    (folder / "data.csv").touch()
    cloud = Cloud(folder)
    yield cloud
    if any(not (attempt / "ended.json").exists() for attempt in folder.glob("jobs/*/attempts/*")):
        cloud("reap")


def steps(events: list[tuple[int, Any]]) -> list[int]:
    return [event["step"] for _, event in events if event["event"] == "step"]


def lines(events: list[tuple[int, Any]]) -> list[int]:
    return [line for line, _ in events]


def test_a_launched_training_is_watched_to_its_end(cloud: Cloud) -> None:
    assert cloud("launch", "--name", "trades-1") == "trades-1"
    events, status = cloud.watch("trades-1")
    assert [event["event"] for _, event in events] == ["started", *["step"] * 3, "finished"]
    assert lines(events) == [1, 2, 3, 4, 5]
    assert status == cloud.json("status", "trades-1")
    assert status == {
        "id": "trades-1",
        "kind": "train",
        "state": "finished",
        "exit_code": 0,
        "reason": None,
        "url": None,
        "cost_usd": 0.0,
    }
    assert lines(cloud.watch("trades-1", after=3)[0]) == [4, 5]
    log = cloud("logs", "trades-1")
    assert log.startswith("step 0") and "jobs/trades-1/runs" in log
    assert cloud("logs", "trades-1", "--after", "7").startswith("step 1")


def test_a_finished_job_is_not_started_again(cloud: Cloud) -> None:
    cloud("launch", "--name", "a")
    cloud.watch("a")
    cloud("launch", "--name", "a")
    assert cloud.attempts("a") == ["1"]


def test_without_a_name_each_launch_is_a_job_that_writes_to_runs(cloud: Cloud) -> None:
    names = [cloud("launch"), cloud("launch")]
    for name in names:
        assert steps(cloud.watch(name)[0]) == [0, 1, 2]
    assert cloud.json("jobs") == names
    assert len(list((cloud.folder / "runs").glob("*/manifest.json"))) == 2


def test_an_output_that_is_named_is_used(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--output=elsewhere")
    assert cloud.watch("a")[1]["state"] == "finished"
    assert list(cloud.folder.glob("elsewhere/*/manifest.json"))


@pytest.mark.parametrize("name", ["A", "a b", "../a", "", "-a", "a.b", "é", "a" * 101, "a\n"])
def test_a_bad_name_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="lower-case letters, digits and dashes"):
        jobs.Job.create(name, "train")
    assert not os.listdir()


def test_a_refusal_is_one_sentence(cloud: Cloud) -> None:
    assert len(cloud("launch", "--name", "A", code=2).splitlines()) == 1
    assert "there are: none" in cloud("status", "x", code=2)


def test_launches_at_once_start_one_process(cloud: Cloud) -> None:
    processes = [cloud.begin("launch", "--name", "a", "--", "--steps", "20") for _ in range(4)]
    assert [process.communicate()[0].strip() for process in processes] == ["a"] * 4
    events, status = cloud.watch("a")
    assert steps(events) == [*range(20)]
    assert status["state"] == "finished"
    assert cloud.attempts("a") == ["1"]
    assert sorted(os.listdir(cloud.folder / "jobs")) == ["a"]


def test_a_failure_says_why_and_can_be_launched_again(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--data", "nowhere.csv")
    events, status = cloud.watch("a")
    assert events == []
    assert (status["state"], status["exit_code"]) == ("failed", 3)
    assert status["reason"] == "nowhere.csv: no such file."
    cloud("launch", "--name", "a", "--", "--data", "data.csv")
    events, status = cloud.watch("a")
    assert (status["state"], status["reason"]) == ("finished", None)
    assert lines(events) == [1, 2, 3, 4, 5]


def test_a_killed_training_goes_on_as_it_was(cloud: Cloud) -> None:
    cloud.launch_and_kill("a", steps=20)
    before = lines(cloud.watch("a")[0])
    options = ["--steps", "5", "--price-per-hour", "3600"]
    cloud("launch", "--name", "a", "--", *options)
    events, status = cloud.watch("a")
    assert status["state"] == "finished"
    assert steps(events) == [*range(20)]
    assert lines(events) == [*range(1, len(events) + 1)]
    assert lines(cloud.watch("a", after=before[-1])[0]) == lines(events)[len(before) :]
    assert [event["event"] for _, event in events].count("resumed") == 1
    assert status["cost_usd"] == events[-1][1]["cost_usd"] > 0.1


def test_launches_at_once_after_a_kill_start_one_process(cloud: Cloud) -> None:
    cloud.launch_and_kill("a", steps=12)
    for process in [cloud.begin("launch", "--name", "a") for _ in range(3)]:
        assert process.wait() == 0
    assert steps(cloud.watch("a")[0]) == [*range(12)]
    assert cloud.attempts("a") == ["1", "2"]


def test_half_a_line_is_passed_over_and_moves_no_other(cloud: Cloud) -> None:
    cloud.launch_and_kill("a", steps=10)
    known = cloud.watch("a")[0]
    with cloud.events_file("a").open("ab") as file:
        file.write(b'{"event": "step", "metrics": {"loss": 1}')
    assert cloud.watch("a")[0] == known
    cloud("launch", "--name", "a")
    events, _ = cloud.watch("a")
    half = len(known) + 1
    assert events[: len(known)] == known
    assert lines(events) == [n for n in range(1, len(events) + 2) if n != half]
    assert steps(events) == [*range(10)]


def test_numbers_go_on_where_a_run_has_to_start_anew(cloud: Cloud) -> None:
    cloud.launch_and_kill("a", steps=10)
    known = cloud.watch("a")[0]
    shutil.rmtree(cloud.events_file("a").parent / "checkpoints")
    cloud("launch", "--name", "a", "--", "--steps", "2")
    events, status = cloud.watch("a")
    assert events[: len(known)] == known
    assert lines(events) == [*range(1, len(events) + 1)]
    assert steps(events[len(known) :]) == [0, 1]
    assert status["state"] == "finished"


def test_what_a_job_has_cost_never_starts_anew(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--steps", "6", "--price-per-hour", "3600")
    cloud.wait_for_step("a")
    cloud.kill("a")
    shutil.rmtree(cloud.events_file("a").parent / "checkpoints")
    cloud("launch", "--name", "a")
    costs = [event["cost_usd"] for _, event in cloud.watch("a")[0]]
    assert costs == sorted(costs)


def test_a_launch_that_dies_before_its_process_began_leaves_a_lost_job(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cloud.folder)
    jobs.Job.create("a", "train")
    Path("jobs/.a-123").mkdir()  # what a kill leaves of a folder that was to appear
    assert cloud.json("status", "a")["state"] == "lost"
    assert cloud.watch("a")[0] == []
    cloud("launch", "--name", "a")
    assert cloud.watch("a")[1]["state"] == "finished"
    assert cloud.json("jobs") == ["a"]


def test_a_process_that_died_after_its_artifact_was_whole_has_finished(cloud: Cloud) -> None:
    cloud("launch", "--name", "a")
    cloud.watch("a")
    (cloud.folder / "jobs/a/attempts/1/ended.json").unlink()
    assert cloud.state("a") == "finished"


def test_a_number_that_another_process_got_is_not_the_job(cloud: Cloud) -> None:
    cloud.launch_and_kill("a")
    path = cloud.folder / "jobs/a/attempts/1/attempt.json"
    path.write_text(json.dumps(cloud.attempt("a") | {"pid": os.getpid()}))
    assert cloud.state("a") == "lost"
    assert cloud.json("cancel", "a")["state"] == "lost"


def test_a_cancelled_training_keeps_a_checkpoint_and_goes_on(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--steps", "15")
    cloud.wait_for_step("a")
    both = [cloud.begin("cancel", "a") for _ in range(2)]
    for status in (json.loads(process.communicate()[0]) for process in both):
        assert (status["state"], status["exit_code"]) == ("stopped", 143)
    assert cloud.json("cancel", "a")["state"] == "stopped"
    assert "Go on with" in cloud("logs", "a")
    cloud("launch", "--name", "a")
    assert steps(cloud.watch("a")[0]) == [*range(15)]


def test_a_deployment_answers_until_it_is_cancelled(cloud: Cloud) -> None:
    for attempt in ("1", "2"):
        cloud("deploy", "--name", "server")
        status = cloud.json("status", "server")
        assert (status["kind"], status["state"]) == ("serve", "running")
        assert ask(status["url"]) == b"hello"
        cloud("deploy", "--name", "server")
        assert cloud.attempts("server")[-1] == attempt
        status = cloud.json("cancel", "server")
        assert (status["state"], status["url"]) == ("stopped", None)
    assert "runs serve.py" in cloud("launch", "--name", "server", code=2)


def test_suspend_ends_all_that_runs_and_keeps_it(cloud: Cloud) -> None:
    cloud("launch", "--name", "done")
    cloud.watch("done")
    cloud("launch", "--name", "a", "--", "--steps", "1000")
    cloud("deploy", "--name", "b")
    cloud.wait_for_step("a")
    assert cloud.json("suspend") == ["a", "b"]
    assert [cloud.state(name) for name in ("a", "b", "done")] == ["stopped", "stopped", "finished"]
    assert cloud.json("suspend") == cloud.json("reap") == []


def test_a_watch_whose_reader_leaves_ends(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--steps", "1000")
    watch = cloud.begin("watch", "a")
    assert watch.stdout and watch.stderr
    assert json.loads(watch.stdout.readline())["line"] == 1
    watch.stdout.close()
    assert watch.wait(timeout=10) == 1
    assert watch.stderr.read() == ""


def test_a_fetched_artifact_is_whole(cloud: Cloud) -> None:
    cloud("launch", "--name", "a")
    cloud.watch("a")
    target = cloud.folder / "models" / "a"
    assert "create it first" in cloud("fetch", "a", str(target), code=2)
    target.parent.mkdir()
    (cloud.events_file("a").parent / "checkpoints").mkdir()
    assert cloud("fetch", "a", str(target)) == str(target)
    names = {path.relative_to(target).as_posix() for path in target.rglob("*")}
    assert names == {"config.json", "events.jsonl", "manifest.json", "weights", "weights/model.bin"}
    assert "is there already" in cloud("fetch", "a", str(target), code=2)
    assert os.listdir(target.parent) == ["a"]


def test_what_is_unfinished_or_damaged_is_not_fetched(cloud: Cloud) -> None:
    cloud("launch", "--name", "a", "--", "--steps", "30")
    cloud.wait_for_step("a")
    assert "its state is running" in cloud("fetch", "a", "copy", code=6)
    cloud.watch("a")
    (cloud.events_file("a").parent / "weights/model.bin").write_bytes(b"other")
    refusal = cloud("fetch", "a", "copy", code=6)
    assert "model.bin is not what was trained" in refusal
    assert len(refusal.splitlines()) == 1
    assert not [name for name in os.listdir(cloud.folder) if "copy" in name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_gets_nothing(cloud: Cloud, small_disk: Path) -> None:
    cloud("launch", "--name", "a")
    cloud.watch("a")
    refusal = cloud("fetch", "a", str(small_disk / "copy"), code=2)
    assert refusal == f"error: {small_disk / 'copy'} cannot be written: No space left on device."
    assert os.listdir(small_disk) == []


def test_describe_adds_the_provider_to_what_the_model_says(cloud: Cloud) -> None:
    facts = cloud.json("describe")
    assert facts["provider"] == yaml.safe_load((PROVIDER / "provider.yaml").read_text())["name"]
    assert facts["algorithm"] == "fake"
    assert facts["settings"]["properties"]["steps"]["default"] == 3


def test_jobs_and_runs_agree() -> None:
    options = {"--" + name.replace("_", "-") for name in FREE}
    assert {*jobs.MAY_DIFFER, "--output", "--resume"} == options
    of_machines = {"--" + name.replace("_", "-") for name in RentalOptions.model_fields}
    assert {*jobs.MAY_DIFFER_ELSEWHERE, "--cloud"} == of_machines
    assert RUNS_FILE in Path(jobs.__file__).read_text()


def test_every_command_is_in_the_contract(cloud: Cloud) -> None:
    page = (ROOT / "docs/adding-a-provider.md").read_text("utf-8")
    commands = re.findall(r"(?m)^    ([a-z]+)", cloud("--help"))
    assert re.findall(r"(?m)^\| `([a-z]+)(?: [^`]*)?` \|", page) == commands


def ask(url: str, body: Any = None) -> bytes:
    """The answer of a server that may still be starting."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"})
    for _ in range(300):
        try:
            answer: bytes = LOCAL.open(request, timeout=10).read()
            return answer
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_a_real_model_is_trained_killed_trained_fetched_and_served(
    render: Callable[..., Path], tmp_path: Path
) -> None:
    project = render(task="text-classification", algorithm="linear")
    folder = tmp_path / "ml" / "trade_classifier"
    shutil.copytree(project / "ml", folder.parent)
    cloud = Cloud(folder)
    cloud("launch", "--name", "a")
    while not (folder / "jobs/a/runs.txt").exists():
        time.sleep(0.005)
    cloud.kill("a")
    cloud("launch", "--name", "a")
    events, status = cloud.watch("a")
    assert status["state"] == "finished"
    assert lines(events) == [*range(1, len(events) + 1)]
    assert "report.html" in cloud("logs", "a")
    cloud("fetch", "a", "artifact")
    cloud("deploy", "--name", "b", "--", "--artifact", "artifact")
    url = cloud.json("status", "b")["url"]
    answer = json.loads(ask(f"{url}/predict", {"text": "Bend conduit."}))
    assert answer["label"] in json.loads((folder / "artifact/manifest.json").read_text())["labels"]
    assert cloud.json("cancel", "b")["state"] == "stopped"
    assert cloud.json("describe")["algorithm"] == "linear"
