"""How far the estimates of memory and speed are from what others have published.

python -m benchmarks.estimate [--rows FILE]
"""

import argparse
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "templates" / "project" / "ml"))

from core.memory_estimate import MemoryEstimate, estimate_memory

from benchmarks.published import (
    ROWS,
    Published,
    architecture_of,
    gpu_of,
    read,
    setup_of,
)


def estimated(published: Published) -> MemoryEstimate:
    return estimate_memory(architecture_of(published), setup_of(published))


def memory_error(published: Published) -> float | None:
    """Of what was measured, as a part of it."""
    if published.memory is None:
        return None
    estimate = estimated(published)
    ours = estimate.reserved if published.is_reserved else estimate.allocated
    return ours / published.memory - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=ROWS)
    options = parser.parse_args()
    errors: dict[str, list[float]] = {}
    for published in read(options.rows):
        name = f"{published.id} {published.row['model'][:24]} {published.method}"
        if published.excluded:
            print(f"{name}: left out, {published.excluded}")
            continue
        estimate = estimated(published)
        error = memory_error(published)
        verdict = estimate.verdict(gpu_of(published))
        p=estimate.parts
        parts=" ".join(f"{k}={getattr(p,k)/1e9:.2f}" for k in ("weights","adapters","optimizer","gradients","activations","logits","buffers"))
        if error is None:
            print(f"{name}: {'OOM ' if published.ran_out else ''}{verdict} {estimate.needed/1e9:.2f}")
            continue
        ours = estimate.reserved if published.is_reserved else estimate.allocated
        errors.setdefault(published.method, []).append(error)
        print(f"{name}: {published.memory/1e9:.2f} ours {ours/1e9:.2f} {error:+.1%} {verdict} {parts}")
    for method, found in errors.items():
        sizes = [abs(error) for error in found]
        print(method, f"median {statistics.median(sizes):.1%} mean {statistics.mean(sizes):.1%} of {len(sizes)}")


if __name__ == "__main__":
    main()
