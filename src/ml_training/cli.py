"""The command line: reads options, prints results; `ml-training --help`."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from ml_training import __version__
from ml_training.command_group import Commands, as_json, print_json
from ml_training.errors import Problem, UsageProblem, no_such
from ml_training.estimate_commands import estimate
from ml_training.price_commands import prices

EXIT_CODES = """\b
Exit codes:
  0    done
  1    a bug of ours
  2    an answer, a name or an option that cannot be
  3    the folder is occupied, does not fit, or cannot be written
  4    a step of the demo failed
  5    a provider refused, failed, or could not be reached
  130  interrupted
  143  terminated
"""


@click.group(
    cls=Commands,
    epilog=EXIT_CODES,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
)
@click.version_option(__version__)
@click.pass_context
def cli(context: click.Context) -> None:
    """Write a machine-learning stack into your project: train, compare, serve."""
    if not context.invoked_subcommand:
        click.echo(context.get_help())


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--task", metavar="NAME", help="What is learnt; see: ml-training list tasks.")
@click.option("--algorithm", metavar="NAME", help="How; see: ml-training list algorithms.")
@click.option("--model-name", "model", metavar="NAME", help="The model's folder under ml/.")
@click.option("--provider", metavar="NAME", help="Where; see: ml-training list providers.")
@click.option(
    "--component",
    "components",
    metavar="NAME",
    multiple=True,
    help="What is written; see: ml-training list components. A project holds all others.",
)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="Any answer, as often as needed; see: ml-training schema.",
)
@click.option("--defaults", is_flag=True, help="Ask nothing: the default where nothing is given.")
@click.option("--dry-run", is_flag=True, help="List the files and show the changes, write none.")
@as_json
def new(
    folder: Path,
    components: Sequence[str],
    settings: Sequence[str],
    defaults: bool,
    dry_run: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Write a project, or a part of one.

    DIR is new or empty; for the web pages it may be a Next.js app that you have. What is not given
    is asked on a terminal; elsewhere it is an error, unless --defaults is given.
    """
    from ml_training.apply import create
    from ml_training.catalog import read_catalog
    from ml_training.edits import edits_of
    from ml_training.host import find_host
    from ml_training.plan import Plan, Questionnaire

    given = _merge(options, components, settings)
    questionnaire = Questionnaire(read_catalog())
    target = folder.resolve()
    ask = not (defaults or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    host = find_host(target, given, ask=ask)
    if host:
        folder = target = host.pages
        given = host.answers | given
    answers = questionnaire.resolve(given, folder=target.name, defaults=defaults or ask)
    edits = edits_of(host, questionnaire.catalog.web_package) if host else []
    known = {"next_app": "new"} | given  # an app that exists has been found by now
    plan = Plan(target, known if ask else answers, ask, edits=edits)
    answers, files = create(questionnaire.catalog, plan, dry_run=dry_run)
    if as_json:
        changes = [{"file": str(edit.path), "diff": edit.diff} for edit in edits]
        print_json(target=str(target), dry_run=dry_run, answers=answers, files=files, edits=changes)
        return
    for shown in [*(files if dry_run else ()), *(edit.diff for edit in edits)]:
        click.echo(shown)
    if not dry_run:
        changed = "".join(f", changed {edit.name}" for edit in edits)
        steps = questionnaire.next_steps(answers)
        click.echo(f"Wrote {len(files)} files to {folder}{changed}. {steps}")


@cli.command(name="list")
@click.argument("kind", metavar="tasks|algorithms|providers|components")
@as_json
def list_(kind: str, as_json: bool) -> None:
    """List what there is to choose from."""
    from ml_training.catalog import read_catalog

    listings = {f"{name}s": items for name, items in read_catalog().choices.items()}
    if kind not in listings:
        raise no_such("list", kind, listings)
    if as_json:
        print_json(**{kind: listings[kind]})
        return
    width = max(len(item["name"]) for item in listings[kind])
    for item in listings[kind]:
        click.echo(f"{item['name']:{width}}  {item['summary']}")


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the answers of `new`."""
    from ml_training.catalog import read_catalog
    from ml_training.schema import answers_schema

    print_json(**answers_schema(read_catalog()))


@cli.command()
@click.argument(
    "folder", metavar="[DIR]", type=click.Path(path_type=Path), default="ml-training-demo"
)
def demo(folder: Path) -> None:
    """Write, train, serve and ask a real model.

    All of it happens in DIR, which is new or empty: ./ml-training-demo unless you say otherwise.
    """
    from ml_training.demo import run_demo

    run_demo(folder.resolve(), click.echo)


cli.add_command(estimate)
cli.add_command(prices)


def main() -> NoReturn:
    """Run the command line; a problem is one sentence, or JSON where JSON was asked for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is staged is removed
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        problem: Problem = UsageProblem(error.format_message())
    except Problem as error:
        problem = error
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    if "--json" in sys.argv:
        print_json(error=problem.as_dict())
    else:
        click.echo(f"error: {problem}", err=True)
    sys.exit(problem.exit_code)


def _merge(
    options: dict[str, str | None], components: Sequence[str], settings: Sequence[str]
) -> dict[str, str]:
    """All answers given, whichever option they came by."""
    pairs = [(name, value) for name, value in options.items() if value is not None]
    pairs += [("component", component) for component in dict.fromkeys(components)]
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageProblem(f"--set takes NAME=VALUE, not {setting!r}.")
        pairs.append((name, value))
    given = dict(pairs)
    for name in given:
        if len(values := [value for key, value in pairs if key == name]) > 1:
            raise UsageProblem(f"The answer {name!r} is given more than once: {', '.join(values)}.")
    return {name: value.strip() for name, value in given.items()}
