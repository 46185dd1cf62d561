"""Which machine is rented: sentences about what there is stay short, however much there is."""

import pytest

from core.errors import UserError
from core.machines import NoCapacity, Offer
from core.pricing import choose

MANY = [Offer(f"RTX {number}", 1, number / 1000, []) for number in range(3000, 3060)]


def test_an_unknown_gpu_is_answered_with_those_of_a_like_name() -> None:
    with pytest.raises(UserError) as caught:
        choose("A", MANY, gpu="rtx 3041a", max_hourly=None, max_cost=9, spent=0)
    assert str(caught.value).startswith("--gpu rtx 3041a: A has RTX 3041, ")
    assert str(caught.value).endswith(" and 52 more.")


def test_nothing_free_is_a_short_sentence() -> None:
    with pytest.raises(NoCapacity) as caught:
        choose("A", MANY, gpu="", max_hourly=None, max_cost=9, spent=0)
    assert len(str(caught.value)) < 250
