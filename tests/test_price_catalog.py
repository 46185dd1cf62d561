"""What things cost: every row has a source and a date, and a name that is unknown gets the nearest ones."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError, UserError
from core.price_catalog import (
    PACKAGED,
    Price,
    PriceCatalog,
    age_warnings,
    format_prices,
    kind_of,
    parse_prices,
    read_prices,
)
from ml_training.catalog import Catalog

steady = settings(max_examples=30, derandomize=True, deadline=None, database=None)
PRICES = read_prices()
KINDS = sorted({price.kind for price in PRICES.gpu_prices()})
HEADER, FIRST = PACKAGED.read_text("utf-8").splitlines()[:2]


def _offer(item: str, usd: float) -> Price:
    values = ("on-demand", item, 1, 1, usd, "GPU-hour", 1, 0.0, 0.0, "a page", date(2026, 1, 1))
    return Price("a", *values)


def test_the_file_is_what_its_reader_would_write() -> None:
    assert format_prices(PRICES) == PACKAGED.read_text("utf-8")


def test_no_price_is_there_twice() -> None:
    keys = [(p.provider, p.tier, p.item, p.gpus) for p in PRICES.current]
    assert len(keys) == len({*keys})


@pytest.mark.parametrize(
    ("provider", "gpu", "gpus", "usd_per_hour", "read"),
    [
        ("modal", "T4", 1, 0.5904, "2026-07-01"),
        ("modal", "A100-40GB", 8, 8 * 2.0988, "2026-07-01"),
        ("lambda", "A10", 1, 1.29, "2026-09-20"),
        ("lambda", "H100", 8, 8 * 3.99, "2026-09-20"),
        ("runpod", "RTX 4090", 1, 0.34, "2026-09-25"),
        ("runpod", "H100 PCIe", 1, 1.99, "2026-11-09"),
    ],
)
def test_known_prices(provider: str, gpu: str, gpus: int, usd_per_hour: float, read: str) -> None:
    price = PRICES.gpu_prices(provider=provider, gpu=gpu, gpus=gpus)[0]
    assert price.usd_per_hour == pytest.approx(usd_per_hour)
    assert price.read.isoformat() == read


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["A100 (40 GB SXM4)", "A100 40GB", "A100-40GB"], "A100-40GB"),
        (["A100 (80 GB SXM4)", "A100 PCIe 80", "NVIDIA A100 80GB PCIe"], "A100-80GB"),
        (["H100 (80 GB SXM5)", "H100 SXM", "NVIDIA H100 80GB HBM3", "H100"], "H100"),
        (["H100 (80 GB PCIe)", "H100 PCIe"], "H100-PCIE"),
        (["NVIDIA GeForce RTX 4090", "RTX4090", "4090", "rtx 4090"], "RTX-4090"),
        (["A10 (24 GB PCIe)", "A10G", "gpu_1x_a10"], "A10"),
        (["RTX 6000 (Quadro)", "RTX 6000 (24 GB)"], "RTX-6000"),
        (["6000Ada", "NVIDIA RTX 6000 Ada Generation"], "RTX-6000-ADA"),
        (["RTX-PRO-6000", "RTX PRO 6000"], "RTX-PRO-6000"),
        (["A6000 (48 GB)", "NVIDIA RTX A6000"], "A6000"),
    ],
)
def test_one_gpu_has_one_name(names: list[str], kind: str) -> None:
    assert {kind_of(name) for name in names} == {kind}


@steady
@given(prices=st.lists(st.builds(_offer, st.sampled_from(KINDS), st.floats(0.01, 99)), min_size=1))
def test_a_cheaper_gpu_of_a_kind_never_comes_after_a_dearer_one(prices: list[Price]) -> None:
    catalog = PriceCatalog(tuple(prices))
    for kind in {price.kind for price in prices}:
        costs = [price.usd for price in catalog.gpu_prices(gpu=kind)]
        assert costs == sorted(price.usd for price in prices if price.kind == kind)


@steady
@given(prices=st.lists(st.builds(_offer, st.text("a,\"' é/", min_size=1), st.floats(1e-6, 1e6))))
def test_what_is_written_is_read_again(prices: list[Price]) -> None:
    written = format_prices(PriceCatalog(tuple(prices)))
    if prices:
        assert format_prices(parse_prices(written)) == written


def test_a_superseded_price_is_used_for_its_own_day_only() -> None:
    assert [p.usd for p in PRICES.gpu_prices(provider="lambda", gpu="A10")] == [1.29]
    assert PRICES.past("lambda", "A10", date(2025, 11, 1)).usd == 0.31


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"gpu": "A110"}, "There is no GPU 'A110': choose A10, "),
        ({"gpu": "H1000", "provider": "modal"}, "modal has no GPU 'H1000': choose H100, "),
        ({"provider": "lamda"}, "There is no provider 'lamda': choose lambda, modal, runpod."),
    ],
)
def test_an_unknown_name_gets_the_nearest(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        PRICES.gpu_prices(**given)  # type: ignore[arg-type]
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has to start with the line provider,tier,item,"),
        ("a,b\n1,2\n", "has to start with the line"),
        (f"{HEADER}\n", "has no prices."),
        (f"{HEADER}\nmodal\n", "row 2: has not 13 values."),
        (FIRST.replace("0.5904", "free"), "row 2: could not convert string to float: 'free'."),
        (FIRST.replace("0.5904", "nan"), "row 2: wants a price and a time billed above 0."),
        (FIRST.replace("on-demand", "free"), "row 2: has the tier 'free', not one of on-demand,"),
        (FIRST.replace("GPU-hour", "day"), "row 2: has the unit 'day', not one of GPU-hour,"),
        (FIRST.replace(",1,8,", ",9,8,"), "row 2: has a number of GPUs that does not fit"),
        (FIRST.replace("2026-07-01", "July"), "row 2: Invalid isoformat string: 'July'."),
        (FIRST.replace("T4", ""), "row 2: wants a provider, an item and a source."),
    ],
)
def test_a_file_that_cannot_be_is_told_by_row(text: str, sentence: str) -> None:
    lines = text if text.count("\n") or not text else f"{HEADER}\n{text}\n"
    with pytest.raises(DataError) as caught:
        parse_prices(lines, "mine.csv")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("mine.csv")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        read_prices(tmp_path / "none.csv")


def test_old_prices_are_told_by_provider() -> None:
    assert age_warnings(PRICES.current, date(2026, 6, 30)) == []
    offers = PRICES.gpu_prices(provider="modal")
    assert age_warnings(offers, date(2026, 7, 31)) == []
    (warning,) = age_warnings(offers, date(2026, 8, 1))
    assert "modal were read up to 31 days ago (2026-07-01)" in warning


def test_other_places_say_the_same(catalog: Catalog) -> None:
    providers = {item["name"]: item for item in catalog.providers}
    assert {p.item for p in PRICES.gpu_prices(provider="modal")} == {*providers["modal"]["gpus"]}
    disk = PRICES.price("runpod", "disk", "secure").usd
    runpod = (catalog.root / "templates/providers/runpod/runpod_cloud.py").read_text("utf-8")
    assert f"DISK_PRICE = {disk:.2f} / 730  # USD per GB and hour" in runpod
