"""What a training needs, takes and costs before it starts: `ml-training estimate`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ml_training.command_group import as_json, print_json
from ml_training.errors import UsageProblem

if TYPE_CHECKING:
    from core.estimate.workload import Workload

METHODS = ("full", "lora", "qlora", "prefix", "p-tuning", "inference")
TOKENS = 256  # of a row, where nothing says how long they are
OPTIMIZERS = ("adamw", "adamw-fused", "adamw-8bit", "adamw-paged", "sgd", "adafactor", "lion")
DTYPES = ("float32", "bfloat16", "float16")


@click.command(context_settings={"show_default": True})
@click.argument("model", metavar="MODEL")
@click.option("--method", default="lora", type=click.Choice(METHODS), help="How it is trained.")
@click.option("--data", metavar="FILE", help="Its rows are counted: JSON, JSONL, CSV, Parquet.")
@click.option("--rows", type=click.IntRange(1), help="Of the data, where there is no file.")
@click.option("--tokens", type=click.FloatRange(1), help="Of a row, on average.")
@click.option("--longest", type=click.IntRange(1), help="Tokens of the longest row.")
@click.option("--max-length", default=1024, type=click.IntRange(1), help="Tokens that are read.")
@click.option("--epochs", default=3.0, type=click.FloatRange(0, min_open=True), help="Passes.")
@click.option("--batch", default=16, type=click.IntRange(1), help="Rows of a step.")
@click.option("--micro-batch", type=click.IntRange(1), help="Rows at a time; else what fits.")
@click.option("--rank", default=16, type=click.IntRange(1), help="Of LoRA's adapters.")
@click.option("--weights", default="bfloat16", type=click.Choice(DTYPES), help="As they are kept.")
@click.option("--gradients", type=click.Choice(DTYPES), help="Of a full fine-tuning.")
@click.option("--autocast", is_flag=True, help="Compute in 16 bits what is kept in 32.")
@click.option("--master-weights", is_flag=True, help="A float32 copy of 16-bit weights.")
@click.option(
    "--optimizer", default="adamw", type=click.Choice(OPTIMIZERS), help="Of what is trained."
)
@click.option("--checkpointing", is_flag=True, help="Compute each block twice, to save memory.")
@click.option("--packed", is_flag=True, help="Short rows are put together.")
@click.option("--fused-loss", is_flag=True, help="All logits are never held at once.")
@click.option("--gpus", default=1, type=click.IntRange(1), help="Of one machine.")
@click.option("--sharding", default="ddp", type=click.Choice(["ddp", "fsdp"]), help="Over them.")
@click.option("--gpu", metavar="NAME", default="", help="This one only, by any name.")
@click.option("--provider", metavar="NAME", default="", help="Of this one only.")
@click.option(
    "--community", is_flag=True, help="RunPod's community cloud, too: machines of strangers."
)
@click.option(
    "--spot", is_flag=True, help="Machines that can be taken away, too, where the list has them."
)
@click.option(
    "--interruptions",
    default=0.0,
    type=click.FloatRange(0),
    help="In an hour, of spot machines and Modal's GPUs; work since the last checkpoint is done again.",
)
@click.option(
    "--checkpoint-minutes",
    default=10.0,
    type=click.FloatRange(0, min_open=True),
    help="From one checkpoint to the next.",
)
@click.option("--startup-seconds", type=float, help="Before the first step; else assumed.")
@click.option("--kept-gib", default=0.0, help="On a volume, for a month.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it as a page, with a chart of cost against time.",
)
@as_json
def estimate(
    model: str,
    data: str | None,
    gpu: str,
    provider: str,
    gpus: int,
    community: bool,
    spot: bool,
    interruptions: float,
    checkpoint_minutes: float,
    startup_seconds: float | None,
    kept_gib: float,
    report: Path | None,
    as_json: bool,
    **training: Any,
) -> None:
    """Say whether a training fits a GPU, how long it takes, and what it costs, the cheapest first.

    MODEL is a folder, a name on the Hugging Face Hub, or one of the usual models, which are known
    without a network. Nothing is rented and nothing is downloaded but a config.json.
    """
    from ml_training.core_modules import core_problems
    from ml_training.price_list import current_prices

    catalog = current_prices()
    from core.estimate.cost import Interruptions, Job
    from core.estimate.estimator import Estimator
    from core.estimate.gpus import find_gpu
    from core.estimate.table import RENTED, rows_of
    from ml_training.base_models import read_model
    from ml_training.estimate_output import as_dict, show, write_page

    with core_problems():
        architecture = read_model(model)
        if gpu:
            find_gpu(gpu)
        estimator = Estimator(describe(model, data, training), architecture)
        job = Job(
            0.0,
            startup_seconds=startup_seconds,
            kept_gib=kept_gib,
            interruptions=Interruptions(interruptions, 60 * checkpoint_minutes),
        )
        tiers = (*RENTED, *["community"] * community, *["spot"] * spot)
        rows = rows_of(
            estimator, catalog, provider=provider, gpu=gpu, gpus=gpus, tiers=tiers, job=job
        )
    if report is not None:
        write_page(report, model, estimator, rows)
    warnings = age(rows)
    if as_json:
        print_json(**as_dict(estimator, rows), warnings=warnings)
        return
    show(estimator, rows)
    if report is not None:
        click.echo(f"Wrote {report}.")


def age(rows: Any) -> list[str]:
    from core.price_catalog import age_warnings

    warnings = age_warnings((row.price for row in rows), date.today())
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    return warnings


def describe(model: str, data: str | None, given: dict[str, Any]) -> "Workload":
    """
    Raises:
        UsageProblem: Nothing says how much data there is.
        UserError: A value cannot be, or the file cannot be read.
    """
    from core.estimate.training_setup import TrainingSetup
    from core.estimate.workload import Workload

    rows, tokens, longest = _size(model, data, given)
    setup = TrainingSetup(
        method=given["method"],
        rank=given["rank"],
        weights=given["weights"],
        autocast=given["autocast"],
        gradients=given["gradients"],
        master_weights=given["master_weights"],
        optimizer=given["optimizer"],
        checkpointing=given["checkpointing"],
        sequence=min(longest, given["max_length"]),
        micro_batch=given["batch"],
        packed=given["packed"],
        loss="fused" if given["fused_loss"] else "full",
        sharding=given["sharding"],
    )
    return Workload(
        model,
        setup,
        rows,
        min(tokens, given["max_length"]),
        given["epochs"],
        micro_batch=given["micro_batch"] or 0,
    )


def _size(model: str, data: str | None, given: dict[str, Any]) -> tuple[int, float, int]:
    """Rows, tokens of one on average, and of the longest."""
    from core.estimate.token_count import count_tokens
    from core.sources import read_rows

    if data is None and given["rows"] is None:
        raise UsageProblem("How much data is there? Name a file with --data, or give --rows.")
    if data is None:
        tokens = given["tokens"] or min(TOKENS, given["max_length"])
        return given["rows"], tokens, given["longest"] or round(tokens * 2)
    texts = [
        "\n".join(str(value) for value in row.values.values() if value is not None)
        for row in read_rows(data)
    ]
    lengths = count_tokens(texts, model)
    mean = given["tokens"] or sum(lengths) / len(lengths)
    return given["rows"] or len(texts), mean, given["longest"] or round(max(lengths))
