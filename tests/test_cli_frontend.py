"""`ml-training new --component frontend` in a Next.js app: what it finds, changes and refuses."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml_training.apply import create
from ml_training.catalog import Catalog
from ml_training.edits import Edit, add_dependencies, add_import, needed_dependencies
from ml_training.errors import TargetProblem
from ml_training.plan import Plan
from tests.conftest import Outcome, Run

FRONTEND = ("--component", "frontend")
STYLE = '@import "tailwindcss";\n\n@theme inline {\n  --color-background: var(--background);\n}\n'
CLIENT = (
    'import { createBrowserClient } from "@supabase/ssr";\n\nexport function createClient() {}\n'
)
NEXT = {"next": "16.0.1", "react": "19.2.0", "react-dom": "19.2.0"}
PAGES = "templates/project/frontend/app/ml"
OURS = {"next", "react", "react-dom"}  # imported, and there in every Next.js app
IMPORTED = re.compile(r"""\b(?:from|import|import\() ?["']([^"'\s]+)["']""")


def make_app(
    root: Path,
    *,
    src: str = "",
    alias: str = "@/*",
    dependencies: dict[str, str] | None = None,
    tailwind: str = "^4",
    files: dict[str, str | None] | None = None,
) -> dict[str, bytes]:
    """An app as create-next-app lays it out; `files` has what differs, or None for what is not there."""
    package = {
        "name": "shop",
        "dependencies": NEXT | (dependencies or {}),
        "devDependencies": {"tailwindcss": tailwind, "typescript": "^5"},
    }
    settings = (
        f'{{\n  // paths\n  "compilerOptions": {{ "paths": {{ "{alias}": ["./{src}*"] }}, }}\n}}\n'
    )
    texts: dict[str, str | None] = {
        "package.json": json.dumps(package, indent=2) + "\n",
        "tsconfig.json": settings,
        f"{src}app/layout.tsx": 'import "./globals.css";\n',
        f"{src}app/globals.css": STYLE,
    }
    for name, text in (texts | (files or {})).items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    return tree(root)


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def changed(root: Path, before: dict[str, bytes]) -> list[str]:
    return sorted(name for name, content in before.items() if tree(root)[name] != content)


@pytest.mark.parametrize("src", ["", "src/"])
@pytest.mark.parametrize("named", [".", "app/ml"])
def test_pages_go_into_the_folder_of_routes(run: Run, src: str, named: str) -> None:
    before = make_app(Path(), src=src)
    outcome = run("new", named if named == "." else f"{src}{named}", *FRONTEND)
    assert outcome.code == 0, outcome.err
    assert Path(f"{src}app/ml/layout.tsx").is_file()
    assert changed(Path(), before) == sorted(["package.json", f"{src}app/globals.css"])
    assert '@import "./ml/theme.css";' in Path(f"{src}app/globals.css").read_text()
    assert '+@import "./ml/theme.css";' in outcome.out
    assert outcome.out.splitlines()[-1].startswith("Wrote ")
    added = [name for name in tree(Path()) if name not in before]
    assert all(name.startswith(f"{src}app/ml/") for name in added)


def test_the_style_may_be_elsewhere(run: Run) -> None:
    make_app(Path(), src="src/", files={"src/app/globals.css": None, "src/styles/all.css": STYLE})
    assert run("new", ".", *FRONTEND).code == 0
    assert '@import "../app/ml/theme.css";' in Path("src/styles/all.css").read_text()


@pytest.mark.parametrize(
    ("src", "alias", "module", "imported"),
    [
        ("", "@/*", "lib/supabase/client.ts", "@/lib/supabase/client"),
        ("src/", "@/*", "src/lib/supabase/client.ts", "@/lib/supabase/client"),
        ("src/", "~/*", "src/utils/supabase/client.tsx", "~/utils/supabase/client"),
        ("src/", "@/*", "utils/supabase/client.ts", "../../../../utils/supabase/client"),
        ("", "@app", "lib/supabase/client.ts", "../../../lib/supabase/client"),
    ],
)
def test_the_app_signs_users_in(run: Run, src: str, alias: str, module: str, imported: str) -> None:
    make_app(Path(), src=src, alias=alias, files={module: CLIENT})
    assert run("new", ".", *FRONTEND, "--json").json["answers"]["supabase_client"] == imported
    assert f'from "{imported}"' in Path(f"{src}app/ml/_lib/auth-client.ts").read_text()


def test_what_is_said_counts_more_than_what_is_found(run: Run) -> None:
    make_app(Path(), files={"lib/supabase/client.ts": CLIENT})
    said = ("--set", "supabase_client=")
    assert run("new", ".", *FRONTEND, *said, "--json").json["answers"]["supabase_client"] == ""
    assert run("new", "web", *FRONTEND, "--set", "next_app=new").code == 0
    assert Path("web/package.json").is_file()


def test_another_module_is_no_supabase_client(run: Run) -> None:
    make_app(Path(), files={"lib/supabase/client.ts": "export const supabase = {};\n"})
    assert run("new", ".", *FRONTEND, "--json").json["answers"]["supabase_client"] == ""


def test_an_app_with_its_own_colours_keeps_its_style(run: Run) -> None:
    tokens = STYLE.replace("--color-background", "--color-primary")
    before = make_app(Path(), dependencies={"clsx": "^2.0.0"}, files={"app/globals.css": tokens})
    assert run("new", ".", *FRONTEND).code == 0
    assert changed(Path(), before) == ["package.json"]
    assert json.loads(Path("package.json").read_text())["dependencies"]["clsx"] == "^2.0.0"


def test_an_app_that_has_everything_is_not_changed(run: Run, catalog: Catalog) -> None:
    needed = needed_dependencies(catalog.web_package) | {"zod": "latest", "sonner": "^1 || ^2"}
    files = {"app/globals.css": STYLE + ":root { --color-primary: red }\n"}
    before = make_app(Path(), dependencies=needed, files=dict(files))
    assert run("new", ".", *FRONTEND, "--json").json["edits"] == []
    assert changed(Path(), before) == []


def test_dry_run_shows_all_and_writes_nothing(run: Run) -> None:
    before = make_app(Path())
    planned = run("new", ".", *FRONTEND, "--dry-run", "--json").json
    shown = run("new", ".", *FRONTEND, "--dry-run").out
    assert tree(Path()) == before
    written = run("new", ".", *FRONTEND, "--json").json
    assert written == planned | {"dry_run": False}
    assert [Path(edit["file"]) for edit in written["edits"]] == [
        Path("package.json").resolve(),
        Path("app/globals.css").resolve(),
    ]
    assert all(edit["diff"] in shown for edit in written["edits"])
    assert all(f"{file}\n" in shown for file in written["files"])


@pytest.mark.parametrize(
    ("app", "sentence"),
    [
        ({"files": {"app/layout.tsx": None, "app/globals.css": None}}, "has no App Router"),
        ({"files": {"tsconfig.json": None}}, "has no tsconfig.json"),
        ({"files": {"tsconfig.json": "{"}}, "tsconfig.json is not JSON"),
        ({"files": {"package.json": '{"name": '}}, "package.json is not JSON"),
        ({"files": {"package.json": "[]"}}, "package.json is not a JSON object"),
        ({"tailwind": "^3.4.0"}, "has tailwindcss ^3.4.0: install version 4 or newer"),
        ({"files": {"package.json": json.dumps({"dependencies": NEXT})}}, "has no tailwindcss"),
        (
            {"files": {"app/globals.css": ":root {}\n"}},
            'has no CSS file with @import "tailwindcss"',
        ),
        ({"files": {"app/globals.css": '@import "tailwindcss" prefix(tw);\n'}}, "a prefix"),
        ({"dependencies": {"next": "^14.2.1"}}, "has next ^14.2.1: install version 15 or newer"),
        ({"dependencies": {"zod": "^3.25.0"}}, "has zod ^3.25.0 instead of 4."),
        ({"files": {"app/ml/page.tsx": ""}}, "is not empty, and the pages go there"),
    ],
)
def test_an_app_that_does_not_fit_is_left_alone(
    run: Run, app: dict[str, Any], sentence: str
) -> None:
    before = make_app(Path(), **app)
    outcome = run("new", ".", *FRONTEND)
    assert_refused(outcome, sentence)
    assert tree(Path()) == before


def test_an_app_is_needed_where_one_is_named(run: Run) -> None:
    outcome = run("new", "app/ml", *FRONTEND, "--set", "next_app=existing")
    assert_refused(outcome, "is not app/ml of a Next.js app")
    make_app(Path(), files={"package.json": '{"dependencies": {"react": "19.0.0"}}'})
    assert_refused(run("new", ".", *FRONTEND, "--defaults"), "not empty")


@pytest.mark.parametrize("number", [0, 1])
def test_a_failure_half_way_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = make_app(Path())
    replace = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path.name == f"{number}.new":
            raise PermissionError(13, "Permission denied", str(path), None, str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    outcome = run("new", ".", *FRONTEND)
    assert_refused(outcome, "cannot be written: permission denied.")
    assert ("package.json" if number == 0 else "globals.css") in outcome.err
    assert tree(Path()) == before
    assert not Path("app/ml").exists()


def test_a_file_that_has_changed_meanwhile_is_left_alone(catalog: Catalog, tmp_path: Path) -> None:
    before = make_app(tmp_path)
    answers = {"component": "frontend", "next_app": "existing"}
    edit = Edit(tmp_path, "package.json", before="{}", after="{}\n")
    with pytest.raises(TargetProblem, match="meanwhile"):
        create(catalog, Plan(tmp_path / "app/ml", answers, edits=[edit]))
    assert tree(tmp_path) == before


def test_files_keep_their_permissions(run: Run) -> None:
    make_app(Path())
    Path("package.json").chmod(0o600)
    assert run("new", ".", *FRONTEND).code == 0
    assert Path("package.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_package_json_keeps_its_layout(indent: str, newline: str, end: str) -> None:
    package = {
        "scripts": {"dev": "next dev"},
        "dependencies": {"next": "16.0.1", "react": "19.2.0"},
        "browserslist": ["defaults", {"dependencies": "none"}],
    }
    text = json.dumps(package, indent=indent).replace("\n", newline) + end
    changed = add_dependencies(text, {"@a/b": "1.0.0", "zod": "4.0.0", "nuqs": "2.0.0"})
    package["dependencies"] = json.loads(changed)["dependencies"]
    assert list(package["dependencies"]) == ["@a/b", "next", "nuqs", "react", "zod"]
    assert changed == json.dumps(package, indent=indent).replace("\n", newline) + end


@pytest.mark.parametrize(
    ("style", "after"),
    [
        (
            "@import 'tailwindcss';\r\na {}\r\n",
            "@import 'tailwindcss';\r\n@import 'x';\r\na {}\r\n",
        ),
        (
            '@charset "utf-8";\n@import "tailwindcss" source("..");\n@import "a";\n',
            '@charset "utf-8";\n@import "tailwindcss" source("..");\n@import "x";\n@import "a";\n',
        ),
        ('@import "tailwindcss";', '@import "tailwindcss";\n@import "x";'),
        ('@import "tailwindcss";\n@import "x";\n', '@import "tailwindcss";\n@import "x";\n'),
    ],
)
def test_the_import_stands_behind_tailwind(style: str, after: str) -> None:
    assert add_import(style, "x") == after


def test_the_pages_need_what_they_import(catalog: Catalog) -> None:
    names = {name for _, name in imports(catalog) if name[0] != "."}
    packages = {"/".join(name.split("/")[: 2 if name[0] == "@" else 1]) for name in names}
    assert packages - OURS == needed_dependencies(catalog.web_package).keys()


def test_the_pages_import_nothing_around_them(catalog: Catalog) -> None:
    for path, name in imports(catalog):
        leads_to = Path(os.path.normpath(path.parent / name))
        assert name[0] != "." or leads_to.is_relative_to(catalog.root / PAGES), (path, name)


def imports(catalog: Catalog) -> Iterator[tuple[Path, str]]:
    for path in (catalog.root / PAGES).rglob("*"):
        if path.suffix in (".ts", ".tsx", ".css"):
            for name in IMPORTED.findall(path.read_text(encoding="utf-8")):
                yield path, name


def assert_refused(outcome: Outcome, sentence: str) -> None:
    assert outcome.code == 3
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1
