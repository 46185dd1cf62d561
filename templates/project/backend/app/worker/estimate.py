"""Estimates: what a training would need, take and cost where its recipe trains; nothing is started."""

from typing import Literal

from pydantic import BaseModel, ValidationError

from app.ml.job_settings import setting_faults
from app.ml.trainings import SCHEMA
from app.worker.arguments import options, source
from app.worker.context import Context
from app.worker.events import Event, append
from app.worker.hiding import hide_folder
from app.worker.inputs import read_input
from app.worker.leases import Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed
from app.worker.provider import Json


class Memory(BaseModel):
    """Bytes on each GPU."""

    needed: float
    available: float


class Gpu(BaseModel):
    """
    Args:
        seconds_range: From the soonest to the latest end that is likely.
        usd_range: Of the same.
    """

    gpu: str
    tier: str
    verdict: Literal["fits", "tight", "does not fit"]
    memory_bytes: Memory
    seconds: float
    seconds_range: tuple[float, float]
    usd: float
    usd_range: tuple[float, float]


class Estimate(BaseModel):
    """
    Args:
        gpus: That could be rented, the cheapest for all of the training first.
        seconds_here: On this machine, by the speed of its last run.
    """

    provider: str
    gpus: list[Gpu]
    seconds_here: float | None
    warnings: list[str]


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    schema = await outlast(lambda: _schema(context, job.recipe))
    for fault in setting_faults(job.settings, schema):
        raise Failed(f"{fault.field}: {fault.message}")
    data = await read_input(context, job)
    arguments = [*source(data.place, data.columns), *options(job.settings)]
    answer = await context.provider(job.recipe).estimate(arguments)
    result = hide_folder(_read(answer), context.folder(job))

    async def save() -> None:
        async with lease.held() as connection:
            await append(connection, job.id, [Event("succeeded", {})])
            await finish(connection, job.id, "succeeded", result=result)

    await outlast(save)


def _read(answer: Json) -> Json:
    """What the pages can rely on; a model folder may say more."""
    try:
        return Estimate.model_validate(answer).model_dump()
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise Failed(f"The recipe's estimate is not right: {place}: {fault['msg']}.") from None


async def _schema(context: Context, recipe: str) -> Json:
    async with context.database.as_service() as connection:
        schema: Json | None = await connection.fetchval(SCHEMA, recipe)
    if schema is None:
        raise Failed(f"No worker knows the recipe '{recipe}' any more: choose another one.")
    return schema
