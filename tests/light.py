"""Runs what a model does without training, in one process for all tests: what they share is imported once."""

import atexit
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ml_training.catalog import read_catalog

TEMPLATES = read_catalog().root / "templates"
TASKS = TEMPLATES / "tasks"
TRAIN = TEMPLATES / "providers" / "local" / "train.py"

# Nothing that only a training needs can be imported, and nothing of one task by the next.
SERVER = """
import io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
sys.modules |= dict.fromkeys(["numpy", "pandas", "sklearn", "torch", "transformers"])
(tasks,) = sys.argv[1:]
for line in sys.stdin:
    code, folder, path, options = json.loads(line)
    sys.argv = ["train.py", *options]
    os.chdir(folder)
    sys.path[:0] = path
    status = 0
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as error:
        try:
            exec(code, {"__name__": "__main__"})
        except SystemExit as exit_:
            status = int(exit_.code or 0)
    print(json.dumps([status, out.getvalue(), error.getvalue()]), flush=True)
    del sys.path[: len(path)]
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(tasks):
            del sys.modules[name]
"""
RUN = f"import runpy; runpy.run_path({str(TRAIN)!r}, run_name='__main__')"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def train(folder: Path, task: str, algorithm: str, *options: str, code: str = RUN) -> Ended:
    """`python train.py`, or other code, in a folder; it ends before anything heavy is needed."""
    path = [str(TASKS / task / algorithm), str(TASKS / task)]
    return Ended(*_ask([code, str(folder), path, options]))


def _ask(request: object) -> tuple[int, str, str]:
    server = _server()
    assert server.stdin and server.stdout
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    if not answer:
        _server.cache_clear()
    assert answer, "it ended; what it said is on standard error"
    status, out, error = json.loads(answer)
    return status, out, error


@cache
def _server() -> "subprocess.Popen[str]":
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(TASKS)],
        env=os.environ | {"PYTHONPATH": str(TEMPLATES / "project/ml")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.kill)
    return server
