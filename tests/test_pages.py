"""A task is its folder: what else speaks of tasks is written from there."""

import shutil
from pathlib import Path

from ml_training.apply import create
from ml_training.catalog import Catalog
from ml_training.plan import Plan, Questionnaire
from tools.pages import SKILL, pages
from tools.written import differences

TASKS = Path("templates/tasks")


def test_pages_are_current(catalog: Catalog) -> None:
    assert not list(differences(pages(catalog))), "run: python -m tools.pages"


def test_a_folder_is_all_that_a_new_task_needs(catalog: Catalog, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    aside = shutil.ignore_patterns("backend", "frontend", "supabase")
    shutil.copytree(catalog.root / "templates", root / "templates", ignore=aside)
    shutil.copy(catalog.root / "copier.yml", root)
    shutil.copytree(root / TASKS / "tabular", root / TASKS / "grading")
    facts = root / TASKS / "grading" / "task.yaml"
    facts.write_text(facts.read_text("utf-8").replace("name: tabular", "name: grading", 1), "utf-8")

    grown = Catalog(root)
    given = {"task": "grading", "component": "model"}
    answers = Questionnaire(grown).resolve(given, folder="school")
    create(grown, Plan(tmp_path / "school", answers))
    written = pages(grown)

    names = {task["name"] for task in catalog.tasks}
    assert {task["name"] for task in grown.tasks} == names | {"grading"}
    assert (tmp_path / "school" / "train.py").is_file()
    page = (facts.parent / "skill.md").read_text("utf-8")
    assert written[f"{SKILL}/references/grading.md"] == page
    assert "(references/grading.md)" in written[f"{SKILL}/SKILL.md"]
    assert "`grading`" in written["README.md"]
