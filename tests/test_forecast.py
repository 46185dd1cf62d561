"""Estimates of a project's own trainings: before something is rented, and beside what came."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.command import Task, run_training
from core.debug_steps import ON_GPU
from core.errors import UserError
from core.estimate.forecast import Forecast
from core.estimate.gpus import find_gpu
from core.estimate.history import read_history
from core.estimate.token_count import count_tokens
from core.estimate.training_setup import TrainingSetup
from core.estimate.workload import Workload, text_workload
from core.machines import Offer
from core.price_catalog import kind_of, read_prices
from core.rented_training import RentedTraining
from ml_training.model_table import CONFIGS
from tests.rented.launcher import TASK
from tests.test_rented import Laptop, laptop

__all__ = ["laptop"]  # the fixture

FULL = TrainingSetup(method="full", weights="float32", autocast=True, loss="held", sequence=128)


def foretold(folder: Path, model: str, rows: int = 4000, **setup: Any) -> Task[Any]:
    """A training of a model that has so many parameters."""
    (folder / "config.json").write_text(json.dumps(CONFIGS[model]))
    work = Workload(str(folder), replace(FULL, **setup), rows, 100, 2)
    return replace(TASK, load=lambda *_: [model], forecast=lambda *_: Forecast(work))


def test_what_is_too_small_is_not_rented(laptop: Laptop, tmp_path: Path) -> None:
    task = foretold(tmp_path, "openai-community/gpt2-xl")
    assert laptop.train("--max-cost", "20", task=task) == 0
    (machine,) = laptop.cloud.machines.values()
    assert find_gpu(machine.kind).gibibytes > 28
    said = r"estimate  .+: fits \([\d.]+ of [\d.]+ GiB\), \d+ min \(.+ to .+\), [\d.]+ USD \(.+ to .+\)"
    assert re.search(said, laptop.out)


def test_nothing_is_rented_where_it_fits_nothing(laptop: Laptop, tmp_path: Path) -> None:
    assert laptop.train(task=foretold(tmp_path, "meta-llama/Llama-2-70b-hf")) == 2
    assert re.search(r"error: The training needs [\d.]+ GiB on each GPU", laptop.said)
    assert not laptop.cloud.machines and not Path("runs").exists()


def test_one_that_was_named_and_is_too_small_is_refused_with_what_would_help(
    laptop: Laptop, tmp_path: Path
) -> None:
    task = foretold(tmp_path, "openai-community/gpt2-xl")
    assert laptop.train("--gpu", laptop.cloud.gpu, task=task) == 2
    assert "it would with LoRA" in laptop.said
    assert not laptop.cloud.machines


def test_the_truth_is_kept_beside_the_estimate_and_corrects_the_next(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.estimate.history.SETTLED", 5)
    task = foretold(tmp_path, "openai-community/gpt2")
    assert laptop.train(task=task) == 0
    events = {event["event"]: event for event in laptop.events()}
    expected, cost = events["estimate"], events["returned"]["cost_usd"]
    assert expected["usd"] > 0 and cost > 0 and expected["base_model"] == str(tmp_path)
    assert f"cost      {cost:.2f} USD, of which {expected['usd']:.2f} were expected" in laptop.out
    (past,) = read_history(Path())
    assert past.rates == (expected["samples_per_second"], 4.0)

    assert laptop.train(task=task) == 0
    second = [json.loads(line) for line in _newest().read_text().splitlines()]
    (corrected,) = [event for event in second if event["event"] == "estimate"]
    assert corrected["samples_per_second"] == pytest.approx(4.0, rel=0.01)


def test_debug_runs_and_those_of_jobs_correct_an_estimate_too(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.rented.machine.STEPS", ON_GPU)
    monkeypatch.setattr("tests.rented.machine.STEP", 0.5)
    work = Workload(str(tmp_path), FULL, 4000, 100, 2)
    task = foretold(tmp_path, "openai-community/gpt2")
    assert laptop.train("--debug", "--output", "jobs/a/runs", task=task) == 0
    assert "By its speed: python train.py --estimate\n" in laptop.out
    (past,) = read_history(Path())
    offer = Offer(past.machine[0], 1, 1.0, ["here"])
    assert Forecast(work).facts("lambda", offer)["samples_per_second"] == pytest.approx(4.0)


def test_a_training_says_what_it_will_have_cost_once_it_has_a_pace(laptop: Laptop) -> None:
    assert laptop.train() == 0
    (pace,) = [event for event in laptop.events() if event["event"] == "pace"]
    final = laptop.events()[-1]["cost_usd"]
    assert pace["usd"] == pytest.approx(final, rel=0.2)
    assert re.search(r"pace +\d+ minutes more at the most, [\d.]+ USD in all", laptop.out)


def test_a_pace_that_is_too_dear_is_said_while_there_is_time(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.rented.machine.STEP", 300.0)
    hourly = min(offer.usd_per_hour for offer in laptop.rentals()._machines.offers())
    laptop.train("--max-cost", f"{hourly * 0.6:.2f}")
    assert re.search(r"at this pace --max-cost [\d.]+ ends it before", laptop.out)


def test_an_estimate_above_the_limit_is_said_before_it_costs_anything(
    laptop: Laptop, tmp_path: Path
) -> None:
    task = foretold(tmp_path, "openai-community/gpt2", rows=2_000_000)
    laptop.train("--max-cost", "2", task=task)
    assert re.search(
        r"[\d.]+ USD are expected, and --max-cost leaves 2.00: it will end", laptop.out
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: (f / "config.json").write_text("{"), "config.json can't be read"),
        (lambda f: (f / "config.json").write_text('{"model_type": "x"}'), "no estimate for"),
    ],
)
def test_a_model_that_is_not_known_is_trained_without_an_estimate(
    laptop: Laptop, tmp_path: Path, change: Callable[[Path], Any], sentence: str
) -> None:
    change(tmp_path)
    work = Workload(str(tmp_path), FULL, 10, 10, 1)
    task = replace(TASK, load=lambda *_: [1], forecast=lambda *_: Forecast(work))
    assert laptop.train(task=task) == 0
    assert "estimate  none: " in laptop.out and sentence in laptop.out


def test_a_gpu_that_nobody_knows_yet_comes_last(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIGS["openai-community/gpt2"]))
    forecast = Forecast(Workload(str(tmp_path), FULL, 1000, 100, 1))
    new, known = (Offer(name, 1, price, ["here"]) for name, price in (("X900", 0.1), ("A10", 1.0)))
    assert forecast.order("lambda", [new, known]) == [known, new]


def test_more_gpus_than_rows_of_a_batch_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIGS["openai-community/gpt2"]))
    forecast = Forecast(Workload(str(tmp_path), replace(FULL, micro_batch=2), 1000, 100, 1))
    one, four = (Offer(f"{count}x A10", count, 1.0, ["here"]) for count in (1, 4))
    assert forecast.order("lambda", [four, one]) == [one]
    with pytest.raises(UserError, match="2 rows of a batch can't be shared by its GPUs"):
        forecast.order("lambda", [four])


def test_the_dearer_gpu_is_first_where_it_is_cheaper_for_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIGS["Qwen/Qwen2.5-0.5B"]))
    forecast = Forecast(Workload(str(tmp_path), replace(FULL, micro_batch=8), 50_000, 128, 3))
    slow, fast = (Offer(name, 1, price, ["here"]) for name, price in (("T4", 0.6), ("H100", 4.0)))
    assert forecast.order("modal", [slow, fast]) == [fast, slow]


def test_an_estimate_lists_every_gpu_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("text,label\na,b\n")
    assert run_training(foretold(tmp_path, "openai-community/gpt2-xl"), ["--estimate"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split() == [
        "USD",
        "time",
        "GPU",
        "provider",
        "tier",
        "GiB",
        "verdict",
        "beside",
        "the",
        "first",
    ]
    assert " fits" in lines[1] and any("does not fit" in line for line in lines)
    assert "warning: Prices of modal were read" in printed.err
    assert not Path("runs").exists()
    assert run_training(TASK, ["--estimate"]) == 2
    assert "There is no estimate for fake" in capsys.readouterr().err


def test_a_program_gets_the_estimate_of_what_would_be_rented_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = RentedTraining(pytest.fail, "lambda")
    task = foretold(tmp_path, "openai-community/gpt2-xl")
    assert run_training(task, ["--estimate-json"], elsewhere=elsewhere) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["provider"], answer["seconds_here"]) == ("lambda", None)
    assert {gpu["provider"] for gpu in answer["gpus"]} == {"lambda"}
    cheapest, *_, last = answer["gpus"]
    assert (cheapest["verdict"], last["verdict"]) == ("fits", "does not fit")
    assert cheapest["usd_range"][0] <= cheapest["usd"] <= cheapest["usd_range"][1]
    assert run_training(task, ["--estimate-json"]) == 0
    here = json.loads(capsys.readouterr().out)
    assert (here["provider"], here["gpus"], here["warnings"]) == ("local", [], [])


def test_a_check_says_what_its_training_will_take_where_it_is_rented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = RentedTraining(pytest.fail, "lambda")

    def check(task: Task[Any]) -> dict[str, Any]:
        assert run_training(task, ["--check"], elsewhere=elsewhere) == 0
        summary: dict[str, Any] = json.loads(capsys.readouterr().out)["summary"]
        return summary

    said = check(foretold(tmp_path, "openai-community/gpt2"))["estimate"]
    assert re.fullmatch(r"RTX 6000: fits, .+, [\d.]+ USD \([\d.]+ to [\d.]+\)", said)
    assert check(replace(TASK, load=lambda *_: [1])) == {}
    (tmp_path / "config.json").write_text("{")
    work = Workload(str(tmp_path), FULL, 10, 10, 1)
    broken = replace(TASK, load=lambda *_: [1], forecast=lambda *_: Forecast(work))
    assert check(broken)["estimate"].startswith("none: ")


def test_tokens_are_counted_of_what_is_read() -> None:
    settings: Any = SimpleNamespace(base_model="x", batch=8, epochs=3, bf16=None, debug=False)
    texts = ["a" * 400, "b" * 4000]
    work = text_workload(settings, texts, 256, "lora")
    assert count_tokens(texts, "x")[0] == pytest.approx(100, rel=0.05)
    assert (work.setup.sequence, work.rows, work.epochs) == (256, 2, 3)
    assert work.tokens_per_row == pytest.approx((102 + 256) / 2)
    settings.bf16, settings.debug = False, True
    quick = text_workload(settings, texts * 500, 256, "lora", weights="bfloat16")
    assert (quick.setup.weights, quick.rows, quick.epochs) == ("float32", ON_GPU * 8, 1)


def test_the_tokenizer_of_the_base_model_counts_where_it_is_at_hand(tmp_path: Path) -> None:
    words = {"a": 0, "?": 1}
    model = {"type": "WordLevel", "vocab": words, "unk_token": "?"}
    parts = {"pre_tokenizer": {"type": "Whitespace"}, "model": model, "version": "1.0"}
    (tmp_path / "tokenizer.json").write_text(json.dumps(parts))
    assert count_tokens(["a " * 300], str(tmp_path))[0] == pytest.approx(302)
    (tmp_path / "tokenizer.json").write_text("{")
    assert count_tokens(["a " * 300], str(tmp_path))[0] == pytest.approx(152)


def test_a_gpu_has_one_name_whoever_lists_it() -> None:
    for price in read_prices().current:
        if price.gpus and not price.tier.startswith("serverless"):
            assert kind_of(find_gpu(price.item).name) == price.kind, price.item


def _newest() -> Path:
    return max(Path("runs").glob("*/events.jsonl"))
