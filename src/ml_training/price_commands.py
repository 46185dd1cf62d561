"""What GPUs and answers cost: `ml-training prices`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ml_training.command_group import Commands, as_json, print_json
from ml_training.errors import UsageProblem, no_such
from ml_training.price_tables import (
    HEAD,
    SERVING_HEAD,
    as_dict,
    beside,
    credit,
    option_as_dict,
    row,
    serving_row,
    sources,
    table,
)

if TYPE_CHECKING:
    from core.price_catalog import Price


@click.group(cls=Commands, invoke_without_command=True)
@click.option("--provider", metavar="NAME", default="", help="Of this one only.")
@click.option("--gpu", metavar="NAME", default="", help="Of this one only, by any name.")
@as_json
@click.pass_context
def prices(context: click.Context, provider: str, gpu: str, as_json: bool) -> None:
    """List what GPUs cost, the cheapest first.

    The prices came with this version, or are your own of `ml-training prices refresh`, whichever of
    a provider are newer. Nothing is asked of anybody.
    """
    if context.invoked_subcommand:
        return
    from ml_training.core_modules import core_problems
    from ml_training.price_list import current_prices

    catalog = current_prices()
    with core_problems():
        found = catalog.gpu_prices(provider=provider, gpu=gpu)
    shown = {price.provider for price in found}
    besides = [p for p in catalog.current if p.provider in shown and not p.gpus]
    warnings = _warn(found)
    if as_json:
        print_json(prices=[as_dict(price) for price in [*found, *besides]], warnings=warnings)
        return
    click.echo(table([HEAD, *map(row, found)]))
    for price in besides:
        click.echo(f"{price.provider}, {price.tier}: {price.item} {beside(price)}")
    click.echo(sources([*found, *besides]))


@prices.command()
@click.option("--provider", metavar="NAME", help="This one only: lambda, modal, runpod.")
@click.option(
    "--write",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Bring this file up to date instead, such as ml/core/prices.csv of a project.",
)
@as_json
def refresh(provider: str | None, file: Path | None, as_json: bool) -> None:
    """Ask the providers for today's prices.

    Lambda and RunPod are asked with LAMBDA_API_KEY and RUNPOD_API_KEY, Modal through its command
    line. Without --provider all that can be asked are. All of them answer, or nothing is changed.
    """
    from ml_training.price_list import bring_up_to_date
    from ml_training.price_sources import SOURCES, askable

    if provider is not None and provider not in SOURCES:
        raise no_such("provider", provider, SOURCES)
    asked = askable() if provider is None else [provider]
    if not asked:
        raise UsageProblem(
            "Nobody can be asked: set LAMBDA_API_KEY or RUNPOD_API_KEY, or install modal."
        )
    today = date.today()
    target, fresh = bring_up_to_date(asked, file, today)
    if as_json:
        print_json(file=str(target), providers=asked, prices=len(fresh), read=today.isoformat())
    else:
        click.echo(f"Wrote {len(fresh)} prices of {', '.join(asked)} to {target}.")


@prices.command(context_settings={"show_default": True})
@click.option("--requests-per-day", type=float, required=True, help="Of a usual day.")
@click.option("--seconds", type=float, required=True, help="That one request takes a GPU.")
@click.option("--cpu-seconds", type=float, help="That one request takes a CPU, if it can.")
@click.option("--burstiness", default=1.0, help="Requests that come together, on average.")
@click.option("--concurrency", default=1, help="Requests that a GPU answers at once.")
@click.option("--gpu", metavar="NAME", default="", help="This one, not the cheapest.")
@click.option("--cores", default=1.0, help="Of a server, physical ones.")
@click.option("--memory-gib", default=2.0, help="Of a server.")
@click.option("--startup-seconds", default=20.0, help="From nothing to ready.")
@click.option("--window-seconds", type=float, help="Until an idle server goes: Modal 60, RunPod 5.")
@as_json
def serving(
    requests_per_day: float,
    seconds: float,
    cpu_seconds: float | None,
    burstiness: float,
    concurrency: int,
    gpu: str,
    as_json: bool,
    **server: Any,
) -> None:
    """Say what a month of answers costs, the cheapest way first.

    Requests are taken to come at random (Poisson), around the clock. A machine that scales to
    nothing is paid for while it starts, answers, and waits for the next request.
    """
    from ml_training.core_modules import core_problems
    from ml_training.price_list import current_prices

    catalog = current_prices()
    from ml_training.serving_cost import Load, Server, judge_cpu, serving_options

    with core_problems():
        load = Load(requests_per_day, seconds, burstiness, concurrency)
        options = serving_options(
            catalog, load, gpu=gpu, cpu_seconds=cpu_seconds, server=Server(**server)
        )
    warnings = _warn(option.price for option in options)
    verdict = judge_cpu(load, cpu_seconds)[1] if cpu_seconds is not None else ""
    if as_json:
        found = [option_as_dict(option) for option in options]
        print_json(options=found, cpu=verdict or None, warnings=warnings)
        return
    click.echo(table([SERVING_HEAD, *map(serving_row, options)]))
    for line in filter(None, [verdict, credit(options), sources(o.price for o in options)]):
        click.echo(line)


def _warn(found: "Iterable[Price]") -> list[str]:
    from core.price_catalog import age_warnings

    warnings = age_warnings(found, date.today())
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    return warnings
