"""Trainings compute in bfloat16 where that is faster, not wherever a CPU can."""

from collections.abc import Iterator

import pytest
import torch

from core import precision

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    precision.supports_bf16.cache_clear()
    yield
    precision.supports_bf16.cache_clear()


@pytest.mark.parametrize(("seconds", "is_used"), [(0.5, True), (0.9, False), (2.0, False)])
def test_a_cpu_has_to_be_faster_with_it(
    monkeypatch: pytest.MonkeyPatch, seconds: float, is_used: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    taken = {torch.bfloat16: seconds, torch.float32: 1.0}
    monkeypatch.setattr(precision, "_seconds", taken.__getitem__)
    assert precision.supports_bf16() == is_used


def test_what_is_emulated_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    monkeypatch.setattr(precision, "_seconds", pytest.fail)
    assert not precision.supports_bf16()
