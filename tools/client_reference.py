"""Write docs/reference/client-commands.md from the client's own tables."""

from collections.abc import Iterable

from hubbub.client.commands.table import TABLE
from hubbub.client.preferences import TABLE as SETTINGS
from hubbub.client.preferences import Preferences, show
from hubbub.ui.exit_code import ExitCode

_HEAD = """\
# Commands of `hubbub chat`

<!-- Written by `make docs` from src/hubbub/client/commands/table.py and preferences.py. -->

What is typed is said in the room on the screen. A line that begins with `/` is a command; `//`
begins a text with `/`. CHANNEL may be given without its `#`; `#CHANNEL` may not, for a text may
stand there too. What a command does not take is refused, and nothing is done.

"""
_MEANINGS = {
    ExitCode.DONE: "everything was said and confirmed, or the person left",
    ExitCode.FAILED: "something else failed; one line on standard error says what",
    ExitCode.USAGE: "wrong usage: the URL, the nick or an option",
    ExitCode.CANNOT_CONNECT: "no server there, no TLS, or no answer",
    ExitCode.CERTIFICATE_REFUSED: "the certificate is not the one that is trusted",
    ExitCode.NOT_LET_IN: "the server refused the nick, the password, us, or the channel",
    ExitCode.NOT_CONFIRMED: "a message was refused, or it is not known whether it arrived",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C in a pipe)",
}


def client_commands() -> str:
    """Return the whole page, as Markdown."""
    preferences = Preferences()
    commands = ((f"`{each.form}`", each.summary) for each in TABLE)
    settings = (
        (
            f"`{each.name}`",
            ", ".join(f"`{value}`" for value in each.values),
            f"`{show(preferences, each.name)}`" if show(preferences, each.name) else "none",
            each.summary,
        )
        for each in SETTINGS
    )
    codes = ((str(int(code)), meaning) for code, meaning in _MEANINGS.items())
    return "".join(
        (
            _HEAD,
            _table(("command", "what it does"), commands),
            "\n## Settings\n\n`/set NAME VALUE` changes one; it is kept for the next time.\n\n",
            _table(("setting", "values", "default", ""), settings),
            "\n## Exit codes\n\n",
            _table(("code", "meaning"), codes),
        )
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines
    )
