"""Counts to `--steps`, with a checkpoint at each: `python train.py --job NAME --data rows.csv`."""

import argparse
import csv
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from job import Job


def train(job: Job, options: argparse.Namespace) -> int:
    asked_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    before = job.read("checkpoint.json")
    first, cost = before.get("step", 0) + 1, before.get("cost_usd", 0.0)
    print(f"reads {options.data}")
    if options.exit_code:
        print(f"error: {options.data}, row 2: The label is missing; fill it in.", file=sys.stderr)
        return int(options.exit_code)
    event(job, "resumed" if before else "started", cost_usd=cost)
    for step in range(first, options.steps + 1):
        time.sleep(options.step_seconds)
        cost += options.step_cost
        if step == options.crash_at and not before:
            os.kill(os.getpid(), signal.SIGKILL)
        job.write("checkpoint.json", {"step": step, "cost_usd": cost})
        event(job, "step", step=step, total_steps=options.steps, loss=1 / step, cost_usd=cost)
        if asked_to_stop:
            event(job, "stopped", reason="SIGTERM", cost_usd=cost)
            return 143
    publish(job, options)
    event(job, "finished", metrics={"accuracy": 1.0}, cost_usd=cost)
    return 0


def publish(job: Job, options: argparse.Namespace) -> None:
    artifact = job.folder / "artifact"
    artifact.mkdir(exist_ok=True)
    (artifact / "weights.bin").write_bytes(b"\0" * options.bytes)
    manifest = {
        "version": f"{job.name[-12:]}",
        "metrics": {"accuracy": 1.0},
        "config": {"data": options.data},
        "input": {"properties": {"text": {"type": "string"}}},
        "output": {"properties": {"echo": {}, "length": {}}},
    }
    (artifact / "manifest.json").write_text(json.dumps(manifest))


def event(job: Job, kind: str, **fields: Any) -> None:
    """A killed process leaves half a line at the worst; it is ended here, and never read."""
    path = job.folder / "events.jsonl"
    with path.open("a+b") as file:
        is_whole = file.tell() == 0 or path.read_bytes().endswith(b"\n")
        line = json.dumps({"event": kind, **fields}).encode()
        os.write(file.fileno(), (b"" if is_whole else b"\n") + line + b"\n")


def check(options: argparse.Namespace) -> int:
    """Every row needs a text."""
    with Path(options.data).open(newline="") as file:
        rows = list(csv.DictReader(file))
    column = dict(pair.split("=", 1) for pair in options.columns).get("text", "text")
    problems = [
        {"file": options.data, "row": number, "column": column, "message": "There is no text."}
        for number, row in enumerate(rows, start=2)
        if not row.get(column)
    ]
    findings = {
        "rows": len(rows),
        "columns": {"text": column},
        "summary": {"texts": len(rows)},
        "problems": problems,
        "problem_count": len(problems),
        "notes": [],
    }
    print(json.dumps(findings))
    return 3 if problems else 0


def estimate(options: argparse.Namespace) -> int:
    if options.exit_code:
        print("error: There is no estimate for echo.", file=sys.stderr)
        return int(options.exit_code)
    seconds, usd = options.steps * options.step_seconds, options.steps * options.step_cost
    gpu = {
        "gpu": "L4",
        "tier": "on-demand",
        "verdict": options.note or "fits",
        "memory_bytes": {"needed": 1e9, "available": 24e9},
        "seconds": seconds,
        "seconds_range": [seconds / 2, seconds * 2],
        "usd": usd,
        "usd_range": [usd / 2, usd * 2],
    }
    warnings = [f"Of {options.data}."]
    print(
        json.dumps({"provider": "local", "gpus": [gpu], "seconds_here": None, "warnings": warnings})
    )
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--estimate-json", action="store_true")
    parser.add_argument("--data", required=True)
    parser.add_argument("--columns", action="append", default=[])
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--step-seconds", type=float, default=0.01)
    parser.add_argument("--step-cost", type=float, default=0)
    parser.add_argument("--crash-at", type=int, default=0, help="SIGKILL there, once")
    parser.add_argument("--exit-code", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=1, help="size of the weights")
    parser.add_argument("--max-cost", type=float)
    parser.add_argument("--note")
    return parser.parse_args()


def main() -> int:
    options = parse()
    if options.check:
        return check(options)
    if options.estimate_json:
        return estimate(options)
    code: int = Job(options.job).run(lambda job: train(job, options))
    return code


if __name__ == "__main__":
    sys.exit(main())
