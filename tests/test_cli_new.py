"""`ml-training new`: what it writes, what it refuses, and what it leaves behind when it fails."""

import os
import stat
from pathlib import Path

import pytest
import yaml

from ml_training.apply import create
from ml_training.catalog import Catalog
from ml_training.errors import TargetProblem
from ml_training.plan import Plan, Questionnaire
from tests.conftest import Run

LORA = ("--task", "text-classification", "--algorithm", "lora")


def test_writes_a_project(run: Run) -> None:
    outcome = run("new", "app", "--defaults")
    assert outcome.code == 0
    assert Path("app/ml/trade_classifier/train.py").is_file()
    assert "make setup" in outcome.out


def test_options_and_settings_become_the_answers(run: Run) -> None:
    setting = "columns=text=statement, label=trade"
    options = (*LORA, "--model-name", "sorter", "--provider", "local", "--set", setting)
    answers = run("new", "app", *options, "--set", "base_model=./base", "--defaults", "--json").json
    recorded = yaml.safe_load(Path("app/.ml-training.yml").read_text())
    assert answers["answers"].items() <= recorded.items()
    assert recorded | {"algorithm": "lora", "model": "sorter", "base_model": "./base"} == recorded
    defaults = Path("app/ml/sorter/defaults.py").read_text()
    assert 'COLUMNS: dict[str, str] = {"text": "statement", "label": "trade"}' in defaults
    assert 'BASE_MODEL = "./base"' in defaults


def test_needs_every_answer_without_a_terminal(run: Run) -> None:
    outcome = run("new", "app", "--task", "text-classification")
    assert outcome.code == 2
    assert "algorithm, model, provider" in outcome.err
    assert not Path("app").exists()


def test_dry_run_lists_exactly_what_would_be_written(run: Run) -> None:
    planned = run("new", "app", "--defaults", "--dry-run").out.split()
    assert not Path("app").exists()
    run("new", "app", "--defaults")
    assert planned == sorted(p.relative_to("app").as_posix() for p in _files(Path("app")))


def test_json_names_answers_and_files(run: Run) -> None:
    written = run("new", "app", "--defaults", "--json").json
    assert written["answers"]["project_name"] == "app"
    assert "ml/core/run.py" in written["files"]


def test_a_model_alone_brings_its_own_core(run: Run) -> None:
    run("new", "app", "--defaults")
    before = {path: path.read_bytes() for path in _files(Path("app"))}
    outcome = run(
        "new", "app/ml/second", "--component", "model", "--model-name", "second", "--defaults"
    )
    assert outcome.code == 0
    assert Path("app/ml/second/core/run.py").is_file()
    assert yaml.safe_load(Path("app/ml/second/.ml-training.yml").read_text())["model"] == "second"
    assert {path: path.read_bytes() for path in before} == before


def test_an_empty_folder_is_used_as_it_is(run: Run) -> None:
    Path("app").mkdir(mode=0o755)
    inode = Path("app").stat().st_ino
    assert run("new", "app", "--defaults").code == 0
    assert Path("app").stat().st_ino == inode


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--task", "text-clasification"), "no task 'text-clasification'. Choose one of: text-cl"),
        (("--algorithm", "loora"), "no algorithm 'loora'. Choose one of: lora"),
        (("--algorithm", "arima"), "The task 'text-classification' has no algorithm 'arima'"),
        (("--provider", "locla"), "no provider 'locla'. Choose one of: local"),
        (("--component", "modle"), "no component 'modle'. Choose one of: model, project"),
        (("--component", "model", "--component", "project"), "'component' is given more than once"),
        (("--model-name", "My Model"), "lower-case Python name"),
        (("--model-name", "core"), 'other than "core"'),
        (("--set", "project_name=My App"), "lower-case letters"),
        (("--set", "data="), "Data is needed"),
        (("--set", "columns=text"), "text=…,label=…"),
        (("--set", "columns=body=statement"), "text=…,label=…"),
        (("--set", "base_model=bert"), "'base_model' does not apply"),
        (("--algorithm", "lora", "--set", "base_model= "), "A base model is needed"),
        (("--set", "modle=x"), "no answer 'modle'. Choose one of: model"),
        (("--set", "tasks=[]"), "no answer 'tasks'"),
        (("--set", "model"), "NAME=VALUE"),
        (("--task", "a", "--set", "task=b"), "'task' is given more than once: a, b"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, options: tuple[str, ...], sentence: str) -> None:
    outcome = run("new", "app", "--defaults", *options)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1
    assert not list(Path().iterdir())


def test_a_mistake_is_json_where_json_is_asked_for(run: Run) -> None:
    error = run("new", "app", "--defaults", "--json", "--algorithm", "loora").json["error"]
    assert error["exit_code"] == 2
    assert error["choices"][0] == "lora"


def test_an_occupied_folder_is_left_alone(run: Run) -> None:
    Path("app").mkdir()
    Path("app/mine").touch()
    outcome = run("new", "app", "--defaults")
    assert outcome.code == 3
    assert "not empty" in outcome.err
    assert list(Path().rglob("*")) == [Path("app"), Path("app/mine")]


def test_a_file_is_not_a_folder(run: Run) -> None:
    Path("app").touch()
    assert run("new", "app", "--defaults").code == 3
    assert run("new", "app/inside", "--defaults").code == 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(run: Run) -> None:
    Path().chmod(stat.S_IREAD | stat.S_IEXEC)
    assert "cannot be written" in run("new", "app", "--defaults").err


def test_a_failure_half_way_leaves_nothing(catalog: Catalog, tmp_path: Path) -> None:
    answers = Questionnaire(catalog).resolve({}, folder="app")
    plan = Plan(tmp_path / "app", answers, copies={"data": tmp_path / "missing"})
    with pytest.raises(TargetProblem):
        create(catalog, plan)
    assert not list(tmp_path.iterdir())


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]
