"""How many more requests per second the generated server answers than the usual ways.

    python -m benchmarks.serving --encoder FOLDER [--rounds 3] [--seconds 6]

Fine-tunes FOLDER for three epochs on texts of mixed length, or takes --artifact, and serves it to
more of them. The servers take turns; the table holds medians over the rounds.
LitServe joins in where it is installed. The naive server runs with one thread and with two, as
which is better depends on what else the machine does: the better one counts.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.texts import mixed_texts, write_texts

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
TASK = TEMPLATES / "tasks" / "text-classification"
LOCAL = TEMPLATES / "providers" / "local"
SERVERS = ("ours", "naive, 1 thread", "naive, 2 threads", "LitServe")
CONNECTIONS = (1, 8, 32)
START_SECONDS = 60

Figures = dict[str, float]


def environment() -> dict[str, str]:
    paths = [ROOT, TEMPLATES / "project" / "ml", TASK, TASK / "full", LOCAL]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "HF_HUB_OFFLINE": "1"}


def train(encoder: str, folder: Path) -> Path:
    """A classifier of texts like those that are sent to it."""
    data = write_texts(folder / "train.jsonl", mixed_texts(800))
    held_out = write_texts(folder / "val.jsonl", mixed_texts(400, "val"))
    command = [sys.executable, str(LOCAL / "train.py"), "--base-model", encoder, "--epochs", "3"]
    command += ["--data", str(data), "--validation", str(held_out), "--learning-rate", "2e-4"]
    command += ["--max-length", "512", "--output", str(folder / "runs")]
    subprocess.run(command, check=True, env=environment())
    return next(folder.glob("runs/*/manifest.json")).parent


def command_of(server: str, artifact: Path, port: int) -> list[str]:
    weights = str(artifact / "weights")
    return {
        "ours": [str(LOCAL / "serve.py"), "--artifact", str(artifact), "--port", str(port)],
        "naive, 1 thread": ["-m", "benchmarks.naive_server", weights, str(port), "1"],
        "naive, 2 threads": ["-m", "benchmarks.naive_server", weights, str(port), "2"],
        "LitServe": ["-m", "benchmarks.litserve_server", weights, str(port), "1"],
    }[server]


@contextlib.contextmanager
def running(server: str, artifact: Path) -> Iterator[tuple[int, float]]:
    """A server's port, and the seconds from its start to its first answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command_of(server, artifact, port)],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_answer(port, started + START_SECONDS)
        yield port, time.perf_counter() - started
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # LitServe has workers
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_answer(port: int, until: float) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict",
        json.dumps({"text": "Bend conduit and pull wires through it."}).encode(),
        {"Content-Type": "application/json"},
    )
    while time.perf_counter() < until:
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"No answer after {START_SECONDS} s.")


def measure(port: int, connections: int, seconds: int) -> Figures:
    command = [sys.executable, "-m", "benchmarks.load", *map(str, (port, connections, seconds))]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=seconds + 60)
    figures: Figures = json.loads(done.stdout)
    return figures


def median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}


def compare(artifact: Path, rounds: int, seconds: int) -> None:
    has_litserve = importlib.util.find_spec("litserve") is not None
    servers = SERVERS if has_litserve else SERVERS[:-1]
    results: dict[tuple[str, int], list[Figures]] = {}
    starts: dict[str, list[float]] = {}
    for _ in range(rounds):
        for server in servers:
            with running(server, artifact) as (port, start):
                starts.setdefault(server, []).append(start)
                for connections in CONNECTIONS:
                    figures = measure(port, connections, seconds)
                    results.setdefault((server, connections), []).append(figures)
    print(table({key: median(value) for key, value in results.items()}))
    for server, taken in starts.items():
        print(f"{server}: first answer {statistics.median(taken):.2f} s after its start")


def table(results: dict[tuple[str, int], Figures]) -> str:
    lines = ["| server | connections | requests/s | p50 ms | p95 ms | ours is |", "|" + "---|" * 6]
    for (server, connections), figures in sorted(results.items(), key=lambda item: item[0][1]):
        ratio = results["ours", connections]["rps"] / figures["rps"]
        lines.append(
            f"| {server} | {connections} | {figures['rps']:.0f} | {figures['p50']:.0f} "
            f"| {figures['p95']:.0f} | {ratio:.1f}x |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", help="folder of a sentence encoder such as all-MiniLM-L6-v2")
    parser.add_argument("--artifact", type=Path, help="a run to serve, instead of training one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    if not options.encoder and not options.artifact:
        parser.error("name --encoder or --artifact")
    with tempfile.TemporaryDirectory() as folder:
        artifact = options.artifact or train(options.encoder, Path(folder))
        engine = json.loads((artifact / "manifest.json").read_text("utf-8"))["engine"]
        print(f"engine: {engine['chosen']}; candidates: {json.dumps(engine['candidates'])}")
        compare(artifact.resolve(), options.rounds, options.seconds)


if __name__ == "__main__":
    main()
