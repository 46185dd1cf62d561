"""The answers of `new` as a JSON Schema, for agents and forms: `ml-training schema`."""

from typing import Any

from ml_training.catalog import Catalog
from ml_training.plan import Answers, Questionnaire

FOLDER = "folder"  # stands for the folder that `new` is given, which some defaults come from
DECIDES = {
    "component": ["project_name"],
    "task": ["algorithm", "model"],
    "algorithm": ["base_model"],
}


def answers_schema(catalog: Catalog) -> dict[str, Any]:
    defaults = Questionnaire(catalog).resolve({}, folder=FOLDER)
    cases = [
        _case(catalog, decider, item) for decider in DECIDES for item in catalog.choices[decider]
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers of ml-training new",
        "type": "object",
        "properties": {name: _describe(catalog, name, defaults) for name in catalog.asked},
        "additionalProperties": False,
        "allOf": cases,
    }


def _describe(catalog: Catalog, name: str, defaults: Answers) -> dict[str, Any]:
    described = {"type": "string", "description": catalog.questions[name]["help"]}
    if pattern := catalog.patterns.get(name):
        described["pattern"] = pattern
    if name in catalog.choices:
        described["enum"] = [item["name"] for item in catalog.choices[name]]
    if not any(name in decided for decided in DECIDES.values()):
        described["default"] = defaults[name]
    return described


def _case(catalog: Catalog, decider: str, item: dict[str, Any]) -> dict[str, Any]:
    """What follows from an answer: which others are allowed, and what they default to."""
    given = {decider: item["name"]} | ({"task": item["task"]} if "task" in item else {})
    answers = Questionnaire(catalog).resolve(given, folder=FOLDER)
    asks_nothing_else = set(answers) == {decider}
    then: dict[str, Any] = {
        name: {"default": answers[name]} if name in answers else False
        for name in (catalog.asked if asks_nothing_else else DECIDES[decider])
        if answers.get(name) != FOLDER and name != decider
    }
    if decider == "task":
        own = [item["name"] for item in catalog.algorithms if item["task"] == given["task"]]
        then["algorithm"]["enum"] = own
    return {
        "if": {
            "properties": {name: {"const": value} for name, value in given.items()},
            "required": list(given),
        },
        "then": {"properties": then},
    }
