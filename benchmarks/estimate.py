"""How far our estimates of memory and speed are from what others have measured and published.

python -m benchmarks.estimate [--rows FILE]
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "templates" / "project" / "ml"))

from benchmarks.published import ROWS, Published, architecture_of, gpu_of, read, setup_of
from core.estimate.memory_estimate import Verdict, estimate_memory
from core.estimate.time_estimate import estimate_time


@dataclass(frozen=True)
class Compared:
    """One row beside its estimate; memory in bytes, speed in tokens a second of all GPUs."""

    row: Published
    memory: int
    needed: int
    verdict: Verdict
    speed: float

    @property
    def memory_error(self) -> float | None:
        return self.memory / self.row.memory - 1 if self.row.memory else None

    @property
    def speed_error(self) -> float | None:
        measured = self.row.tokens_per_second
        return self.speed / measured - 1 if measured else None


def compare(row: Published) -> Compared:
    architecture, setup, gpu = architecture_of(row), setup_of(row), gpu_of(row)
    memory = estimate_memory(architecture, setup)
    time = estimate_time(architecture, setup, gpu, rows=1024, tokens_per_row=setup.sequence)
    return Compared(
        row,
        memory=memory.reserved if row.is_reserved else memory.allocated,
        needed=memory.needed,
        verdict=memory.verdict(gpu),
        speed=time.tokens_per_second,
    )


def errors(found: Iterable[float | None]) -> list[float]:
    return [abs(error) for error in found if error is not None]


def without_its_own(
    compared: Sequence[Compared],
    group: Callable[[Compared], str],
    error: Callable[[Compared], float | None],
) -> dict[str, list[float]]:
    """Errors of each group, once estimates are scaled to the median of all other groups."""
    ratios = [(group(one), 1 + found) for one in compared if (found := error(one)) is not None]
    left: dict[str, list[float]] = {}
    for name in dict.fromkeys(name for name, _ in ratios):
        others = [ratio for other, ratio in ratios if other != name]
        scale = statistics.median(others) if others else 1.0
        left[name] = [ratio / scale - 1 for other, ratio in ratios if other == name]
    return left


def print_row(one: Compared) -> None:
    row = one.row
    measured = f"{row.memory / 1e9:.2f}" if row.memory else ("ran out" if row.ran_out else "")
    speed = f"{row.tokens_per_second:,.0f} | {one.speed:,.0f}" if row.tokens_per_second else " | "
    print(
        f"| {row.id} | {row.row['model']} | {row.method} | {row.row['n_gpus']}x {row.row['gpu']}"
        f" | {measured} | {one.memory / 1e9:.2f} | {_percent(one.memory_error)} | {one.verdict}"
        f" | {speed} | {_percent(one.speed_error)} |"
    )


def _percent(error: float | None) -> str:
    return "" if error is None else f"{error:+.1%}"


def summarise(name: str, found: list[float]) -> None:
    if found:
        median, mean = statistics.median(found), statistics.mean(found)
        print(f"{name}: {len(found)} rows, median {median:.1%}, mean {mean:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=ROWS, help="a file like measurements.csv")
    rows = list(read(parser.parse_args().rows))
    compared = [compare(row) for row in rows if not row.excluded]
    print("| row | model | method | on | GB measured | GB estimated | error | verdict |", end="")
    print(" tokens/s | estimated | error |\n" + "|---" * 11 + "|")
    for one in compared:
        print_row(one)
    print("\nLeft out:")
    for row in rows:
        if row.excluded:
            print(f"- {row.id}, {row.row['model']}, {row.method}: {row.excluded}")
    print("\nMemory:")
    for method in ("lora", "qlora", "full"):
        of_it = [one for one in compared if one.row.method == method]
        summarise(f"- {method}", errors(one.memory_error for one in of_it))
    for source, left in without_its_own(
        compared, lambda one: one.row.source, lambda one: one.memory_error
    ).items():
        summarise(f"- {source}, scaled by the other sources", errors(left))
    ran_out = [one for one in compared if one.row.ran_out]
    wrong = [one.row.id for one in ran_out if one.verdict == "fits"]
    print(f"- {len(ran_out)} rows ran out of memory; called 'fits' of these: {wrong or 'none'}")
    print("\nSpeed:")
    summarise("- all", errors(one.speed_error for one in compared))
    for gpu, left in without_its_own(
        compared, lambda one: one.row.row["gpu"], lambda one: one.speed_error
    ).items():
        summarise(f"- {gpu}, scaled by the other GPUs", errors(left))


if __name__ == "__main__":
    main()
