"""The commands beside `new`: list, schema, help, and what is said when a name is unknown."""

import json
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ml_training.catalog import Catalog
from tests.conftest import Run
from tools.commands import PAGE, commands_page

LAZY = {"copier", "jinja2", "pydantic", "yaml"}


@pytest.mark.parametrize("kind", ["tasks", "algorithms", "providers", "components"])
def test_lists_have_a_name_and_a_summary(run: Run, kind: str) -> None:
    items = run("list", kind, "--json").json[kind]
    printed = run("list", kind).out.splitlines()
    assert len(items) == len(printed) > 0
    for item, line in zip(items, printed, strict=True):
        assert line.split()[0] == item["name"]
        assert line.endswith(item["summary"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nwe",), "no command 'nwe'. Choose one of: new"),
        (("list", "task"), "no list 'task'. Choose one of: tasks"),
        (("new", "app", "--defalts"), "No such option"),
        (("new",), "Missing argument"),
    ],
)
def test_unknown_words_are_usage_errors(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert sentence in outcome.err


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    printed = subprocess.check_output([sys.executable, "-m", "ml_training", "schema"], text=True)
    Draft202012Validator.check_schema(json.loads(printed))
    return Draft202012Validator(json.loads(printed))


@pytest.mark.parametrize(
    ("answers", "valid"),
    [
        ({}, True),
        ({"task": "text-classification", "algorithm": "lora", "base_model": "a/b"}, True),
        ({"task": "text-classification", "algorithm": "linear", "base_model": "a/b"}, False),
        ({"component": "model", "project_name": "app"}, False),
        ({"component": "frontend", "next_app": "new"}, True),
        ({"component": "frontend", "next_app": "new", "supabase_client": "@/a"}, False),
        ({"component": "frontend", "task": "text-classification"}, False),
        ({"component": "backend", "next_app": "new"}, False),
        ({"component": "frontend", "next_app": "old"}, False),
        ({"algorithm": "arima"}, False),  # of another task than the one that is not given
        ({"algorithm": "lora", "base_model": "a/b"}, True),
        ({"base_model": "a/b"}, False),
        ({"task": "embeddings", "base_model": "a/b"}, True),
        ({"next_app": "new"}, False),
        ({"model": "core"}, False),
        ({"modle": "x"}, False),
    ],
)
def test_schema_tells_what_new_takes(
    run: Run, schema: Draft202012Validator, answers: dict[str, Any], valid: bool
) -> None:
    assert schema.is_valid(answers) == valid
    settings = [f"--set={name}={value}" for name, value in answers.items()]
    assert (run("new", "app", "--defaults", "--dry-run", *settings).code == 0) == valid


def test_every_question_explains_itself(catalog: Catalog) -> None:
    for name in catalog.asked:
        assert catalog.questions[name]["help"], name


def test_the_commands_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "run: python -m tools.commands"


def test_help_imports_nothing_that_is_slow() -> None:
    code = f"import sys; from ml_training.cli import cli; print({LAZY!r} & set(sys.modules))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert loaded == "set()\n"
