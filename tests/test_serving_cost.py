"""What a month of answers costs, against a simulation of the machines that the formula is about."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.estimate.cost import MONTH
from core.price_catalog import read_prices
from ml_training.catalog import Catalog
from ml_training.serving_cost import (
    DAY,
    WINDOW,
    Load,
    Server,
    Usage,
    always_on_usage,
    judge_cpu,
    serverless_usage,
    serving_options,
)

steady = settings(max_examples=30, derandomize=True, deadline=None, database=None)
PRICES = read_prices()

loads = st.builds(
    Load, st.floats(1, 1e6), st.floats(0.01, 20), st.floats(1, 100), st.integers(1, 64)
)
windows = st.floats(0, 600)


def simulate(load: Load, window: float, startup: float, days: int) -> Usage:
    """Days of one machine: it starts when asked, and goes after `window` seconds without a request."""
    random_ = random.Random(7)
    now, free_at, starts, idle = 0.0, -math.inf, 0, 0.0
    ready = busy = 0.0
    while now < days * DAY:
        now += random_.expovariate(load.bursts_per_day / DAY)
        if now - free_at > window:  # it has gone
            idle += window if free_at >= 0 else 0.0
            starts += 1
            free_at = ready = now + startup
        elif now > free_at:
            idle += now - free_at
        begun = free_at if load.concurrency == 1 else max(min(free_at, now), ready)
        free, free_at = free_at, max(free_at, max(begun, now) + load.seconds_per_burst)
        busy += free_at - max(free, now)
    return Usage(busy / days, idle / days, starts * startup / days, starts / days)


@pytest.mark.parametrize(
    ("load", "window", "startup"),
    [
        (Load(1000, 2.0), 60.0, 20.0),
        (Load(1000, 2.0, burstiness=20), 60.0, 20.0),
        (Load(3000, 10.0), 5.0, 60.0),
        (Load(20000, 3.0), 5.0, 20.0),
        (Load(200, 0.05), 300.0, 5.0),
        (Load(20000, 3.0, concurrency=64), 5.0, 1.0),
    ],
)
def test_the_formula_is_what_a_simulated_machine_does(
    load: Load, window: float, startup: float
) -> None:
    expected = serverless_usage(load, window, startup)
    seen = simulate(load, window, startup, days=round(30000 / load.bursts_per_day))
    assert seen.billed_seconds == pytest.approx(expected.billed_seconds, rel=0.03)
    assert seen.cold_starts == pytest.approx(expected.cold_starts, rel=0.08, abs=0.5)


@steady
@given(loads, windows, st.floats(0, 120))
def test_nothing_is_billed_twice(load: Load, window: float, startup: float) -> None:
    usage = serverless_usage(load, window, startup)
    assert usage.busy_seconds == pytest.approx(load.busy_machines * DAY)
    assert min(usage.idle_seconds, usage.startup_seconds, usage.cold_starts) >= 0
    most = (math.floor(load.busy_machines) + 1) * DAY
    assert usage.billed_seconds <= most * (1 + 1e-9)


@steady
@given(loads, st.floats(1, 5), windows, windows, st.floats(0, 120))
def test_more_requests_or_a_longer_window_never_cost_less(
    load: Load, more: float, one: float, other: float, startup: float
) -> None:
    grown = Load(load.requests_per_day * more, load.seconds, load.burstiness, load.concurrency)
    billed = serverless_usage(load, min(one, other), startup).billed_seconds
    slack = 1e-6 * billed + 1e-6
    assert serverless_usage(grown, min(one, other), startup).billed_seconds >= billed - slack
    assert serverless_usage(load, max(one, other), startup).billed_seconds >= billed - slack


def test_a_window_of_nothing_bills_the_work_alone() -> None:
    usage = serverless_usage(Load(1000, 2.0), 0.0, 0.0)
    assert usage.billed_seconds == pytest.approx(2000)


def test_requests_that_come_together_share_the_window() -> None:
    alone, together = (serverless_usage(Load(500, 0.1, b), 60, 0) for b in (1, 50))
    assert together.idle_seconds < alone.idle_seconds / 20


def test_what_is_always_on_is_rounded_up_to_machines() -> None:
    assert always_on_usage(Load(10, 1)).billed_seconds == DAY
    assert always_on_usage(Load(2 * DAY, 0.75)).billed_seconds == 2 * DAY


def test_options_are_sorted_and_complete() -> None:
    options = serving_options(PRICES, Load(300, 0.05), cpu_seconds=0.0031)
    costs = [option.usd_per_month for option in options]
    assert costs == sorted(costs)
    kinds = {(o.price.provider, bool(o.price.gpus), o.is_always_on) for o in options}
    assert {("modal", True, False), ("runpod", True, False)} <= kinds
    assert {("modal", False, True), ("modal", False, False)} <= kinds
    assert len([o for o in options if o.is_always_on and o.price.gpus]) == 1
    for option in options:
        assert option.usd_per_thousand * option.requests_per_month / 1000 == pytest.approx(
            option.usd_per_month
        )


def test_a_core_that_is_always_on_costs_what_its_hours_cost() -> None:
    options = serving_options(
        PRICES, Load(300, 0.05), cpu_seconds=0.01, server=Server(cores=0.25, memory_gib=0.5)
    )
    (option,) = (o for o in options if o.is_always_on and not o.price.gpus)
    assert option.usd_per_month == pytest.approx(MONTH * (0.25 * 0.04716 + 0.5 * 0.007992))


def test_a_gpu_can_be_chosen_by_any_name() -> None:
    options = serving_options(PRICES, Load(300, 0.05), gpu="RTX 4090")
    assert {option.price.kind for option in options} == {"RTX-4090"}
    with pytest.raises(UserError, match="no GPU 'RTX 5099'"):
        serving_options(PRICES, Load(300, 0.05), gpu="RTX 5099")


@pytest.mark.parametrize(
    ("load", "cpu_seconds", "enough", "why"),
    [
        (Load(330, 0.05), 0.0031, True, "A CPU is enough"),
        (Load(330, 0.05), 2.0, False, "A burst takes a CPU 2 seconds, more than 1."),
        (Load(330, 0.05, burstiness=500), 0.0031, False, "A burst takes a CPU 1.6 seconds"),
        (Load(20 * DAY, 0.05), 0.03, False, "One CPU would be busy 60 % of the time."),
    ],
)
def test_when_a_cpu_is_enough(load: Load, cpu_seconds: float, enough: bool, why: str) -> None:
    found, said = judge_cpu(load, cpu_seconds)
    assert (found, said[: len(why)]) == (enough, why)


@pytest.mark.parametrize("given", [(0, 1), (1, 0), (1, 1, 0.5), (1, 1, 1, 0), (math.nan, 1)])
def test_a_load_that_cannot_be_is_a_sentence(given: tuple[float, ...]) -> None:
    with pytest.raises(UserError):
        Load(*given)  # type: ignore[arg-type]


def test_a_server_that_cannot_be_is_a_sentence() -> None:
    with pytest.raises(UserError, match="0 or more"):
        Server(cores=-1)


def test_what_is_assumed_is_what_projects_do(catalog: Catalog) -> None:
    providers = catalog.root / "templates/providers"
    endpoint = (providers / "modal/modal_endpoint.py").read_text("utf-8")
    assert f"IDLE = {WINDOW['modal']:g}  # seconds" in endpoint
    pods = (providers / "runpod/runpod_cloud.py").read_text("utf-8")
    assert f"DISK = {Server().disk_gb:g}  # GB" in pods
