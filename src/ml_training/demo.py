"""The whole way once, on real data: write, install, train, serve, ask; `ml-training demo`."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.request import ProxyHandler, Request, build_opener

from ml_training.apply import create
from ml_training.catalog import Catalog, read_catalog
from ml_training.errors import StepProblem
from ml_training.plan import Plan, Questionnaire

TRADES = "examples/data/trades"  # O*NET task statements; source and licence are in its README
MODEL = "trade_classifier"
ANSWERS = {
    "task": "text-classification",
    "algorithm": "linear",
    "model": MODEL,
    "provider": "local",
    "data": "data/trades/train.jsonl",
    "validation": "data/trades/val.jsonl",
}
QUESTION = "Bend conduit and pull wires through it."
PIP = ["-m", "pip", "--disable-pip-version-check", "install", "--no-compile"]  # half the time
PATIENCE = 60  # seconds that the server may take to start
LOCAL = build_opener(ProxyHandler({}))  # a proxy must not see requests to this machine


def run_demo(target: Path, say: Callable[[str], None]) -> None:
    model = target / "ml" / MODEL
    log = target / "demo.log"
    say(f"1/5  Writing a project to {target}")
    catalog = read_catalog()
    create(catalog, _plan(catalog, target))
    say("2/5  Installing it into its own .venv")
    python = _install(target, log)
    say("3/5  Training on what 32 trades do")
    _run([python, "train.py"], model, "Training failed: see above")
    say("4/5  Serving what was learnt")
    with _serving(python, model, log) as url:
        answer = _ask(url, log)
    say(f"5/5  {QUESTION!r} -> {answer['label']} ({answer['confidence']:.0%})")
    report = max(model.glob("runs/*/report.html"), key=lambda path: path.stat().st_mtime)
    say(f"\nReport   {report}\nProject  {target}")


def _plan(catalog: Catalog, target: Path) -> Plan:
    answers = Questionnaire(catalog).resolve(ANSWERS, folder=target.name)
    return Plan(target, answers, copies={f"ml/{MODEL}/data/trades": catalog.root / TRADES})


def _install(target: Path, log: Path) -> str:
    python = target / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    requirements = [f"-r{path}" for path in sorted(target.glob("ml/*/requirements.txt"))]
    with log.open("w", encoding="utf-8") as output:
        failure = f"Installing failed: see {log}"
        _run([sys.executable, "-m", "venv", str(target / ".venv")], target, failure, output)
        _run([str(python), *PIP, "-e.", *requirements], target, failure, output)
    return str(python)


def _run(command: list[str], folder: Path, failure: str, output: IO[str] | None = None) -> None:
    done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise StepProblem(f"{failure} (exit code {done.returncode}).")


@contextmanager
def _serving(python: str, model: Path, log: Path) -> Iterator[str]:
    """A server on a free port of this machine, ready, and stopped afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with log.open("a", encoding="utf-8") as output:
        command = [python, "serve.py", "--port", str(port)]
        server = subprocess.Popen(command, cwd=model, stdout=output, stderr=output)
    try:
        _await_ready(server, url := f"http://127.0.0.1:{port}", log)
        yield url
    finally:
        server.terminate()
        server.wait()


def _await_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with LOCAL.open(f"{url}/readyz", timeout=5):
                return
        except OSError:  # not listening yet, or 503 while the model loads
            time.sleep(0.1)
    raise StepProblem(f"The server did not start: see {log}.")


def _ask(url: str, log: Path) -> dict[str, Any]:
    body = json.dumps({"text": QUESTION}).encode()
    request = Request(f"{url}/predict", body, {"Content-Type": "application/json"})
    try:
        with LOCAL.open(request, timeout=PATIENCE) as response:
            answer: dict[str, Any] = json.load(response)
    except OSError as error:
        raise StepProblem(f"The server gave no prediction ({error}): see {log}.") from error
    return answer
