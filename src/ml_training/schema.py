"""The answers of `new` as a JSON Schema, for agents and forms: `ml-training schema`."""

from typing import Any

from ml_training.catalog import Catalog
from ml_training.plan import Answers, Questionnaire

FOLDER = "folder"  # stands for the folder that `new` is given, which some defaults come from
DECIDES = {
    "component": ["project_name", "next_app"],
    "next_app": ["supabase_client"],
    "task": ["algorithm", "model"],
    "algorithm": ["base_model"],
}


def answers_schema(catalog: Catalog) -> dict[str, Any]:
    questionnaire = Questionnaire(catalog)
    defaults = questionnaire.resolve({}, folder=FOLDER)
    choices = _choices(catalog)
    cases = [
        _case(questionnaire, decider, item) for decider in DECIDES for item in choices[decider]
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers of ml-training new",
        "type": "object",
        "properties": {name: _describe(catalog, name, defaults) for name in catalog.asked},
        "additionalProperties": False,
        "allOf": cases,
    }


def _choices(catalog: Catalog) -> dict[str, list[dict[str, Any]]]:
    """What there is to choose from, with the answer that the choice depends on."""
    apps = [{"component": "frontend", **app} for app in catalog.labelled("next_app")]
    return catalog.choices | {"next_app": apps}


def _describe(catalog: Catalog, name: str, defaults: Answers) -> dict[str, Any]:
    described = {"type": "string", "description": catalog.questions[name]["help"]}
    if pattern := catalog.patterns.get(name):
        described["pattern"] = pattern
    if choices := _choices(catalog).get(name):
        described["enum"] = [item["name"] for item in choices]
    if not any(name in decided for decided in DECIDES.values()):
        described["default"] = defaults[name]
    return described


def _case(questionnaire: Questionnaire, decider: str, item: dict[str, Any]) -> dict[str, Any]:
    """What follows from an answer: which others are allowed, and what they default to."""
    catalog = questionnaire.catalog
    given = {decider: item["name"]} | {name: item[name] for name in DECIDES if name in item}
    answers = questionnaire.resolve(given, folder=FOLDER)
    left_to_others = {n for name in answers if name != decider for n in DECIDES.get(name, ())}
    then: dict[str, Any] = {}
    for name in catalog.asked if decider == "component" else DECIDES[decider]:
        if name not in answers and name not in left_to_others:
            then[name] = False
        elif name in DECIDES[decider] and answers[name] != FOLDER:
            then[name] = {"default": answers[name]}
    if decider == "task":
        own = [item["name"] for item in catalog.algorithms if item["task"] == given["task"]]
        then["algorithm"]["enum"] = own
    return {
        "if": {
            "properties": {name: {"const": value} for name, value in given.items()},
            "required": _not_default(questionnaire, given),
        },
        "then": {"properties": then},
    }


def _not_default(questionnaire: Questionnaire, given: Answers) -> list[str]:
    """Of the answers that others follow from, those that do not hold unless they are given."""
    said: Answers = {}
    for name in (name for name in DECIDES if name in given):
        if questionnaire.resolve(said, folder=FOLDER)[name] != given[name]:
            said[name] = given[name]
    return list(said)
