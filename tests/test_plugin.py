"""What the plugin tells a coding agent is true of the package that it calls."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Run

from ml_training import __version__
from ml_training.catalog import Catalog
from ml_training.cli import cli
from tools.manifests import AGENT_PLUGINS, TARGETS, manifests
from tools.written import ROOT, differences

SKILLS = sorted(ROOT.glob("skills/*/SKILL.md"))
COMMANDS = sorted(ROOT.glob("commands/*.md"))
REFERENCES = sorted(ROOT.glob("skills/*/references/*.md"))
PAGES = [*SKILLS, *REFERENCES, *COMMANDS]
RUN = ROOT / "skills" / "ml-training" / "scripts" / "run.py"

SKILL_KEYS = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
COMMAND_KEYS = {"description", "argument-hint", "allowed-tools", "disable-model-invocation"}
PLUGIN_KEYS = {
    *("$schema", "name", "version", "description", "author", "homepage", "repository"),
    *("license", "keywords", "extensions"),
}
ALWAYS_ON = 800  # characters of all descriptions; an agent reads them in every session

CORE = ROOT / "templates" / "project" / "ml" / "core"
CLOUD = CORE / "cloud.py"

CODE = re.compile(r"```\w*\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
PLACEHOLDERS = {
    "DIR": "app",
    "NAME": "trades",
    "PATH": "data.csv",
    "TASK": "text-classification",
    "ALGORITHM": "linear",
    "MODEL": "gpt2",
}


def read(path: Path) -> tuple[dict[str, Any], str]:
    """Frontmatter and body."""
    _, front, body = re.split(r"(?m)^---\n", path.read_text(encoding="utf-8"), maxsplit=2)
    return yaml.safe_load(front), body


def find(pattern: str, path: Path) -> list[str]:
    """What a pattern finds in a file; ^ is the start of a line."""
    return re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)


def code(path: Path) -> Iterator[str]:
    """Each command line and each name that a page sets as code."""
    for found in CODE.finditer(path.read_text(encoding="utf-8")):
        for line in (found["block"] or found["span"]).splitlines():
            yield line.strip()


def cited(start: str) -> list[str]:
    return sorted({line for page in PAGES for line in code(page) if line.startswith(start)})


def settings(path: Path, class_name: str) -> set[str]:
    """The options of a generated command: the fields of its settings."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            fields = [ast.unparse(f.target) for f in node.body if isinstance(f, ast.AnnAssign)]
            return {"--help", *("--" + field.replace("_", "-") for field in fields)}
    raise LookupError(class_name)


RENTAL = settings(CORE / "rental_settings.py", "RentalOptions")
TRAIN = settings(CORE / "settings.py", "RunSettings").union(
    RENTAL, *(settings(path, "Config") for path in ROOT.glob("templates/tasks/*/*/config.py"))
)
SERVE = settings(CORE / "options.py", "ServerSettings") | RENTAL
TUNE = settings(CORE / "tune.py", "TuneSettings")


def unknown(line: str) -> set[str]:
    """The words of `python train.py …` (serve.py, tune.py, cloud.py) that the script does not know."""
    _, script, *words = shlex.split(line)
    if script == "cloud.py" and words:
        verb, *words = words
        if verb not in find(r"^    def ([a-z]\w+)", CLOUD):
            return {verb}
        script = {"launch": "train.py", "deploy": "serve.py"}.get(verb, script)
    known = {"train.py": TRAIN, "serve.py": SERVE, "tune.py": TUNE, "cloud.py": {"--help"}}[script]
    return {word.split("=")[0] for word in words if word[:2] == "--" != word} - known


def test_manifests_are_current() -> None:
    assert not list(differences(manifests())), "run: python -m tools.manifests"


def test_manifests_name_the_package_and_its_version() -> None:
    for name in TARGETS:
        manifest = json.loads((ROOT / name).read_text(encoding="utf-8"))
        assert manifest["name"] == "ml-training"
        assert manifest.get("version", __version__) == __version__
        assert [plugin["name"] for plugin in manifest.get("plugins", [])] in ([], ["ml-training"])


def test_the_open_manifest_keeps_to_its_closed_schema() -> None:
    manifest = json.loads((ROOT / "plugin.json").read_text(encoding="utf-8"))
    assert manifest["$schema"] == AGENT_PLUGINS
    assert manifest.keys() <= PLUGIN_KEYS
    assert manifest["author"].keys() <= {"name", "email", "url"}


@pytest.mark.parametrize("path", SKILLS, ids=lambda path: path.parent.name)
def test_skills_keep_to_the_format(path: Path) -> None:
    front, body = read(path)
    assert front.keys() <= SKILL_KEYS
    assert front["name"] == path.parent.name
    assert all(isinstance(value, str) for value in front.values())
    assert 0 < len(front["description"]) <= 1024
    assert len(body.encode()) < 8000


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_commands_are_thin(path: Path) -> None:
    front, body = read(path)
    assert front.keys() <= COMMAND_KEYS
    assert all(isinstance(front[key], str) for key in ("description", "argument-hint"))
    assert (
        front["disable-model-invocation"] is True
    )  # the user types them; the skill is the agent's
    assert len(body.splitlines()) <= 20
    assert "skill `ml-training`" in body


def test_what_is_always_on_is_short() -> None:
    descriptions = [read(path)[0]["description"] for path in (*SKILLS, *COMMANDS)]
    assert sum(map(len, descriptions)) <= ALWAYS_ON


@pytest.mark.parametrize("line", cited("ml-training "))
def test_commands_that_are_cited_work(line: str, run: Run) -> None:
    _, command, *arguments = shlex.split(line)
    if command == "demo" or not arguments:  # a mention, not a call
        assert command in cli.commands
        return
    words = re.compile(r"\b[A-Z]{4,}\b|\bDIR\b")
    arguments = [words.sub(lambda word: PLACEHOLDERS[word[0]], word) for word in arguments]
    safe = ["--dry-run"] if command == "new" else []
    outcome = run(command, *arguments, *safe)
    assert outcome.code == 0, outcome.err or outcome.out


@pytest.mark.parametrize("line", cited("python "))
def test_scripts_that_are_cited_know_their_options(line: str) -> None:
    assert not unknown(line)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("python train.py --sampels 100", "--sampels"),
        ("python cloud.py launch -- --port 1", "--port"),
        ("python cloud.py kill JOB", "kill"),
    ],
)
def test_a_word_that_does_not_exist_is_found(line: str, word: str) -> None:
    assert unknown(line) == {word}


@pytest.mark.parametrize("line", cited("--"))
def test_options_that_are_cited_exist(line: str, catalog: Catalog) -> None:
    own = {option for command in cli.commands.values() for p in command.params for option in p.opts}
    option, *values = line.split(" ", 1)
    assert option in own | TRAIN | SERVE | {"--"}
    if option == "--set":
        assert values[0].split("=")[0] in catalog.asked


@pytest.mark.parametrize("line", cited("make "))
def test_make_targets_that_are_cited_exist(line: str) -> None:
    assert find(rf"^{line.split()[1]}:", ROOT / "templates" / "project" / "Makefile")


def test_commands_that_are_cited_as_slash_commands_exist() -> None:
    for line in cited("/ml-training:"):
        assert line.split(":")[1] in [path.stem for path in COMMANDS]


@pytest.mark.parametrize("path", SKILLS, ids=lambda path: path.parent.name)
def test_every_reference_is_linked_and_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(path)[1])
    assert all((path.parent / link).is_file() for link in links)
    references = path.parent.glob("references/*")
    assert {file.relative_to(path.parent).as_posix() for file in references} <= set(links)


def test_every_task_has_a_reference_that_names_its_algorithms(catalog: Catalog) -> None:
    for task in catalog.tasks:
        page = RUN.parents[1] / "references" / f"{task['name']}.md"
        rows = find(r"^\| `([a-z0-9-]+)` \|", page)
        assert rows == [algorithm["name"] for algorithm in task["algorithms"]]


def test_every_exit_code_is_explained() -> None:
    command, project = (
        set(re.findall(r"\d+", " ".join(re.findall(r"(?m)^\| (\d.*?) \|", table))))
        for table in read(RUN.parents[1] / "SKILL.md")[1].split("| exit code |")[1:]
    )
    assert command == {*re.findall(r"(?m)^ +(\d+) ", cli.epilog or ""), "5"}  # 5 is run.py's own
    assert project == {*find(r"^ +[A-Z_]+ = (\d+)", CORE / "errors.py")}


def test_the_runner_says_in_a_sentence_that_it_cannot_install(tmp_path: Path) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, RUN, "list", "tasks", "--json"],
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("error: The packages of ml-training cannot")
    assert not list((tmp_path / "ml-training").iterdir())
