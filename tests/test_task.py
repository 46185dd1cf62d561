"""What train.py says without training: --check and --describe, in place, for every algorithm."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ml_training.catalog import read_catalog

CATALOG = read_catalog()
TEMPLATES = CATALOG.root / "templates"
TASK = "text-classification"
every = pytest.mark.parametrize(
    ("task", "algorithm"), [(item["task"], item["name"]) for item in CATALOG.algorithms]
)

# Runs train.py where nothing that only a training needs can be imported.
LIGHT = """
import runpy, sys
sys.modules |= dict.fromkeys(["numpy", "pandas", "sklearn", "torch", "transformers"])
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def train(
    folder: Path, *options: str, task: str = TASK, algorithm: str = "linear", code: int = 0
) -> str:
    own = TEMPLATES / "tasks" / task
    path = [TEMPLATES / "project/ml", own / algorithm, own]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(TEMPLATES / "providers/local/train.py"), *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout or done.stderr


def check(folder: Path, *options: str, code: int = 0, **where: str) -> dict[str, Any]:
    before = sorted(folder.iterdir())
    facts: dict[str, Any] = json.loads(train(folder, "--check", *options, code=code, **where))
    assert sorted(folder.iterdir()) == before
    return facts


@every
def test_a_model_describes_itself_as_its_task_does(
    task: str, algorithm: str, tmp_path: Path
) -> None:
    facts = json.loads(train(tmp_path, "--describe", task=task, algorithm=algorithm))
    known = next(item for item in CATALOG.tasks if item["name"] == task)
    assert (facts["task"], facts["algorithm"]) == (task, algorithm)
    for key in ("title", "columns", "metric"):
        assert facts[key] == known[key]
    assert facts["input"]["kind"] == known["input"]
    assert facts["output"]["properties"]


@every
def test_every_setting_has_a_description_and_a_default(
    task: str, algorithm: str, tmp_path: Path
) -> None:
    facts = json.loads(train(tmp_path, "--describe", task=task, algorithm=algorithm))
    settings = facts["settings"]["properties"]
    assert {"data", "columns", "seed"} < settings.keys()
    assert not {"output", "resume", "check", "describe"} & settings.keys()
    assert list(settings)[-1] == "price_per_hour"  # what every model has comes after its own
    assert all({"description", "default"} < schema.keys() for schema in settings.values())


@every
def test_there_is_something_to_tune(task: str, algorithm: str) -> None:
    own = TEMPLATES / "tasks" / task
    path = [TEMPLATES / "project/ml", own / algorithm, own]
    code = "from config import Config; from core.search import searched; print(*searched(Config))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()


@every
def test_the_sample_passes_its_check(task: str, algorithm: str, tmp_path: Path) -> None:
    facts_of_task = next(item for item in CATALOG.tasks if item["name"] == task)
    sample = TEMPLATES / "tasks" / task / facts_of_task["sample"]
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
