"""`ml-training estimate`: what fits, how long it takes and what it costs, as a user asks for it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

import pytest

from core.estimate.training_setup import Dtype, Method, Optimizer
from core.price_catalog import PACKAGED
from ml_training import estimate_commands
from ml_training.model_table import CONFIGS
from tests.conftest import Run

SMALL = ("estimate", "gpt2", "--rows", "1000")


@pytest.fixture(autouse=True)
def nobodys_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def gpus(run: Run, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(*options, "--json").json["gpus"]
    return found


def test_the_cheapest_that_fits_is_first_and_the_others_say_why_they_lose(run: Run) -> None:
    outcome = run(
        "estimate", "Llama-3.1-8B", "--rows", "1000", "--tokens", "400", "--method", "full"
    )
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    table = [line for line in lines if " fits" in line or "not fit" in line]
    assert " fits" in table[0] and "GiB are needed" in table[-2]
    assert " USD, " in table[1]
    assert "Prices read 20" in outcome.out
    assert "30 USD a month, which is not taken off" in outcome.out
    assert "warning: Prices of modal were read up to" in outcome.err
    assert table[-1].startswith("It fits a ") and "with " in table[-1]


def test_dearer_gpus_of_a_kind_are_never_before_cheaper_ones(run: Run) -> None:
    rows = gpus(
        run, "estimate", "Qwen2.5-7B", "--rows", "20000", "--tokens", "300", "--method", "qlora"
    )
    for verdict in ("fits", "tight", "does not fit"):
        costs = [row["usd"] for row in rows if row["verdict"] == verdict]
        assert costs == sorted(costs)
    ranks = [("fits", "tight", "does not fit").index(row["verdict"]) for row in rows]
    assert ranks == sorted(ranks)


def test_parts_make_the_whole(run: Run) -> None:
    for row in gpus(run, *SMALL):
        memory = row["memory_bytes"]
        parts = sum(size for name, size in memory.items() if name not in KNOWN)
        assert parts <= memory["needed"] and memory["low"] <= memory["needed"] <= memory["high"]
        assert sum(row["usd_by_part"].values()) == pytest.approx(row["usd"], abs=1e-3)
        low, high = row["usd_range"]
        assert low <= row["usd"] <= high


KNOWN = {"needed", "low", "high", "available"}


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (["--batch", "32", "--micro-batch", "32"], ["--batch", "32", "--micro-batch", "8"]),
        (["--method", "full"], ["--method", "lora"]),
        (["--longest", "900"], ["--longest", "300"]),
        ([], ["--checkpointing"]),
        ([], ["--fused-loss"]),
        (["--method", "full"], ["--method", "full", "--optimizer", "adamw-8bit"]),
        (["--method", "full", "--master-weights"], ["--method", "full"]),
        (["--method", "full", "--weights", "float32"], ["--method", "full"]),
        (
            ["--gpus", "2", "--method", "full"],
            ["--gpus", "2", "--sharding", "fsdp", "--method", "full"],
        ),
    ],
)
def test_what_takes_memory_and_what_saves_it(run: Run, more: list[str], less: list[str]) -> None:
    fixed = [] if "--micro-batch" in more else ["--micro-batch", "8"]
    asked = ("estimate", "gpt2-xl", "--rows", "1000", "--gpu", "B200", *fixed)
    first, second = (gpus(run, *asked, *options)[0]["memory_bytes"] for options in (more, less))
    assert first["needed"] > second["needed"]


def test_spot_machines_are_those_of_ones_own_list_and_pay_for_what_they_lose(
    run: Run, tmp_path: Path
) -> None:
    head = PACKAGED.read_text().splitlines()[0]
    spot = (
        "aws,spot,A10,1,1,0.30,GPU-hour,1,60,0,https://aws.amazon.com/ec2/spot/pricing,2026-11-29,"
    )
    own = tmp_path / "data/ml-training/prices.csv"
    own.parent.mkdir(parents=True)
    own.write_text(f"{head}\n{spot}\n")
    asked = ("estimate", "Qwen2.5-0.5B", "--rows", "400000", "--gpu", "A10")

    def cost(provider: str, *options: str) -> float:
        rows = gpus(run, *asked, "--spot", *options)
        return next(float(row["usd"]) for row in rows if row["provider"] == provider)

    assert {row["tier"] for row in gpus(run, *asked)} == {"on-demand"}
    often = ("--interruptions", "2")
    assert cost("aws") < cost("lambda") == cost("lambda", *often)
    assert cost("aws", *often) > cost("aws", *often, "--checkpoint-minutes", "2") > cost("aws")
    assert cost("modal", *often) > cost("modal")


def test_the_rows_of_a_file_are_counted(run: Run) -> None:
    rows = [{"text": "a" * 400}, {"text": "b" * 800}]
    Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = run("estimate", "gpt2", "--data", "data.jsonl", "--json").json
    assert (found["rows"], found["tokens_per_row"]) == (2, pytest.approx(152, abs=1))


def test_a_folder_with_a_configuration_is_a_model(run: Run) -> None:
    Path("mine").mkdir()
    Path("mine/config.json").write_text(json.dumps(CONFIGS["openai-community/gpt2"]))
    assert gpus(run, "estimate", "mine", "--rows", "1000") == gpus(run, *SMALL)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["gpt2"], 2, "How much data is there? Name a file with --data, or give --rows."),
        (["gtp2", "--rows", "5"], 2, "Known are openai-community/gpt2"),
        ([*SMALL[1:], "--gpu", "A1000"], 2, "No GPU 'A1000' is known: choose for example"),
        ([*SMALL[1:], "--provider", "modall"], 2, "no provider 'modall': choose modal"),
        ([*SMALL[1:], "--gpus", "3"], 2, "A batch of 16 rows can't be shared by 3 GPUs."),
        ([*SMALL[1:], "--micro-batch", "5"], 2, "16 rows on each GPU can't be taken 5 at a time."),
        ([*SMALL[1:], "--gpus", "16"], 2, "Nobody lists 16 GPUs"),
        ([*SMALL[1:], "--optimizer", "addam"], 2, "'addam' is not one of"),
        (["gpt2", "--data", "no.csv"], 2, "no.csv: no such file or folder"),
        (["empty", "--rows", "5"], 2, "empty/config.json can't be read"),
        (["broken", "--rows", "5"], 2, "config.json is no JSON, or ends half way."),
        (["odd", "--rows", "5"], 2, "no estimate for model_type"),
        ([*SMALL[1:], "--report", "no/where.html"], 3, "no/where.html can't be written"),
    ],
)
def test_what_cannot_be_is_one_sentence(run: Run, options: list[str], code: int, said: str) -> None:
    for name, content in {"broken": "{", "odd": '{"model_type": "rwkv"}'}.items():
        Path(name).mkdir()
        Path(name, "config.json").write_text(content)
    Path("empty").mkdir()
    outcome = run("estimate", *options)
    errors = [line for line in outcome.err.splitlines() if not line.startswith("warning")]
    assert (outcome.code, len(errors)) == (code, 1), outcome.err
    assert said in errors[0]


def test_the_report_has_a_chart_of_cost_against_time(run: Run) -> None:
    assert run(*SMALL, "--report", "estimate.html").code == 0
    page = Path("estimate.html").read_text()
    assert "Cost against time" in page and "<svg" in page
    assert "GPUs, the cheapest first" in page


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A Hub that knows one model, which only its friends may see; the requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.path == "/me/tiny/resolve/main/config.json"
            allowed = self.headers["Authorization"] == "Bearer hf_canary"
            self.send_response(200 if known and allowed else 401 if known else 404)
            self.end_headers()
            if known and allowed:
                self.wfile.write(json.dumps(CONFIGS["openai-community/gpt2"]).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield asked
    server.shutdown()
    server.server_close()


def test_a_model_of_the_hub_is_asked_for_there(
    run: Run, hub: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    assert gpus(run, "estimate", "me/tiny", "--rows", "1000") == gpus(run, *SMALL)
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    assert (
        "is private or gated: set HF_TOKEN (status 401)"
        in run("estimate", "me/tiny", "--rows=5").err
    )
    assert "me/none is not there: is the name right?" in run("estimate", "me/none", "--rows=5").err
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    outcome = run("estimate", "me/tiny", "--rows=5")
    assert outcome.code == 5 and "can't be reached" in outcome.err
    assert "hf_" not in outcome.err


def test_what_can_be_chosen_is_what_can_be_estimated() -> None:
    assert {*estimate_commands.METHODS} == {*get_args(Method)} - {"adapter"}
    assert {*estimate_commands.OPTIMIZERS} == {*get_args(Optimizer)}
    assert {*estimate_commands.DTYPES} == {*get_args(Dtype)}


def test_nothing_heavy_is_imported() -> None:
    """An estimate takes a third of a second: no copier, no torch, no pydantic."""
    code = (
        "import sys; sys.argv = ['ml-training', 'estimate', 'gpt2', '--rows', '9', '--json']\n"
        "from ml_training.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'copier', 'torch', 'pydantic', 'numpy', 'jinja2', 'httpx'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"
