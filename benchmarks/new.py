"""How long `ml-training new` takes beside `copier copy` of the same template.

python -m benchmarks.new [--rounds 7]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ANSWERS = {"task": "text-classification", "algorithm": "full"}
BIN = Path(sys.executable).parent


def commands(target: Path) -> dict[str, list[str]]:
    """The commands to compare; each writes the same project into its own folder."""
    given = [f"--{name}={value}" for name, value in ANSWERS.items()]
    data = [part for name, value in ANSWERS.items() for part in ("-d", f"{name}={value}")]
    copier = [str(BIN / "copier"), "copy", "--defaults", "--quiet", "--vcs-ref=HEAD", *data]
    return {
        "ml-training --help": [str(BIN / "ml-training"), "--help"],
        "ml-training new": [str(BIN / "ml-training"), "new", str(target), "--defaults", *given],
        "copier copy": [*copier, str(ROOT), str(target)],
    }


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    taken: dict[str, list[float]] = {}
    for _ in range(rounds + 1):  # the first warms the disk's cache
        for name in commands(Path()):
            with tempfile.TemporaryDirectory() as folder:
                command = commands(Path(folder) / "project")[name]
                taken.setdefault(name, []).append(seconds(command))
    median = {name: statistics.median(times[1:]) for name, times in taken.items()}
    print("| command | seconds (median) | least | most |\n|---|---|---|---|")
    for name, times in taken.items():
        print(f"| {name} | {median[name]:.2f} | {min(times[1:]):.2f} | {max(times[1:]):.2f} |")
    ratio = median["copier copy"] / median["ml-training new"]
    print(f"\ncopier copy / ml-training new: {ratio:.2f}, {rounds} alternating rounds")


if __name__ == "__main__":
    main()
