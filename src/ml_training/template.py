"""Renders the template through Copier's API, and records where it comes from."""

import re
from pathlib import Path

from ml_training import __version__
from ml_training.catalog import Catalog
from ml_training.errors import UsageProblem
from ml_training.plan import Plan

SOURCE = "gh:ai-dev-marketplace/ml-training"  # what `copier update` reads


def render(catalog: Catalog, plan: Plan, folder: Path) -> None:
    """Write the files of a plan into an empty folder.

    Raises:
        UsageProblem: An answer is one that Copier refuses.
    """
    from copier import run_copy
    from plumbum import local

    from ml_training.quick_copier import quick

    # Copier asks git about the template and about each file, which costs more than the rest:
    # nothing here is under git yet, and the version is known.
    with local.env(PATH=""), quick():
        try:
            run_copy(
                str(catalog.root), folder, data=plan.answers, defaults=not plan.ask, quiet=True
            )
        except ValueError as error:  # Copier's own for an answer that fails its question's check
            raise UsageProblem(str(error)) from error
    _record_source(folder / catalog.config["_answers_file"])


def _record_source(answers_file: Path) -> None:
    """Name the released template instead of this machine's copy of it."""
    written = answers_file.read_text(encoding="utf-8")
    source = f"_commit: v{__version__}\n_src_path: {SOURCE}\n"
    recorded = re.sub(r"^_src_path:.*\n(?: .*\n)*", source, written, flags=re.MULTILINE)
    answers_file.write_text(recorded, encoding="utf-8", newline="\n")
