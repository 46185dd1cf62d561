"""`ml-training prices`: the table, today's prices from the providers, and what is said when they don't come."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.price_catalog import PACKAGED, age_warnings, read_prices
from ml_training.price_answers import Odd, check_prices, lambda_prices, modal_prices, runpod_prices
from tests.conftest import Run
from tests.rented.contract import Contract
from tests.rented.examples import values

SLOW = {"copier", "jinja2", "pydantic", "torch", "numpy", "ml_training.price_sources"}
KEY = "canary-key-0123456789"
TODAY = date.today()
# The example of each document, and the rates of Modal as 1.6.4 prints them: strings, USD per hour.
LAMBDA = {
    "gpu_8x_example": {
        "instance_type": {
            "name": "gpu_8x_example",
            "description": "8x A100 (40 GB SXM4)",
            "gpu_description": "A100 (40 GB SXM4)",
            "price_cents_per_hour": 1592,
            "specs": {"vcpus": 124, "memory_gib": 1800, "storage_gib": 6144, "gpus": 8},
        },
        "regions_with_capacity_available": [{"name": "us-west-1", "description": "California"}],
    }
}
RUNPOD = {
    "id": "NVIDIA GeForce RTX 4090",
    "name": "RTX 4090",
    "pool": "ADA_24",
    "manufacturer": "NVIDIA",
    "memory": 24,
    "secure": True,
    "community": True,
    "price": {"secure": 0.44, "community": 0.31, "serverless": 1.1},
    "maxCount": {"secure": 8, "community": 4},
}
MODAL = {
    "cpu_hour_cost": "0.04730",
    "cpu_hour_cost_sandbox": "0.141900",
    "gpu_hour_cost_a100_40gb": "2.10000",
    "gpu_hour_cost_a10g": "1.10000",
    "gpu_hour_cost_b300": "7.10000",
    "gpu_hour_cost_rtx6000": "3.03000",
    "gpu_hour_cost_t4": "0.59000",
    "mem_gib_hour_cost": "0.00800",
    "volume_storage_gib_month_cost": "0.09000",
}


@dataclass
class Provider:
    """Answers on 127.0.0.1 with what a test says, and keeps what it was asked."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, body: Any, **headers: str) -> None:
        self.status, self.headers = status, {k.replace("_", "-"): v for k, v in headers.items()}
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    said = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    said.url = f"http://127.0.0.1:{server.server_port}"
    yield said
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own prices: none yet; nor is there a key, or a modal."""
    file = tmp_path / "own" / "prices.csv"
    monkeypatch.setattr("ml_training.price_list.users_file", lambda: file)
    for name in ("LAMBDA_API_KEY", "RUNPOD_API_KEY", "LAMBDA_API_URL", "RUNPOD_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return file


@pytest.fixture
def at(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name in ("LAMBDA", "RUNPOD"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
        monkeypatch.setenv(f"{name}_API_URL", f"{provider.url}/")
    return provider


def put_modal(folder: Path, script: str) -> None:
    """A program called modal, on the PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / "modal"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_the_cheapest_comes_first_with_date_and_source(run: Run) -> None:
    outcome = run("prices")
    head, *lines = outcome.out.splitlines()
    assert head.split()[:3] == ["USD/GPU-hour", "GPUs", "GPU"]
    costs = [float(line.split()[0]) for line in lines if line[0].isdigit()]
    assert costs == sorted(costs)
    assert len(costs) == len(read_prices().gpu_prices())
    assert "modal, 2026-07-01: https://modal.com/pricing" in outcome.out
    assert "modal, on-demand: CPU core 0.04716 USD a core-hour, 0.125 at the least" in outcome.out


def test_filters_and_json(run: Run) -> None:
    found = run("prices", "--provider", "modal", "--gpu", "a100 80gb", "--json").json
    (gpu,) = (price for price in found["prices"] if price["unit"] == "GPU-hour")
    assert (gpu["item"], gpu["usd_per_hour"], gpu["read"]) == ("A100-80GB", 2.4984, "2026-07-01")


def test_prices_that_are_old_are_warned_about(run: Run) -> None:
    outcome = run("prices", "--provider", "modal")
    assert "warning: Prices of modal were read up to" in outcome.err
    assert "ml-training prices refresh --provider modal" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--gpu", "H1000"), "There is no GPU 'H1000': choose H100,"),
        (("--provider", "lamda"), "There is no provider 'lamda': choose lambda,"),
        (("refesh",), "There is no command 'refesh'. Choose one of: refresh"),
        (("refresh", "--provider", "lamda"), "There is no provider 'lamda'. Choose one of: lambda"),
        (("refresh",), "Nobody can be asked: set LAMBDA_API_KEY or RUNPOD_API_KEY, or install"),
        (("refresh", "--provider", "lambda"), "Set LAMBDA_API_KEY to an API key: https://cloud."),
        (("refresh", "--provider", "runpod"), "Set RUNPOD_API_KEY to an API key: https://console."),
        (("refresh", "--provider", "modal"), "Modal's prices come from its command line: pip"),
        (("refresh", "--write", "none.csv"), "none.csv: cannot be read"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    run: Run, own: Path, arguments: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "--write" in arguments:
        monkeypatch.setenv("LAMBDA_API_KEY", KEY)
    outcome = run("prices", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {sentence}")
    assert not own.exists()


def test_lambda_is_asked_for_its_instance_types(run: Run, at: Provider, own: Path) -> None:
    at.says(200, {"data": LAMBDA})
    outcome = run("prices", "refresh", "--provider", "lambda", "--json")
    assert outcome.json == {
        "file": str(own),
        "providers": ["lambda"],
        "prices": 1,
        "read": TODAY.isoformat(),
    }
    assert at.asked == [("/api/v1/instance-types", f"Bearer {KEY}")]
    Contract("lambda").check_answer("GET", "/api/v1/instance-types", 200, {"data": LAMBDA})
    found = run("prices", "--provider", "lambda", "--json").json
    assert [(p["kind"], p["gpus"], p["usd"]) for p in found["prices"]] == [("A100-40GB", 8, 1.99)]
    assert found["warnings"] == []
    assert KEY not in own.read_text("utf-8")


def test_runpod_is_asked_for_its_catalog(run: Run, at: Provider, own: Path) -> None:
    at.says(200, {"gpus": [RUNPOD]})
    assert run("prices", "refresh", "--provider", "runpod").code == 0
    assert at.asked == [("/v2/catalog/gpus", f"Bearer {KEY}")]
    Contract("runpod").check_answer("GET", "/v2/catalog/gpus", 200, {"gpus": [RUNPOD]})
    found = run("prices", "--provider", "runpod", "--gpu", "4090", "--json").json["prices"]
    offers = [(p["tier"], p["usd"], p["most_gpus"]) for p in found if p["gpus"]]
    assert offers == [("community", 0.31, 4), ("secure", 0.44, 8), ("serverless-flex", 1.1, 1)]
    # What the API does not tell stays as it was, with its own date.
    assert {p["item"] for p in found if p["unit"] == "GB-month"} == {"disk"}


def test_modal_is_asked_through_its_command_line(run: Run, own: Path, tmp_path: Path) -> None:
    put_modal(tmp_path / "bin", f"echo \"$@\" > {tmp_path}/asked; echo '{json.dumps(MODAL)}'")
    assert run("prices", "refresh").out == f"Wrote 7 prices of modal to {own}.\n"
    assert (tmp_path / "asked").read_text() == "billing rates --json\n"
    found = {p["item"]: p for p in run("prices", "--provider", "modal", "--json").json["prices"]}
    assert {name: found[name]["usd"] for name in ("T4", "A10", "RTX-PRO-6000", "CPU core")} == {
        "T4": 0.59,
        "A10": 1.1,
        "RTX-PRO-6000": 3.03,
        "CPU core": 0.0473,
    }
    assert "H100" not in found  # it is sold no more, until it is
    more = {**MODAL, "gpu_hour_cost_h100": "3.9"}
    put_modal(tmp_path / "bin", f"echo '{json.dumps(more)}'")
    assert run("prices", "refresh").code == 0
    assert "3.9000" in run("prices", "--provider", "modal", "--gpu", "H100").out
    assert "B300" not in found  # `gpu=` does not take it
    assert found["credit"]["read"] == "2026-07-01"


@pytest.mark.parametrize(
    ("status", "body", "headers", "sentence"),
    [
        (401, {"error": {}}, {}, "Lambda refuses the key: is LAMBDA_API_KEY the key of an account"),
        (429, {}, {"Retry_After": "12"}, "Lambda wants fewer requests: try again in 12 seconds."),
        (500, b"<html>", {}, "Lambda answered with status 500: no price was changed."),
        (302, b"", {"Location": "http://127.0.0.1:9/"}, "Lambda answered with status 302"),
        (200, b'{"data": {', {}, "Lambda gave an answer that is not as documented (it is no JSON"),
        (200, [], {}, "Lambda gave an answer that is not as documented (without 'data'"),
        (200, {"data": {}}, {}, "Lambda gave an answer that is not as documented (no GPU has a"),
        (200, b"[" * 100_000, {}, "Lambda gave an answer that is not as documented (it is no JSON"),
    ],
)
def test_a_provider_that_fails_changes_nothing(
    run: Run,
    at: Provider,
    own: Path,
    status: int,
    body: Any,
    headers: dict[str, str],
    sentence: str,
) -> None:
    at.says(status, body, **headers)
    outcome = run("prices", "refresh", "--provider", "lambda")
    assert (outcome.code, outcome.out, own.exists()) == (5, "", False)
    assert outcome.err.startswith(f"error: {sentence}")
    assert outcome.err.count("\n") == 1
    assert KEY not in outcome.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("price_cents_per_hour", "129"),
        ("price_cents_per_hour", -1),
        ("price_cents_per_hour", True),
        ("gpu_description", "A10\x1b[2J"),
        ("gpu_description", None),
        ("specs", {"gpus": 1.5}),
    ],
)
def test_half_an_answer_changes_nothing(
    run: Run, at: Provider, own: Path, name: str, value: Any
) -> None:
    good = LAMBDA["gpu_8x_example"]
    bad = {**good, "instance_type": {**good["instance_type"], name: value}}  # type: ignore[dict-item]
    at.says(200, {"data": {"good": good, "bad": bad}})
    outcome = run("prices", "refresh", "--provider", "lambda")
    assert (outcome.code, own.exists()) == (5, False)
    assert "not as documented" in outcome.err


def test_all_of_them_answer_or_nothing_is_changed(run: Run, at: Provider, own: Path) -> None:
    at.says(200, {"data": LAMBDA})  # which is no answer of RunPod
    outcome = run("prices", "refresh")
    assert (outcome.code, own.exists(), len(at.asked)) == (5, False, 2)
    assert "RunPod gave an answer" in outcome.err


def test_nobody_there_is_a_sentence(
    run: Run, at: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDA_API_URL", "http://127.0.0.1:9")
    outcome = run("prices", "refresh", "--provider", "lambda", "--json")
    assert outcome.json["error"]["exit_code"] == outcome.code == 5
    assert outcome.json["error"]["message"].startswith("Lambda can't be reached at http://127.0.")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo Token missing >&2; exit 1", "modal billing rates --json failed (Token missing): is"),
        ("echo '{}'", "Modal gave an answer that is not as documented (without 'cpu_hour_cost'"),
        ("echo hello", "Modal gave an answer that is not as documented (it is no JSON"),
        ("""echo '{"cpu_hour_cost":"-1","mem_gib_hour_cost":"1"}'""", "Modal gave an answer"),
    ],
)
def test_a_modal_that_fails_changes_nothing(
    run: Run, own: Path, tmp_path: Path, script: str, sentence: str
) -> None:
    put_modal(tmp_path / "bin", script)
    outcome = run("prices", "refresh", "--provider", "modal")
    assert (outcome.code, own.exists()) == (5, False)
    assert outcome.err.startswith(f"error: {sentence}")


def test_a_second_refresh_keeps_what_the_first_has_brought(
    run: Run, at: Provider, own: Path
) -> None:
    at.says(200, {"data": LAMBDA})
    run("prices", "refresh", "--provider", "lambda")
    at.says(200, {"gpus": [RUNPOD]})
    run("prices", "refresh", "--provider", "runpod")
    assert read_prices(own).providers == ["runpod", "lambda"]


def test_a_file_of_a_project_is_brought_up_to_date(
    run: Run, at: Provider, own: Path, tmp_path: Path
) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(PACKAGED.read_bytes())
    at.says(200, {"data": LAMBDA})
    assert run("prices", "refresh", "--provider", "lambda", "--write", "prices.csv").code == 0
    renewed = read_prices(file)
    assert [p.usd for p in renewed.gpu_prices(provider="lambda")] == [1.99]
    assert renewed.gpu_prices(provider="modal") == read_prices().gpu_prices(provider="modal")
    assert renewed.past("lambda", "A10", date(2025, 11, 1)).usd == 0.31
    assert not own.exists()


def test_what_came_with_a_newer_version_wins_over_older_own_prices(run: Run, own: Path) -> None:
    own.parent.mkdir()
    old = PACKAGED.read_text("utf-8").replace("2026-07-01", "2026-05-01").replace("0.5904", "0.7")
    own.write_text(old, "utf-8")
    (t4,) = run("prices", "--gpu", "T4", "--json").json["prices"][:1]
    assert t4["usd"] == 0.5904


def test_own_prices_that_are_broken_are_told(run: Run, own: Path) -> None:
    own.parent.mkdir()
    own.write_text("nonsense\n", "utf-8")
    outcome = run("prices")
    assert outcome.code == 2
    assert "own/prices.csv: has to start with the line" in outcome.err


def test_a_file_that_cannot_be_written_is_told(run: Run, at: Provider, own: Path) -> None:
    own.parent.write_text("in the way", "utf-8")
    at.says(200, {"data": LAMBDA})
    outcome = run("prices", "refresh", "--provider", "lambda")
    assert outcome.code == 3
    assert "cannot be written" in outcome.err


def test_ways_to_serve_are_listed_cheapest_first(run: Run) -> None:
    load = ("--requests-per-day", "329", "--seconds", "0.05", "--cpu-seconds", "0.0031")
    outcome = run("prices", "serving", *load)
    costs = [float(li.split()[0]) for li in outcome.out.splitlines() if li[:1].isdigit()]
    assert len(costs) == 5
    assert costs == sorted(costs)
    assert "A CPU is enough" in outcome.out
    assert "modal gives 30 USD a month, which is not taken off." in outcome.out
    found = run("prices", "serving", *load, "--json").json
    assert [round(o["usd_per_month"], 2) for o in found["options"]] == costs
    assert found["cpu"].startswith("A CPU is enough")


def test_a_load_that_cannot_be_is_a_sentence(run: Run) -> None:
    outcome = run("prices", "serving", "--requests-per-day", "0", "--seconds", "1")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: A load is a number of requests a day above 0")


@pytest.mark.parametrize("name", ["lambda", "runpod", "modal"])
def test_every_answer_gives_prices_or_is_odd(name: str) -> None:
    """Whatever the provider's document allows, and for Modal any object of strings."""
    answers = st.dictionaries(st.sampled_from([*MODAL]), st.sampled_from(["1", "0.5", "-1", "x"]))
    if name != "modal":
        contract = Contract(name)
        path = {"lambda": "/api/v1/instance-types", "runpod": "/v2/catalog/gpus"}[name]
        answers = values(contract.answer_schema("GET", path, 200), contract.resolve)
    read = {
        "lambda": partial(lambda_prices, today=TODAY),
        "runpod": partial(runpod_prices, today=TODAY),
        "modal": partial(modal_prices, known=read_prices().current, today=TODAY),
    }[name]

    @settings(
        max_examples=15,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(answers)
    def check(answer: Any) -> None:
        try:
            found = check_prices([*read(answer)])
        except Odd:
            return
        assert all(price.usd > 0 for price in found)
        assert age_warnings(found, TODAY + timedelta(days=30)) == []

    check()


def test_a_list_of_prices_imports_nothing_that_is_slow() -> None:
    code = (
        "import sys; from ml_training.cli import cli;"
        f"cli(['prices'], standalone_mode=False); print({SLOW!r} & set(sys.modules))"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert printed.endswith("set()\n")
