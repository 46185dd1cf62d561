"""Copier, without working out anew for each part of each path what is the same for all of them.

A project has hundreds of files: this is most of the time that `new` takes. What comes of it is
byte for byte what `copier copy` writes, by test.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from copier import _main as copier_main
from copier._jinja_ext import get_yield_context
from copier._main import Worker
from jinja2 import Environment

from ml_training.catalog import FAST_LOADER

compile_ = Environment.compile
render_ = Worker._render_string
render_parts_ = Worker._render_parts
compiled: dict[Any, Any] = {}


def compile_once(self: Environment, *arguments: Any, **options: Any) -> Any:
    key = (type(self), self.block_start_string, *arguments, *options.items())
    if key not in compiled:
        compiled[key] = compile_(self, *arguments, **options)
    _end_yield(self)
    return compiled[key]


def render_tags(self: Worker, string: Any, extra_context: Any = None) -> str:
    """Most strings have no tag."""
    if isinstance(string, str) and "\n" not in string and not _has_tag(self.jinja_env, string):
        _end_yield(self.jinja_env)
        return string
    return render_(self, string, extra_context)


def render_parts(
    self: Worker,
    parts: tuple[str, ...],
    rendered_parts: tuple[str, ...] | None = None,
    extra_context: Any = None,
    is_template: bool = False,
    source_parts: tuple[str, ...] = (),
) -> Iterator[tuple[Path, Any]]:
    """Most paths have no tag in any part."""
    path = "/".join(parts)
    has_begun = rendered_parts is not None
    if has_begun or _has_tag(self.jinja_env, path) or str(self.answers_relpath) in parts:
        yield from render_parts_(
            self, parts, rendered_parts, extra_context, is_template, source_parts
        )
        return
    _end_yield(self.jinja_env)
    sibling = f"{self.template.local_abspath}/{path}{self.template.templates_suffix}"
    if is_template or not os.path.exists(sibling):
        yield Path(path), {}


@contextmanager
def quick() -> Iterator[None]:
    """Inside, Copier is quick."""
    relpath = vars(Worker)["answers_relpath"]
    once = cached_property(relpath.fget)
    once.__set_name__(Worker, "answers_relpath")
    ours = [
        (Environment, "compile", compile_once),
        (Worker, "answers_relpath", once),
        (Worker, "_render_string", render_tags),
        (Worker, "_render_parts", render_parts),
        (copier_main, "is_git_available", cache(vars(copier_main)["is_git_available"])),
        (yaml, "SafeLoader", FAST_LOADER),
    ]
    theirs = [(owner, name, vars(owner)[name]) for owner, name, _ in ours]
    _set(ours)
    try:
        yield
    finally:
        _set(theirs)


def _has_tag(env: Environment, string: str) -> bool:
    tags = (env.block_start_string, env.variable_start_string, env.comment_start_string)
    return any(tag in string for tag in tags)


def _end_yield(env: Environment) -> None:
    """As compiling does."""
    get_yield_context(env).yield_name = None
    get_yield_context(env).yield_iterable = None


def _set(attributes: list[tuple[Any, str, Any]]) -> None:
    for owner, name, value in attributes:
        setattr(owner, name, value)
