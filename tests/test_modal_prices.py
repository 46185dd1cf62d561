"""What Modal costs, by the table that a model at Modal gets."""

import importlib
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
import yaml

PROVIDER = Path(__file__).parents[1] / "templates/providers/modal"


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PROVIDER))
    found = importlib.import_module("modal_prices")
    monkeypatch.delitem(sys.modules, "modal_prices")
    return found


def test_every_gpu_that_can_be_chosen_has_a_price(prices: ModuleType) -> None:
    listed = yaml.safe_load((PROVIDER / "provider.yaml").read_text("utf-8"))["gpus"]
    assert [*prices.GPUS] == [*listed, prices.NO_GPU]
    assert time.strptime(prices.READ, "%Y-%m-%d")


def test_the_cheapest_comes_first_and_none_last(prices: ModuleType) -> None:
    *with_gpu, without = prices.offers()
    costs = [offer.usd_per_hour for offer in with_gpu]
    assert costs == sorted(costs)
    assert (without.gpu, without.gpus) == (prices.NO_GPU, 0)
    assert 0 < without.usd_per_hour < costs[0]


def test_eight_cost_eight_times_as_much(prices: ModuleType) -> None:
    one, eight = (prices.usd_per_hour([gpu]) for gpu in ("H100", "H100:8"))
    assert eight == pytest.approx(8 * one)
    assert one == pytest.approx(3.9492 + 4 * 0.04716 + 80 * 0.007992)


def test_a_list_costs_what_its_dearest_costs(prices: ModuleType) -> None:
    assert prices.usd_per_hour(["T4", "L4", "A10"]) == prices.usd_per_hour(["A10"])


def test_a_number_that_cannot_be_is_no_offer(prices: ModuleType) -> None:
    assert {offer.gpu for offer in prices.offers("H100:9")} == {*prices.GPUS}
