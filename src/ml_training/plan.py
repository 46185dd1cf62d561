"""Decides, without touching disk or network, which answers a project is generated from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from ml_training.catalog import Catalog, read_yaml
from ml_training.edits import Edit
from ml_training.errors import UsageProblem, no_such

Answers = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What shall be written where; `ask` leaves what was not given to the user."""

    target: Path
    answers: Answers
    ask: bool = False
    copies: Mapping[str, Path] = field(default_factory=dict)  # path in the target -> folder
    edits: Sequence[Edit] = ()  # of files beside the target


@dataclass(frozen=True)
class Questionnaire:
    """The questions of copier.yml, answered as Copier would, but with every mistake in words."""

    catalog: Catalog

    def resolve(self, given: Mapping[str, str], *, folder: str, defaults: bool = True) -> Answers:
        """Every answer to every question that is asked.

        Raises:
            UsageProblem: An answer is unknown, impossible, beside the point or missing.
        """
        for name in given:
            if name not in self.catalog.asked:
                raise no_such("answer", name, self.catalog.asked)
        context: Answers = {"_folder_name": folder, "_copier_conf": {"answers_file": ""}}
        answers: Answers = {}
        for name, question in self.catalog.questions.items():
            asked = _is_true(self._render(question.get("when", True), context))
            if name in given and not asked:
                raise UsageProblem(f"The answer {name!r} does not apply to the other answers.")
            context[name] = given.get(name, self._default(question, context))
            if asked:
                self._check(name, question, context)
                answers[name] = context[name]
        missing = [name for name in answers if name not in given]
        if missing and not defaults:
            raise UsageProblem(
                f"Not answered: {', '.join(missing)}. Use --set NAME=VALUE, or --defaults.",
                missing,
            )
        return answers

    def choices(self, name: str, context: Answers) -> list[str]:
        """What a question can be answered with; empty when anything goes."""
        choices = self._render(self.catalog.questions[name].get("choices", []), context)
        if isinstance(choices, str):
            choices = read_yaml(choices)
        pairs = choices.items() if isinstance(choices, dict) else choices
        return [value for _, value in pairs]

    def next_steps(self, answers: Answers) -> str:
        return str(self._render(self.catalog.config["_message_after_copy"], answers))

    def _check(self, name: str, question: dict[str, Any], context: Answers) -> None:
        choices = self.choices(name, context)
        if choices and context[name] not in choices:
            owner = f"The task {context['task']!r} has" if name == "algorithm" else ""
            raise no_such(name, context[name], choices, owner=owner)
        if mistake := self._render(question.get("validator", ""), context).strip():
            raise UsageProblem(mistake)

    def _default(self, question: dict[str, Any], context: Answers) -> Any:
        value = self._render(question["default"], context)
        parse = question["type"] in ("yaml", "bool") and isinstance(value, str)
        return read_yaml(value) if parse else value

    def _render(self, value: Any, context: Answers) -> Any:
        if not isinstance(value, str):
            return value
        return _template(value, tuple(self.catalog.config["_envops"].items())).render(context)


@cache  # to compile one takes longer than all else here
def _template(source: str, envops: tuple[tuple[str, Any], ...]) -> Template:
    return _environment(envops).from_string(source)


@cache
def _environment(envops: tuple[tuple[str, Any], ...]) -> Environment:
    options = dict(envops) | {"undefined": StrictUndefined}
    filters = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"  # as Copier has them
    return Environment(extensions=[filters], **options)


def _is_true(value: bool | str) -> bool:
    return value in (True, "True", "true")
