"""A task is its folder: what else speaks of tasks is written from there."""

import shutil
from pathlib import Path

from ml_training.apply import create
from ml_training.catalog import Catalog
from ml_training.plan import Plan, Questionnaire
from tools.pages import SKILL, differences, pages

TASKS = Path("templates/tasks")


def test_pages_are_current() -> None:
    assert not list(differences()), "run: python -m tools.pages"


def test_a_folder_is_all_that_a_new_task_needs(catalog: Catalog, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    aside = shutil.ignore_patterns("backend", "frontend", "supabase")
    shutil.copytree(catalog.root / "templates", root / "templates", ignore=aside)
    shutil.copy(catalog.root / "copier.yml", root)
    shutil.copytree(root / TASKS / "tabular", root / TASKS / "grading")
    facts = root / TASKS / "grading" / "task.yaml"
    facts.write_text(facts.read_text("utf-8").replace("name: tabular", "name: grading", 1), "utf-8")

    grown = Catalog(root)
    answers = Questionnaire(grown).resolve(
        {"task": "grading", "component": "model"}, folder="school"
    )
    create(grown, Plan(tmp_path / "school", answers))
    written = pages(grown)

    assert {task["name"] for task in grown.tasks} == {t["name"] for t in catalog.tasks} | {
        "grading"
    }
    assert (tmp_path / "school" / "train.py").is_file()
    assert written[SKILL / "references/grading.md"] == (facts.parent / "skill.md").read_text(
        "utf-8"
    )
    assert "(references/grading.md)" in written[SKILL / "SKILL.md"]
    assert "`grading`" in written[Path("README.md")]
