"""Settings from a command line; what is mistyped is said in a sentence."""

import difflib
import re
from typing import Any, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict, SettingsError

from core.errors import UserError


class Arguments(BaseSettings):
    model_config = SettingsConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_exit_on_error=False,
    )

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Self:
        """Read a command line.

        Raises:
            UserError: An option is unknown, or its value is out of range; one line each.
        """
        try:
            return CliApp.run(cls, cli_args=arguments)
        except ValidationError as error:
            raise UserError("\n".join(map(_sentence, error.errors()))) from None
        except SettingsError as error:
            raise UserError(_explain(cls, str(error))) from None


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _sentence(error: Any) -> str:
    option = _option(str(error["loc"][0]))
    return f"{option} {error['input']}: {error['msg'][0].lower()}{error['msg'][1:]}."


def _explain(cls: type[Arguments], message: str) -> str:
    unknown = re.search(r"unrecognized arguments: (\S+)", message)
    if not unknown:
        return message.removeprefix("error parsing CLI: ") + "; --help lists the options."
    options = [_option(name) for name in cls.model_fields]
    near = difflib.get_close_matches(unknown[1], options, n=1)
    hint = f"did you mean {near[0]}?" if near else "--help lists the options."
    return f"Unknown option {unknown[1]}; {hint}"
