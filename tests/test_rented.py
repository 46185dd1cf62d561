"""Trainings on rented machines: what is rented is used, brought home and given back, whatever happens."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.artifact import changed_files, environment, read_manifest
from core.command import Task, run_training
from core.errors import ProviderError
from core.machines import Machines
from core.rental_settings import extend
from core.rentals import Rentals
from core.rented_server import RentedServer
from core.rented_training import RentedTraining
from tests.destinations.supabase import KEY as SUPABASE_KEY
from tests.destinations.supabase import FakeSupabase
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY, Answer, Cloud
from tests.rented.launcher import TASK, launch
from tests.rented.machine import STEPS
from tests.rented.providers import CLOUDS, make_machines

HOUR = 3600.0
# Worked out once for all these trainings, as they are alike.
SETTINGS = cache(extend)
ENVIRONMENT = cache(environment)
FAILURES = {
    "500": Answer(500),
    "503": Answer(503),
    "truncated": Answer(200, raw=b'{"da'),
    "broken": Answer(200, breaks=True),
}


class Laptop:
    """A model's folder, and `python train.py --cloud` in it."""

    def __init__(self, provider: str, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        self.provider = provider
        self.cloud = cloud
        self._capsys = capsys
        self.said = self.out = ""

    def train(
        self,
        *options: str,
        key: str = KEY,
        around: Any = lambda shell: shell,
        task: Task[Any] = TASK,
    ) -> int:
        code = launch(
            self.provider,
            self.cloud.url,
            self.cloud.root,
            self.cloud.clock,
            [*options],
            around,
            key,
            task,
        )
        printed = self._capsys.readouterr()
        self.said, self.out = printed.err.strip(), printed.out
        assert not self.cloud.failures
        return code

    @property
    def run(self) -> Path:
        (run,) = Path("runs").iterdir()
        return run

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.run / "events.jsonl").read_text().splitlines()]

    def steps(self) -> list[int]:
        return [event["step"] for event in self.events() if event["event"] == "step"]

    def rentals(self) -> Rentals:
        machines = make_machines(self.provider, KEY, self.cloud.url, self.cloud.clock)
        return Rentals(machines, clock=self.cloud.clock)


def marks(provider: str) -> list[pytest.MarkDecorator]:
    """One provider is fast enough; what is special to each is tested by its answers."""
    return [] if provider == next(iter(CLOUDS)) else [pytest.mark.slow]


@pytest.fixture(params=[pytest.param(name, marks=marks(name)) for name in CLOUDS])
def laptop(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Laptop]:
    model = tmp_path / "ml" / "trade_classifier"
    (model / "data").mkdir(parents=True)
    (model / "train.py").write_text("# trains\n")
    (model / "requirements.txt").write_text("psutil\n")
    (model / "data.csv").write_text("text,label\n")
    (tmp_path / "outside.csv").write_text("text,label\na,b\n")
    monkeypatch.chdir(model)
    # What a real training sends a hundred files of: here nothing imports them.
    (tmp_path / "core").mkdir()
    (tmp_path / "core/__init__.py").touch()
    monkeypatch.setattr("core.parcel.core", SimpleNamespace(__file__=tmp_path / "core/__init__.py"))
    monkeypatch.setattr("core.rented_training.extend", SETTINGS)
    monkeypatch.setattr("core.artifact.environment", ENVIRONMENT)
    monkeypatch.setattr("tests.rented.machine.STEP", 20.0)  # seconds: most trainings are short
    cloud = CLOUDS[request.param](tmp_path / "machines", VirtualClock())
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Laptop(request.param, cloud, capsys)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    cloud.close()


def each_step(*but: str) -> pytest.MarkDecorator:
    """For every request that a rental takes, at each provider."""
    pairs = [
        pytest.param(name, step, marks=marks(name))
        for name, cloud in CLOUDS.items()
        for step in cloud.steps
        if step not in but
    ]
    return pytest.mark.parametrize(("laptop", "step"), pairs, indirect=["laptop"])


def is_clean(laptop: Laptop) -> bool:
    """Nothing is rented, and no key or note of a rental is left."""
    left = [*Path("runs").glob("*/rental.json"), *Path("runs").glob("*/.rental")]
    return not laptop.cloud.live and not left


def test_a_training_comes_home_whole_and_its_machine_is_given_back(laptop: Laptop) -> None:
    assert laptop.train("--epochs", "4") == 0, laptop.said
    manifest = read_manifest(laptop.run)
    assert not changed_files(laptop.run, manifest["files"])
    assert laptop.steps() == [*range(STEPS)]
    assert is_clean(laptop)
    assert laptop.cloud.billed_seconds() < 20 * 60
    kinds = [event["event"] for event in laptop.events()]
    assert kinds[:2] == ["rented", "sent"]
    assert kinds[-2:] == ["finished", "returned"]


def test_events_tell_what_has_been_paid(laptop: Laptop) -> None:
    laptop.train()
    costs = [event["cost_usd"] for event in laptop.events()]
    assert costs == sorted(costs)
    (machine,) = laptop.cloud.machines.values()
    billed = laptop.cloud.billed_seconds() / 3600 * machine.usd_per_hour
    assert costs[-1] == pytest.approx(billed, rel=0.05)


def test_the_cheapest_that_is_free_is_rented(laptop: Laptop) -> None:
    laptop.train()
    (machine,) = laptop.cloud.machines.values()
    assert machine.usd_per_hour == min(o.usd_per_hour for o in laptop.rentals()._machines.offers())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--gpu", "H1000"), "--gpu H1000: "),
        (("--max-hourly", "0.1"), "raise --max-hourly 0.1."),
        (("--max-cost", "0.1"), "--max-cost 0.1 has to pay for 30 minutes of it at the least"),
        (("--data", "nothing.csv", "--max-cost", "-1"), "--max-cost -1"),
    ],
)
def test_a_refused_launch_rents_and_writes_nothing(
    laptop: Laptop, options: tuple[str, ...], sentence: str
) -> None:
    assert laptop.train(*options) == 2
    assert sentence in laptop.said
    assert "\n" not in laptop.said
    assert not laptop.cloud.machines
    assert not Path("runs").exists() or not os.listdir("runs")


def test_a_server_that_cannot_be_rented_leaves_nothing(laptop: Laptop) -> None:
    def machines() -> Machines:
        return make_machines(laptop.provider, KEY, laptop.cloud.url, laptop.cloud.clock)

    laptop.cloud.fail("rent", laptop.cloud.refuse(403, "Not you."))
    settings = SimpleNamespace(
        artifact=Path("a"), gpu=laptop.cloud.gpu, max_cost=5, max_hourly=None
    )
    with pytest.raises(ProviderError):
        RentedServer(machines, clock=laptop.cloud.clock).serve(settings)
    assert not os.listdir("rented")
    assert not laptop.cloud.machines


def test_limits_of_a_machine_are_for_a_rented_one(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run_training(TASK, ["--max-cost", "2"], elsewhere=RentedTraining(pytest.fail, "lambda"))
        == 2
    )
    said = capsys.readouterr().err
    assert said == "error: --max-cost 2: it is for a rented machine, add --cloud.\n"


def test_data_outside_of_the_model_is_where_it_is_looked_for(laptop: Laptop) -> None:
    assert laptop.train("--data", "../../outside.csv") == 0, laptop.said


def test_the_same_files_make_the_same_parcel(laptop: Laptop) -> None:
    sent: list[str] = []

    class Shell:
        def __init__(self, shell: Any) -> None:
            self._shell = shell
            self.read, self.ask = shell.read, shell.ask

        def send(self, source: Any, *command: str) -> None:
            sent.append(command[2])
            self._shell.send(source, *command)

    laptop.train(around=Shell)
    first, sent[:] = [*sent], []
    os.utime("data.csv", (1, 1))
    laptop.train("--output", "others", around=Shell)
    assert sent == first != []


def test_what_is_left_is_shown_and_ended_by_name(laptop: Laptop) -> None:
    other = laptop.cloud.add("somebody-elses", laptop.cloud.gpu, 1.0, {"a": ""})
    mine = laptop.cloud.add("ml-trade-classifier-0badcafe", laptop.cloud.gpu, 1.0, {"a": ""})
    rentals = laptop.rentals()
    assert [rental["name"] for rental in rentals.rentals()] == [mine.name]
    rentals.end(mine.name)
    assert laptop.cloud.live == [other]


def stop_at(step: int, number: int) -> Callable[[Any], Any]:
    """A signal comes while a step is waited for."""

    class Shell:
        def __init__(self, shell: Any) -> None:
            self._shell = shell
            self.read, self.send = shell.read, shell.send

        def ask(self, *command: str, given: object = None) -> Any:
            answer = self._shell.ask(*command, given=given)
            if command == ("state",) and answer["log"] and step in steps_of(self._shell):
                os.kill(os.getpid(), number)
            return answer

    return Shell


def steps_of(shell: Any) -> list[int]:
    log = b"".join(shell.read("read_log", "0")).decode()
    return [int(line.split()[1]) for line in log.splitlines() if line.startswith("step")]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_cancelled_training_brings_its_checkpoint_and_goes_on(
    laptop: Laptop, number: int, code: int
) -> None:
    assert laptop.train(around=stop_at(3, number)) == code
    assert "python train.py --resume --cloud" in laptop.said
    assert is_clean(laptop)
    assert (laptop.run / "checkpoints/state.json").exists()
    assert laptop.train("--resume") == 0, laptop.said
    assert laptop.steps() == [*range(STEPS)]
    assert read_manifest(laptop.run)  # which lists nothing of the rental
    costs = [event["cost_usd"] for event in laptop.events()]
    assert costs == sorted(costs)
    assert is_clean(laptop)


def test_a_machine_that_dies_leaves_the_last_checkpoint(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.rented.machine.STEP", 60.0)  # longer than until a checkpoint comes

    def die(now: float) -> None:
        for machine in laptop.cloud.live:
            if now > machine.since + machine.boots + 400:
                laptop.cloud.end(machine)

    laptop.cloud.clock.listeners.append(die)
    assert laptop.train() == 7
    assert "go on from the last checkpoint with python train.py --resume --cloud" in laptop.said
    assert is_clean(laptop)
    laptop.cloud.clock.listeners.remove(die)
    assert laptop.train("--resume") == 0, laptop.said
    assert sorted(set(laptop.steps())) == [*range(STEPS)]


def test_a_machine_that_never_boots_is_given_back(laptop: Laptop) -> None:
    laptop.cloud.is_hung = True
    assert laptop.train() == 7
    assert "could not be used within 20 minutes" in laptop.said
    assert is_clean(laptop)
    assert laptop.cloud.billed_seconds() < 25 * 60


def test_a_training_that_fails_says_so_with_its_code(laptop: Laptop) -> None:
    def fail(now: float) -> None:
        for machine in laptop.cloud.live:
            machine.node.exit_code = 3

    laptop.cloud.clock.listeners.insert(0, fail)
    assert laptop.train() == 3
    assert is_clean(laptop)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"error": "x"}, acts=True),
        Answer(200, raw=b'{"data": {"inst', acts=True),
        Answer(200, breaks=True, acts=True),
    ],
    ids=["500", "truncated", "broken"],
)
def test_an_unclear_order_is_found_by_its_name(laptop: Laptop, answer: Answer) -> None:
    laptop.cloud.fail("rent", answer)
    assert laptop.train() == 0, laptop.said
    assert len(laptop.cloud.machines) == 1
    assert is_clean(laptop)


def check_refusal(laptop: Laptop, step: str, status: int) -> None:
    refusal = laptop.cloud.refuse(status, f"Not you, {KEY}.\nNor you.")
    laptop.cloud.fail(step, *[refusal] * 100)
    assert laptop.train() == 7
    assert f"{laptop.cloud.title} says: Not you, " in laptop.said
    assert "\n" not in laptop.said
    assert KEY not in laptop.said
    assert is_clean(laptop)
    assert not laptop.cloud.machines
    assert not os.listdir("runs") if Path("runs").exists() else True


def test_a_wrong_key_is_one_sentence_that_names_its_variable(laptop: Laptop) -> None:
    check_refusal(laptop, "offers", 401)
    assert f"is {laptop.cloud.key_name} the key of an account?" in laptop.said


@pytest.mark.slow
@each_step("live", "end")
@pytest.mark.parametrize("status", [401, 403, 404, 409, 422])
def test_a_refusal_is_one_sentence_and_leaves_nothing(
    laptop: Laptop, step: str, status: int
) -> None:
    check_refusal(laptop, step, status)


def test_what_is_taken_meanwhile_makes_way_for_the_next(laptop: Laptop) -> None:
    answer = laptop.cloud.answer

    def sell_out_first(method: str, path: str, body: Any) -> Answer:
        if method == "POST":
            laptop.cloud.sell_out(laptop.cloud.gpu)
        return answer(method, path, body)

    laptop.cloud.answer = sell_out_first  # type: ignore[method-assign]
    assert laptop.train() == 0, laptop.said
    (machine,) = laptop.cloud.machines.values()
    assert machine.kind == laptop.cloud.other


def wait_out(laptop: Laptop, step: str) -> None:
    busy = laptop.cloud.refuse(429, "Slow down.")
    busy.headers["Retry-After"] = "40"
    laptop.cloud.fail(step, busy, busy)
    before = laptop.cloud.clock.time()
    assert laptop.train() == 0, laptop.said
    assert laptop.cloud.clock.time() - before > 80
    assert is_clean(laptop)


def test_too_many_requests_are_waited_for(laptop: Laptop) -> None:
    wait_out(laptop, "rent")


@pytest.mark.slow
@each_step("rent")
def test_too_many_requests_are_waited_for_everywhere(laptop: Laptop, step: str) -> None:
    wait_out(laptop, step)


def outlast(laptop: Laptop, step: str, answer: Answer) -> None:
    laptop.cloud.fail(step, answer, answer)
    assert laptop.train() == 0, laptop.said
    assert is_clean(laptop)


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_a_passing_failure_is_outlasted(laptop: Laptop, answer: Answer) -> None:
    outlast(laptop, "live", answer)


@pytest.mark.slow
@each_step("rent", "live")
@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_a_passing_failure_is_outlasted_everywhere(
    laptop: Laptop, step: str, answer: Answer
) -> None:
    outlast(laptop, step, answer)


def test_a_provider_that_cannot_end_a_machine_is_said_and_the_guard_ends_it(laptop: Laptop) -> None:
    laptop.cloud.fail("end", *[Answer(500)] * 400)
    assert laptop.train("--max-cost", "2") == 7
    assert "may still cost" in laptop.said
    assert "python cloud.py reap" in laptop.said
    laptop.cloud.faults.clear()
    laptop.cloud.clock.sleep(2 * HOUR)
    assert not laptop.cloud.live


def test_nothing_free_says_what_is(laptop: Laptop) -> None:
    gpu, other = laptop.cloud.gpu, laptop.cloud.other
    laptop.cloud.sell_out(gpu)
    assert laptop.train("--gpu", gpu) == 7
    assert f"has no {gpu} free in any region right now" in laptop.said
    assert other in laptop.said
    assert not laptop.cloud.machines


def test_an_idle_gpu_ends_its_machine(laptop: Laptop) -> None:
    def idle(now: float) -> None:
        for machine in laptop.cloud.live:
            machine.node.is_gpu_idle = True

    laptop.cloud.clock.listeners.insert(0, idle)
    assert laptop.train() == 7
    assert is_clean(laptop)


@pytest.fixture
def supabase(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSupabase]:
    fake = FakeSupabase()
    monkeypatch.setenv("SUPABASE_URL", fake.url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", SUPABASE_KEY)
    yield fake
    fake.close()


def set_machines(laptop: Laptop, **facts: Any) -> None:
    """What becomes of a training on them."""

    def tell(now: float) -> None:
        for machine in laptop.cloud.live:
            vars(machine.node).update(facts)

    laptop.cloud.clock.listeners.insert(0, tell)


def test_where_nothing_can_be_pushed_nothing_is_rented(
    laptop: Laptop, supabase: FakeSupabase
) -> None:
    assert laptop.train("--push", "supabase://nowhere") == 2
    assert "There is no bucket nowhere" in laptop.said
    assert not laptop.cloud.machines
    assert not Path("runs").exists()


def test_a_machine_gets_what_it_takes_to_push(laptop: Laptop, supabase: FakeSupabase) -> None:
    orders: list[dict[str, Any]] = []

    class Shell:
        def __init__(self, shell: Any) -> None:
            self._shell = shell
            self.read, self.send = shell.read, shell.send

        def ask(self, *command: str, given: Any = None) -> Any:
            orders.extend([given] if command[0] == "start" else [])
            return self._shell.ask(*command, given=given)

    set_machines(laptop, pushes=20.0)
    assert laptop.train("--push", "supabase://models", around=Shell) == 0, laptop.said
    assert laptop.events()[-2]["event"] == "pushed"
    ((order,),) = [orders]
    assert order["environment"]["SUPABASE_SECRET_KEY"] == SUPABASE_KEY
    assert "-r requirements.txt -r requirements-push.txt" in order["command"]
    assert "--push=supabase://models" in order["command"]
    assert SUPABASE_KEY not in order["command"]
    assert is_clean(laptop)


def test_an_artifact_that_was_not_pushed_comes_home(laptop: Laptop, supabase: FakeSupabase) -> None:
    set_machines(laptop, exit_code=8, pushes=20.0)
    assert laptop.train("--push", "supabase://models") == 8
    assert f"{laptop.run} is complete, but was not pushed" in laptop.said
    assert f"python cloud.py push {laptop.run}" in laptop.said
    assert not changed_files(laptop.run, read_manifest(laptop.run)["files"])
    assert is_clean(laptop)


@pytest.mark.slow
def test_an_artifact_is_here_before_its_machine_dies_while_it_pushes(
    laptop: Laptop, supabase: FakeSupabase
) -> None:
    set_machines(laptop, pushes=1e9)

    def die(now: float) -> None:
        for machine in laptop.cloud.live:
            if any(machine.node.work.rglob("manifest.json")) and now > machine.since + 1800:
                laptop.cloud.end(machine)

    laptop.cloud.clock.listeners.append(die)
    assert laptop.train("--push", "supabase://models") == 8
    assert "is complete, but was not pushed" in laptop.said
    assert read_manifest(laptop.run)
    assert is_clean(laptop)


@pytest.mark.slow
def test_who_interrupts_a_push_has_the_artifact(laptop: Laptop, supabase: FakeSupabase) -> None:
    set_machines(laptop, pushes=1e9)

    class Shell:
        def __init__(self, shell: Any) -> None:
            self._shell = shell
            self.read, self.send = shell.read, shell.send

        def ask(self, *command: str, given: Any = None) -> Any:
            answer = self._shell.ask(*command, given=given)
            if command[0] == "versions" and "manifest.json" in answer:
                os.kill(os.getpid(), signal.SIGTERM)
            return answer

    assert laptop.train("--push", "supabase://models", around=Shell) == 8
    assert read_manifest(laptop.run)
    assert is_clean(laptop)


def test_no_key_is_written_or_said(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "canary-hf")
    laptop.train()
    written = [path.read_bytes() for path in Path().rglob("*") if path.is_file()]
    assert not any(
        canary in content for content in written for canary in (KEY.encode(), b"canary-hf")
    )
