"""Every algorithm of every task as its user meets it: installed, trained, killed, resumed, served, asked."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ml_training.catalog import read_catalog
from tests import light
from tests.destinations.hub import card_errors
from tests.generated import PAIRS, Model, answers, get, install, known, post

CATALOG = read_catalog()
TEMPLATES = CATALOG.root / "templates"
TASKS = [task["name"] for task in CATALOG.tasks]
every = pytest.mark.parametrize(("task", "algorithm"), PAIRS)


@pytest.fixture(scope="session")
def installed(
    render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[Path, str]]:
    """The folder of a generated model with a tiny base model, and its Python."""
    pythons: dict[str, str] = {}

    @cache
    def installed(task: str, algorithm: str) -> tuple[Path, str]:
        facts = next(a for a in CATALOG.algorithms if (a["task"], a["name"]) == (task, algorithm))
        project = render(**answers(facts, tmp_path_factory.mktemp("base")))
        (folder,) = [path.parent for path in (project / "ml").glob("*/train.py")]
        lock = folder / "requirements.txt"
        if (pins := lock.read_text("utf-8")) not in pythons:
            pythons[pins] = install(lock, tmp_path_factory.mktemp("venv") / algorithm)
        return folder, pythons[pins]

    return installed


@pytest.fixture
def model(installed: Callable[..., tuple[Path, str]], tmp_path: Path) -> Callable[..., Model]:
    def model(task: str, algorithm: str, runs: str = "runs") -> Model:
        folder, python = installed(task, algorithm)
        return Model(folder, tmp_path / runs, python)

    return model


@every
@pytest.mark.slow
def test_is_trained_and_served(model: Callable[..., Model], task: str, algorithm: str) -> None:
    trained = model(task, algorithm)
    output = trained.train(*getattr(known(task), "SHORT", {}).get(algorithm, ("--debug",)))
    manifest = trained.manifest
    assert str(trained.run / "report.html") in output
    assert (manifest["task"], manifest["algorithm"]) == (task, algorithm)
    assert manifest["metrics"].keys() == manifest["baseline"]["metrics"].keys()
    assert manifest["verdict"]["sentence"] in (trained.run / "README.md").read_text("utf-8")
    assert not card_errors((trained.run / "README.md").read_text("utf-8"))
    assert not unsafe_files(trained.run, manifest)
    with trained.served() as address:
        schema = get(f"{address}/schema")
        (example, *_) = schema["input"]["examples"]
        answer = post(f"{address}/predict", example)
        jsonschema.validate(answer, {**schema["output"], "additionalProperties": True})
        assert answer["version"] == manifest["version"]
        assert len(post(f"{address}/predict", [example] * 3)) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "algorithm"), [(t, a) for t, a in PAIRS if a in getattr(known(t), "LONG", {})]
)
def test_ends_with_the_same_model_after_a_kill(
    model: Callable[..., Model], task: str, algorithm: str
) -> None:
    options = known(task).LONG[algorithm]
    whole, broken = model(task, algorithm, "whole"), model(task, algorithm, "broken")
    whole.train(*options)
    process = broken.start_training(*options)
    broken.wait_for_checkpoint(process)
    process.kill()
    process.communicate()
    broken.train("--resume")
    assert broken.manifest["metrics"] == whole.manifest["metrics"]
    assert weights(broken) == weights(whole)


@pytest.mark.slow
@every
def test_its_own_tests_pass(
    installed: Callable[..., tuple[Path, str]], task: str, algorithm: str
) -> None:
    folder, _ = installed(task, algorithm)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder.parent), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Starts a training on each file, and says how that ended. It ends where the data is loaded: what only
# a training needs cannot be imported.
REFUSED = """
import contextlib, dataclasses, io, json, sys
from core.command import run_training
from core.findings import Findings
from task import TASK
task = dataclasses.replace(TASK, train=lambda settings, run: TASK.load(settings, Findings()))
for options in json.loads(sys.argv[1]):
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(said):
        code = run_training(task, options)
    print(json.dumps([code, said.getvalue()]))
"""


@pytest.fixture(scope="session", params=TASKS)
def refused(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Any], dict[str, tuple[int, str]], Path]]:
    """The malformed files of a task, and how a training on each of them ended."""
    task = request.param
    folder = tmp_path_factory.mktemp(task)
    cases = known(task).BAD
    for name, (content, *_) in cases.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    options = [
        ["--data", name, *(rest[0] if rest else ())] for name, (_, _, *rest) in cases.items()
    ]
    first = next(item for item in CATALOG.tasks if item["name"] == task)["algorithms"][0]["name"]
    done = light.train(folder, task, first, json.dumps(options), code=REFUSED)
    ended = [json.loads(line) for line in done.out.splitlines()]
    assert len(ended) == len(cases), done.err
    yield cases, dict(zip(cases, ended, strict=True)), folder


def test_malformed_data_is_one_sentence_each(
    refused: tuple[dict[str, Any], dict[str, tuple[int, str]], Path],
) -> None:
    cases, ended, folder = refused
    assert len(cases) >= 10
    for name, (_, words, *_) in cases.items():
        code, said = ended[name]
        assert code in (2, 3), (name, said)
        assert words in said, (name, said)
        assert "Traceback" not in said
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == cases.keys()


def unsafe_files(run: Path, manifest: dict[str, Any]) -> set[str]:
    """Files that run code when they are read, by their ending; OpenVINO's .bin holds numbers."""
    engines = {f"{item['name']}.bin" for item in manifest["engine"].get("candidates", [])}
    endings = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".ckpt", ".npy", ".npz")
    return {p.name for p in run.rglob("*") if p.is_file() and p.name.endswith(endings)} - engines


def weights(model: Model) -> dict[str, str]:
    """Digests of the files that hold what was learnt."""
    endings = (".safetensors", ".onnx", ".skops", ".xml", ".ubj")
    files: dict[str, str] = model.manifest["files"]
    learnt = {name: digest for name, digest in files.items() if name.endswith(endings)}
    assert learnt
    return learnt
