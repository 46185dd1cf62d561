"""What a training costs: per second, minute or hour, with what is billed besides the GPU."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.estimate.cost import Bill, Interruptions, Job, recovery_seconds, training_bill
from core.price_catalog import Price, read_prices

steady = settings(max_examples=30, derandomize=True, deadline=None, database=None)
PRICES = read_prices()
MACHINES = PRICES.gpu_prices(tiers=("on-demand", "secure", "community", "spot"))
SPOT = replace(MACHINES[0], tier="spot")
AT_ONCE = Job(0.0, startup_seconds=0.0, idle_seconds=0.0)

machines = st.sampled_from(MACHINES)
seconds = st.floats(0.001, 1e6)


def bill(price: Price, work_seconds: float, **given: Any) -> Bill:
    return training_bill(PRICES, price, replace(AT_ONCE, work_seconds=work_seconds, **given))


@steady
@given(machines, seconds, seconds)
def test_longer_never_costs_less(price: Price, one: float, other: float) -> None:
    assert bill(price, min(one, other)).total_usd <= bill(price, max(one, other)).total_usd + 1e-9


@steady
@given(machines, seconds)
def test_a_finer_clock_never_costs_more(price: Price, work: float) -> None:
    clocks = [replace(price, billed_seconds=step) for step in (1, 60, 3600)]
    costs = [bill(clock, work).total_usd for clock in clocks]
    assert costs == sorted(costs)
    assert bill(clocks[0], work).billed_seconds - work < 1 + 1e-6


@steady
@given(machines, seconds, st.floats(0, 3), st.floats(0, 3))
def test_more_interruptions_never_cost_less(price: Price, work: float, a: float, b: float) -> None:
    costs = [bill(price, work, interruptions=Interruptions(rate)).total_usd for rate in (a, b)]
    assert (costs[0] <= costs[1] + 1e-9) if a <= b else (costs[1] <= costs[0] + 1e-9)


def test_a_minimum_is_billed_in_full() -> None:
    price = replace(MACHINES[0], billed_seconds=60, minimum=90.0)
    assert [bill(price, work).billed_seconds for work in (1, 90, 121)] == [120, 120, 180]


def test_modal_bills_cores_and_memory_besides_the_gpu() -> None:
    (price,) = PRICES.gpu_prices(provider="modal", gpu="T4")
    usd = bill(price, 3600, cores=4, memory_gib=16).usd
    assert usd == pytest.approx({"GPU": 0.5904, "CPU core": 4 * 0.04716, "memory": 16 * 0.007992})
    assert bill(price.of(2), 3600).usd["CPU core"] == pytest.approx(8 * 0.04716)
    assert bill(price, 3600, cores=0.01).usd["CPU core"] == pytest.approx(0.125 * 0.04716)


def test_a_pod_pays_for_its_disk_while_it_is_there() -> None:
    (price,) = PRICES.gpu_prices(provider="runpod", gpu="L40S", tiers=["secure"])
    assert bill(price, 7300, disk_gb=100).usd == pytest.approx(
        {"GPU": 1.09 * 7300 / 3600, "disk": 100 * 0.10 * 7300 / 3600 / 730}
    )


def test_at_lambda_all_is_included_by_the_minute() -> None:
    (price,) = PRICES.gpu_prices(provider="lambda", gpu="A10")
    assert bill(price, 61).usd == pytest.approx({"GPU": 1.29 / 30})
    assert bill(price, 61).seconds["rounding"] == 59


def test_a_volume_is_paid_for_beyond_what_is_included() -> None:
    (price,) = PRICES.gpu_prices(provider="modal", gpu="T4")
    assert "volume" not in bill(price, 60, kept_gib=1024).usd
    assert bill(price, 60, kept_gib=1124).usd["volume"] == pytest.approx(9.0)


def test_a_credit_is_shown_and_not_taken_off() -> None:
    (price,) = PRICES.gpu_prices(provider="modal", gpu="T4")
    found = bill(price, 3600)
    assert (found.credit_usd, found.total_usd) == (30.0, sum(found.usd.values()))
    assert found.read == date(2026, 7, 1)


def test_start_and_end_are_billed_as_work_is() -> None:
    (price,) = PRICES.gpu_prices(provider="lambda", gpu="A10")
    assumed = training_bill(PRICES, price, Job(3600.0))
    assert assumed.seconds["startup"] > 0 < assumed.seconds["idle"]
    assert assumed.total_usd > bill(price, 3600).total_usd


def test_an_interruption_costs_half_a_checkpoint_and_a_start() -> None:
    hourly = Interruptions(per_hour=1, checkpoint_seconds=600)
    # 360 of 3600 seconds are lost in each hour that it runs: of ten, nine are work.
    assert recovery_seconds(9 * 3600, 60, hourly) == pytest.approx(3600)


def test_a_spot_price_that_saves_less_than_its_interruptions_cost_is_dearer() -> None:
    on_demand = MACHINES[0]
    spot = replace(on_demand, tier="spot", usd=on_demand.usd * 0.7)
    often = Job(36000.0, 60.0, 0.0, interruptions=Interruptions(4.0, 600.0))
    seldom = replace(often, interruptions=Interruptions(0.2, 600.0))
    steady = training_bill(PRICES, on_demand, replace(often, interruptions=Interruptions()))
    assert training_bill(PRICES, spot, seldom).usd["GPU"] < steady.usd["GPU"]
    assert training_bill(PRICES, spot, often).usd["GPU"] > steady.usd["GPU"]


def test_what_never_ends_is_a_sentence() -> None:
    with pytest.raises(UserError, match="never ends: write checkpoints more often"):
        bill(SPOT, 3600, interruptions=Interruptions(10, 600), startup_seconds=60.0)


@pytest.mark.parametrize("work", [-1.0, float("nan"), float("inf")])
def test_a_time_that_cannot_be_is_a_sentence(work: float) -> None:
    with pytest.raises(UserError, match="0 seconds or more"):
        Job(work)
