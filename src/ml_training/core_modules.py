"""The modules that generated models share, used by the command line as well."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from ml_training.catalog import read_catalog
from ml_training.errors import UsageProblem


@cache
def find_core() -> None:
    """After this, `core` can be imported: the files are those of the template."""
    sys.path.insert(0, str(read_catalog().root / "templates" / "project" / "ml"))


@contextmanager
def core_problems() -> Iterator[None]:
    """What core says of bad input is said by the command line."""
    from core.errors import UserError

    try:
        yield
    except UserError as error:
        raise UsageProblem(str(error)) from None
