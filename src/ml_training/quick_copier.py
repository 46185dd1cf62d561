"""Copier, without working out anew for each part of each path what is the same for all of them.

A project has hundreds of files: this is most of the time that `new` takes. What comes of it is
byte for byte what `copier copy` writes, by test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from copier._jinja_ext import get_yield_context
from copier._main import Worker
from jinja2 import Environment

compile_ = Environment.compile
compiled: dict[Any, Any] = {}


def compile_once(self: Environment, *arguments: Any, **options: Any) -> Any:
    key = (type(self), self.block_start_string, *arguments, *options.items())
    if key not in compiled:
        compiled[key] = compile_(self, *arguments, **options)
    get_yield_context(self).yield_name = None  # as compiling does
    get_yield_context(self).yield_iterable = None
    return compiled[key]


@contextmanager
def quick() -> Iterator[None]:
    """Inside, Copier is quick."""
    relpath = vars(Worker)["answers_relpath"]
    once = cached_property(relpath.fget)
    once.__set_name__(Worker, "answers_relpath")
    setattr(Environment, "compile", compile_once)  # noqa: B010 - a type checker objects to `=`
    setattr(Worker, "answers_relpath", once)  # noqa: B010
    try:
        yield
    finally:
        setattr(Environment, "compile", compile_)  # noqa: B010
        setattr(Worker, "answers_relpath", relpath)  # noqa: B010
