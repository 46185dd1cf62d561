"""Reads the folders of the template: its questions, tasks and providers."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

try:  # ten times as fast, where PyYAML was built with libyaml
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

FAST_LOADER: type[Any] = SafeLoader

HERE = Path(__file__).resolve().parent
PACKAGED = HERE / "template"  # in the wheel; a checkout has the same files at its root


@dataclass(frozen=True)
class Catalog:
    root: Path

    @cached_property
    def config(self) -> dict[str, Any]:
        """copier.yml as Copier sees it: settings start with an underscore, the rest is asked."""
        with (self.root / "copier.yml").open(encoding="utf-8") as file:
            config: dict[str, Any] = yaml.load(file, _loader(self.root))
        return config

    @cached_property
    def questions(self) -> dict[str, dict[str, Any]]:
        return {name: body for name, body in self.config.items() if not name.startswith("_")}

    @cached_property
    def asked(self) -> list[str]:
        return [name for name, body in self.questions.items() if body.get("when") is not False]

    @property
    def patterns(self) -> dict[str, str]:
        """What an answer must match, by question."""
        patterns: dict[str, str] = self.questions["patterns"]["default"]
        return patterns

    @property
    def choices(self) -> dict[str, list[dict[str, Any]]]:
        """What there is to choose from, by question."""
        return {
            "task": self.tasks,
            "algorithm": self.algorithms,
            "provider": self.providers,
            "component": self.components,
        }

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return self._folders("tasks")

    @property
    def algorithms(self) -> list[dict[str, Any]]:
        return [
            {"task": task["name"], **algorithm}
            for task in self.tasks
            for algorithm in task["algorithms"]
        ]

    @property
    def providers(self) -> list[dict[str, Any]]:
        return self._folders("providers")

    @property
    def components(self) -> list[dict[str, Any]]:
        return self.labelled("component")

    @property
    def web_package(self) -> str:
        """The package.json that the web pages have in an app of their own."""
        return (self.root / "templates/project/frontend/package.json").read_text(encoding="utf-8")

    def labelled(self, question: str) -> list[dict[str, Any]]:
        """The choices of a question that lists them itself, as "name: summary"."""
        labels = self.questions[question]["choices"]
        return [{"name": n, "summary": label.partition(": ")[2]} for label, n in labels.items()]

    def _folders(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.questions[kind]["default"]
        return sorted(found, key=lambda folder: str(folder["name"]))


def read_catalog() -> Catalog:
    return Catalog(PACKAGED if PACKAGED.is_dir() else HERE.parents[1])


def read_yaml(content: str | bytes) -> Any:
    return yaml.load(content, SafeLoader)


def _loader(root: Path) -> type[SafeLoader]:
    """A loader for Copier's `!include`: a list of what the matching files hold."""

    class Loader(SafeLoader):
        pass

    def include(loader: SafeLoader, node: yaml.ScalarNode) -> list[Any]:
        paths = sorted(root.glob(str(loader.construct_scalar(node))))
        return [read_yaml(path.read_bytes()) for path in paths]

    Loader.add_constructor("!include", include)
    return Loader
