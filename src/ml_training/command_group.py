"""What all commands share: groups that know what was meant, and JSON."""

import json
from typing import Any

import click

from ml_training.errors import no_such

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, errors included.")


class Commands(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise no_such("command", args[0], self.commands)
        return super().resolve_command(ctx, args)


def print_json(**fields: Any) -> None:
    click.echo(json.dumps(fields, indent=2, ensure_ascii=False))
