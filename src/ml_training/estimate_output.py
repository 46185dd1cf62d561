"""How an estimate is shown: tables on a terminal, dictionaries for JSON, a page with a chart."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from core.estimate.estimator import Estimator
    from core.estimate.memory_estimate import MemoryEstimate
    from core.estimate.table import Row

GIB = 2**30
DRAWN = 20  # GPUs in the chart: the cheapest; dearer ones would only make it small


def show(estimator: "Estimator", rows: "Sequence[Row]") -> None:
    from core.estimate.table import show_table

    first = rows[0]
    work = estimator.workload
    click.echo(
        f"{work.base_model}: {estimator.architecture.parameters / 1e6:,.0f} M parameters,"
        f" {work.rows:,} rows of {work.tokens_per_row:.0f} tokens, {work.epochs:g} times"
    )
    memory = first.quote.memory
    click.echo(f"\nMemory on each {first.quote.gpu.name}, GiB:")
    for name, gib in parts(memory).items():
        click.echo(f"  {name:<16}{gib:8.2f}")
    click.echo(f"  {'needed':<16}{memory.needed / GIB:8.2f}   {_range(memory)}\n")
    show_table(rows)
    if (advice := advise_on(estimator, rows)) is not None:
        click.echo(advice)
    if credit := {row.price.provider: row.bill.credit_usd for row in rows if row.bill.credit_usd}:
        for provider, usd in credit.items():
            click.echo(f"{provider} gives {usd:g} USD a month, which is not taken off.")


def parts(memory: "MemoryEstimate") -> dict[str, float]:
    """GiB of each part that there is, and of what the card itself takes."""
    found = {name.replace("_", " "): size / GIB for name, size in asdict(memory.parts).items()}
    found["fragmentation"] = (memory.reserved - memory.allocated) / GIB
    found["CUDA"] = (memory.needed - memory.reserved) / GIB
    return {name: gib for name, gib in found.items() if gib >= 0.005}


def advise_on(estimator: "Estimator", rows: "Sequence[Row]") -> str | None:
    """The cheapest change for a GPU that it does not fit, and that is cheaper than those that it fits."""
    from core.estimate.memory_advice import advise

    paid = min((r.price.usd_per_hour for r in rows if r.quote.verdict == "fits"), default=math.inf)
    lost = [r for r in rows if r.quote.verdict != "fits" and r.price.usd_per_hour < paid]
    for row in sorted(lost, key=lambda row: row.price.usd_per_hour):
        advice = advise(estimator.architecture, row.quote.setup, row.quote.gpu)
        if advice is not None:
            return (
                f"It fits a {row.quote.gpu.name} ({row.price.usd_per_hour:.2f} USD an hour) with"
                f" {advice.reason}: {advice.estimate.needed / GIB:.1f} GiB."
            )
    return None


def as_dict(estimator: "Estimator", rows: "Sequence[Row]") -> dict[str, Any]:
    from core.estimate.table import row_as_dict, why

    work = estimator.workload
    return {
        "model": work.base_model,
        "parameters": estimator.architecture.parameters,
        "rows": work.rows,
        "tokens_per_row": round(work.tokens_per_row, 1),
        "epochs": work.epochs,
        "gpus": [row_as_dict(row) | {"against": why(row, rows[0])} for row in rows],
        "advice": advise_on(estimator, rows),
    }


def write_page(path: Path, model: str, estimator: "Estimator", rows: "Sequence[Row]") -> None:
    """
    Raises:
        TargetProblem: It cannot be written.
    """
    from core.estimate.table import duration, why
    from core.report import Chart, Figure, Line, Point, Section, Table, Verdict, write_report
    from ml_training.errors import TargetProblem

    first = rows[0]
    possible = [row for row in rows if row.quote.verdict != "does not fit"]
    chart = Chart(
        "Cost against time",
        "minutes",
        "USD",
        [
            Line(
                provider,
                [
                    Point(
                        row.quote.time.seconds / 60,
                        row.usd,
                        f"{row.quote.gpu.name}, {row.price.tier}: {row.usd:.2f} USD",
                        4,
                    )
                    for row in possible[:DRAWN]
                    if row.price.provider == provider
                ],
                joined=False,
            )
            for provider in dict.fromkeys(row.price.provider for row in possible[:DRAWN])
        ],
        note="Each point is a GPU that it fits, the cheapest of them. Down is cheaper, left is sooner.",
    )
    table = Table(
        "GPUs, the cheapest first",
        [
            "GPU",
            "Provider",
            "USD",
            "From",
            "To",
            "Time",
            "GiB needed",
            "GiB there",
            "Verdict",
            "Beside the first",
        ],
        [
            [
                row.quote.gpu.name,
                f"{row.price.provider}, {row.price.tier}",
                f"{row.usd:.2f}",
                f"{row.least_usd:.2f}",
                f"{row.most_usd:.2f}",
                duration(row.quote.time.seconds),
                round(row.quote.memory.needed / GIB, 1),
                round(row.quote.gpu.gibibytes, 1),
                row.quote.verdict,
                why(row, first),
            ]
            for row in rows
        ],
        note=f"Prices read {min(row.bill.read for row in rows)} or later.",
        chosen=0,
        is_wide=True,
    )
    memory = Table(
        f"Memory on each {first.quote.gpu.name}",
        ["Part", "GiB"],
        [[name, round(gib, 2)] for name, gib in parts(first.quote.memory).items()],
        note=_range(first.quote.memory),
    )
    verdict = Verdict(
        "good" if first.quote.verdict == "fits" else "unclear" if possible else "bad",
        f"{first.quote.gpu.name} of {first.price.provider}: {first.quote.verdict}.",
        advise_on(estimator, rows) or "",
        [
            Figure("Cost", f"{first.usd:.2f} USD"),
            Figure("Time", duration(first.quote.time.seconds)),
            Figure("Memory", f"{first.quote.memory.needed / GIB:.1f} GiB"),
        ],
    )
    facts = {
        "Parameters": f"{estimator.architecture.parameters / 1e6:,.0f} M",
        "Method": estimator.workload.setup.method,
        "Data": f"{estimator.workload.rows:,} rows of {estimator.workload.tokens_per_row:.0f} tokens",
    }
    sections: list[Section] = [*([chart] if possible else []), memory, table]
    try:
        write_report(
            path, title=model, facts=facts, verdict=verdict, sections=sections, kind="Estimate"
        )
    except OSError as error:
        raise TargetProblem(f"{path} can't be written ({error.strerror}).") from None


def _range(memory: "MemoryEstimate") -> str:
    return f"from {memory.low / GIB:.1f} to {memory.high / GIB:.1f}"
