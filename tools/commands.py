"""Writes docs/commands.md from the commands' own help: `python -m tools.commands`."""

from pathlib import Path

import click

from ml_training.cli import cli

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"


def commands_page() -> str:
    sections = ["# Commands\n\nGenerated from `--help` by `python -m tools.commands`.\n"]
    root = click.Context(cli, info_name="ml-training", max_content_width=100)
    sections.append(_section(root))
    for name, command in cli.commands.items():
        context = click.Context(command, root, name, max_content_width=100)
        sections.append(_section(context))
        for part, inner in getattr(command, "commands", {}).items():
            sections.append(_section(click.Context(inner, context, part, max_content_width=100)))
    return "\n".join(sections)


def _section(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
