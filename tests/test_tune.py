"""A tuning of a generated model: the best trial is a run like any other: `pytest -m slow`."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generated import Model

pytest.importorskip("ray")

pytestmark = pytest.mark.slow

TEMPLATES = Path(__file__).parents[1] / "templates"


@pytest.fixture
def model(render: Callable[..., Path], tmp_path: Path) -> Callable[..., Model]:
    def model(algorithm: str, **answers: str) -> Model:
        project = render(task="text-classification", algorithm=algorithm, **answers)
        return Model(project / "ml/trade_classifier", project / "ml/trade_classifier/runs")

    return model


def tune(model: Model, *options: str, code: int = 0) -> str:
    process = model.start(*options, script="tune.py")
    output, _ = process.communicate(timeout=280)
    assert process.returncode == code, output
    return output


def trials(model: Model) -> list[dict[str, str]]:
    (table,) = model.folder.glob("tunes/*/trials.csv")
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_best_trial_becomes_a_run(model: Callable[..., Model]) -> None:
    tuned = model("linear")
    output = tune(tuned, "--trials", "3", "--parallel", "2", "--", "--samples", "200")
    tried = trials(tuned)
    assert tried[0]["--inverse-regularization"] == "30.0"  # the first is what config.py says
    best = max(tried, key=lambda trial: float(trial["macro_f1"]))
    assert tuned.run.name == Path(best["artifact"]).name
    assert tuned.manifest["metrics"]["macro_f1"] == float(best["macro_f1"])
    assert tuned.manifest["config"]["samples"] == 200
    assert f"runs/{tuned.run.name}" in output
    with tuned.served():
        pass


# A model whose score is a setting of it, evaluated ten times.
TASK = """
import sys, time
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from core.artifact import write_manifest
from core.command import Task
from core.search import Search
from core.settings import RunSettings

class Config(RunSettings):
    data: str = "none"
    quality: Annotated[float, Search(0, 1, log=False)] = Field(1.0)

class Item(BaseModel):
    text: str

def train(config, run):
    run.start("0")
    for step in range(10):
        run.stop_if_asked()
        run.event("evaluation", step=step, metrics={"score": config.quality * step})
        time.sleep(0.2)
    write_manifest(run, "none", "none", (Item, Item), metrics={"score": config.quality * 9})
    return run.folder

TASK = Task("none", "None", "none", [], "score", Config, Item, Item, print, train)
"""


def test_what_is_behind_is_stopped_early(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(TASK)
    scripts = (TEMPLATES / "providers/local/train.py", TEMPLATES / "project/ml/@{ model }@/tune.py")
    for script in scripts:
        shutil.copy(script, tmp_path)
    tuned = Model(tmp_path, tmp_path / "runs", modules=TEMPLATES / "project/ml")
    tune(tuned, "--trials", "6")
    tried = trials(tuned)
    assert tried[0]["evaluations"] == "11"  # ten, and its end
    stopped = [trial for trial in tried if not trial["artifact"]]
    assert stopped and all(int(trial["evaluations"]) < 10 for trial in stopped)
    assert tuned.manifest["config"]["quality"] == 1.0
    logs = [path.read_text("utf-8") for path in tmp_path.glob("tunes/*/*/log.txt")]
    assert any("Stopped: SIGTERM" in log for log in logs)  # the last may have ended by itself
    alive = subprocess.run(["pgrep", "-f", str(tmp_path / "tunes")], check=False)
    assert alive.returncode == 1  # no trial outlives the tuning


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--trial", "3"), "did you mean --trials?"),
        (("--trials", "2", "--", "--samples", "0"), "--samples 0"),
        (("--trials", "2", "--", "--inverse-regularization", "3"), "Nothing is left to tune"),
    ],
)
def test_a_mistake_is_one_sentence(
    model: Callable[..., Model], options: tuple[str, ...], words: str
) -> None:
    output = tune(model("linear"), *options, code=2)
    assert words in output
    assert len(output.strip().splitlines()) == 1
