"""The page docs/reference/command-line.md: what `hubbub --help` and its like say."""

from typing import Final

from typer.main import get_command

from hubbub.cli.commands import app

COLUMNS: Final = 92
_OWN_HELP: Final = frozenset({"bench"})
"""Commands that answer --help themselves."""

_HEAD = """\
# On the command line

<!-- Written by `make docs` from src/hubbub/cli/commands.py and cli/administration.py. -->

What `hubbub COMMAND --help` says. `hubbub bench --help` is about measuring.
"""


def command_line() -> str:
    """Return the page."""
    return _HEAD + "".join(_sections(get_command(app), "hubbub"))


# The classes are typer's own, which it does not publish.
def _sections(command, path: str) -> list[str]:  # type: ignore[no-untyped-def]
    """Return the help of a command and of those below it."""
    settings = {**command.context_settings, "terminal_width": COLUMNS}
    with command.context_class(command, info_name=path, **settings) as context:
        shown = command.get_help(context).rstrip()
    text = "\n".join(f"    {line}".rstrip() for line in shown.splitlines())
    found = [f"\n## {path}\n\n{text}\n"]
    for name, below in getattr(command, "commands", {}).items():
        if name not in _OWN_HELP:
            found += _sections(below, f"{path} {name}")
    return found
