"""docs/costs.md: its figures are current, and the sums of the brief come out at the prices of its day."""

import pytest

from tools.costs import BLOCKS, EXAMPLES, FIGURES, PAGE, PRICES, Example, costs
from tools.written import ROOT, differences

WRONG = {"sentiment classifier, one T4, 1.5 h"}  # by the brief's own price


def test_the_page_is_current() -> None:
    assert not list(differences(costs())), "run: python -m tools.costs"


def test_every_figure_has_its_place() -> None:
    text = (ROOT / PAGE).read_text("utf-8")
    assert [found[2] for found in FIGURES.finditer(text)] == [*BLOCKS]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.what)
def test_a_sum_of_the_brief_comes_out(example: Example) -> None:
    is_right = round(example.past_usd(PRICES), 2) == example.said
    assert is_right == (example.what not in WRONG)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.what)
def test_the_whole_bill_is_more_than_hours_times_price(example: Example) -> None:
    assert example.whole_usd(PRICES) > example.usd(PRICES)


def test_a_day_of_requests_costs_what_its_seconds_cost_and_not_a_third() -> None:
    assert "| by its price, 2,000 seconds | 0.33 |" in BLOCKS["daily"]()
