"""What train.py says without training: --check and --describe, in place, for every algorithm."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ml_training.catalog import read_catalog
from tests import light
from tests.generated import PAIRS

CATALOG = read_catalog()
TEMPLATES = CATALOG.root / "templates"
TASK = "text-classification"


def facts_of(task: str) -> dict[str, Any]:
    return next(item for item in CATALOG.tasks if item["name"] == task)


def train(
    folder: Path, *options: str, task: str = TASK, algorithm: str = "linear", code: int = 0
) -> str:
    ended = light.train(folder, task, algorithm, *options)
    assert ended.code == code, ended.err
    return ended.out or ended.err


def check(folder: Path, *options: str, code: int = 0, **where: str) -> dict[str, Any]:
    before = sorted(folder.iterdir())
    facts: dict[str, Any] = json.loads(train(folder, "--check", *options, code=code, **where))
    assert sorted(folder.iterdir()) == before
    return facts


@dataclass(frozen=True)
class Described:
    task: str
    algorithm: str
    facts: dict[str, Any]  # of --describe


# Of module scope, so that all of these tests come one after the other.
@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def described(request: pytest.FixtureRequest) -> Described:
    task, algorithm = request.param
    said = train(TEMPLATES, "--describe", task=task, algorithm=algorithm)
    return Described(task, algorithm, json.loads(said))


def test_a_model_describes_itself_as_its_task_does(described: Described) -> None:
    facts, known = described.facts, facts_of(described.task)
    assert (facts["task"], facts["algorithm"]) == (described.task, described.algorithm)
    for key in ("title", "columns", "metric"):
        assert facts[key] == known[key]
    assert facts["input"]["kind"] == known["input"]
    assert facts["output"]["properties"]


def test_every_setting_has_a_description_and_a_default(described: Described) -> None:
    settings = described.facts["settings"]["properties"]
    assert {"data", "columns", "seed"} < settings.keys()
    assert not {"output", "resume", "check", "describe"} & settings.keys()
    assert list(settings)[-1] == "price_per_hour"  # what every model has comes after its own
    assert all({"description", "default"} < schema.keys() for schema in settings.values())


def test_there_is_something_to_tune(described: Described) -> None:
    config = (TEMPLATES / "tasks" / described.task / described.algorithm / "config.py").read_text()
    assert re.search(r"Annotated\[.*Search\(", config)


@pytest.mark.parametrize("task", [task["name"] for task in CATALOG.tasks])
def test_the_sample_passes_its_check(task: str, tmp_path: Path) -> None:
    known = facts_of(task)
    sample = TEMPLATES / "tasks" / task / known["sample"]
    algorithm = known["algorithms"][0]["name"]
    facts = check(tmp_path, "--data", str(sample), task=task, algorithm=algorithm)
    keys = ["rows", "columns", "summary", "problems", "problem_count", "notes"]
    assert list(facts) == keys
    header = int(sample.suffix == ".csv")
    assert facts["rows"] == len(sample.read_text("utf-8").splitlines()) - header
    assert (facts["problems"], facts["problem_count"]) == ([], 0)


def test_what_is_wrong_is_listed_with_its_place(tmp_path: Path) -> None:
    lines = ["statement,trade", *["Weld.,Welder", "Bend.,Plumber"] * 2, *[",Welder"] * 1200]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    columns = ["--columns", "text=statement", "--columns", "label=trade"]
    facts = check(tmp_path, "--data", "a.csv", *columns, code=3)
    assert facts["columns"] == {"text": "statement", "label": "trade"}
    assert (len(facts["problems"]), facts["problem_count"]) == (1000, 1200)
    message = "is empty; write a text or delete the row."
    place = {"file": "a.csv", "row": 6, "column": "statement"}
    assert facts["problems"][0] == {**place, "message": message}


@pytest.mark.parametrize("data", ["nowhere.csv", "owner/name"])
def test_data_that_is_not_there_is_one_problem(tmp_path: Path, data: str) -> None:
    (problem,) = check(tmp_path, "--data", data, code=3)["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == (data, None, None)


def test_a_wrong_option_is_no_problem_of_the_data(tmp_path: Path) -> None:
    assert "--sample" in train(tmp_path, "--check", "--sample", "3", code=2)
