"""How many more requests per second the generated server answers than the usual ways.

    python -m benchmarks.serving --encoder FOLDER [--rounds 3] [--seconds 6]

Trains the classifier of examples/ on FOLDER for three epochs, or takes --artifact, and serves it
to texts of mixed length. The servers take turns; the table holds medians over the rounds.
LitServe joins in where it is installed.
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

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
TASK = TEMPLATES / "tasks" / "text-classification"
LOCAL = TEMPLATES / "providers" / "local"
DATA = ROOT / "examples" / "data" / "trades"
CONNECTIONS = (1, 8, 32)
START_SECONDS = 60

Figures = dict[str, float]


def environment() -> dict[str, str]:
    paths = [ROOT, TEMPLATES / "project" / "ml", TASK, TASK / "full", LOCAL]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "HF_HUB_OFFLINE": "1"}


def train(encoder: str, folder: Path) -> Path:
    command = [sys.executable, str(LOCAL / "train.py"), "--base-model", encoder, "--epochs", "3"]
    command += ["--data", str(DATA / "train.jsonl"), "--validation", str(DATA / "val.jsonl")]
    command += ["--max-length", "512", "--output", str(folder)]
    subprocess.run(command, check=True, env=environment())
    return next(folder.glob("*/manifest.json")).parent


def command_of(server: str, artifact: Path, port: int, threads: int) -> list[str]:
    if server == "ours":
        return [str(LOCAL / "serve.py"), "--artifact", str(artifact), "--port", str(port)]
    weights = str(artifact / "weights")
    return ["-m", f"benchmarks.{server}_server", weights, str(port), str(threads)]


@contextlib.contextmanager
def running(server: str, artifact: Path, threads: int = 1) -> Iterator[tuple[int, float]]:
    """A server's port, and the seconds from its start to its first answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command_of(server, artifact, port, threads)],
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


def tuned_threads(artifact: Path, seconds: int) -> int:
    """The number of threads with which the naive server does best."""
    rates = {}
    for threads in (1, 2):
        with running("naive", artifact, threads) as (port, _):
            rates[threads] = measure(port, 8, seconds)["rps"]
    print("naive server, requests/s by threads:", {t: round(r, 1) for t, r in rates.items()})
    return max(rates, key=rates.__getitem__)


def median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}


def compare(artifact: Path, rounds: int, seconds: int) -> None:
    threads = tuned_threads(artifact, seconds)
    servers = ["ours", "naive"] + ["litserve"] * bool(importlib.util.find_spec("litserve"))
    results: dict[tuple[str, int], list[Figures]] = {}
    starts: dict[str, list[float]] = {}
    for _ in range(rounds):
        for server in servers:
            with running(server, artifact, threads if server == "naive" else 1) as (port, start):
                starts.setdefault(server, []).append(start)
                for connections in CONNECTIONS:
                    figures = measure(port, connections, seconds)
                    results.setdefault((server, connections), []).append(figures)
    print(table(servers, {key: median(value) for key, value in results.items()}))
    for server, seconds_to_answer in starts.items():
        print(
            f"{server}: first answer {statistics.median(seconds_to_answer):.2f} s after its start"
        )


def table(servers: list[str], results: dict[tuple[str, int], Figures]) -> str:
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
