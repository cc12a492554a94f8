"""What the commands for a running server share: asking it, asking a person, printing answers.

Each is a command of operators (core/commands) that is sent through the control socket; nothing is
done while no server runs.
"""

import getpass
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hubbub.cli.control import ControlError, NoAnswer, NoServer, ask, silently
from hubbub.irc.durations import seconds_of
from hubbub.irc.message import Message
from hubbub.irc.names import is_channel
from hubbub.irc.text import visible

SURE = "SURE"
"""The word with which the server has something confirmed (hubbub.core.deciding.confirming)."""
EXIT_CODES = (
    "Exit codes: 0 done; 1 not done (one line on standard error says why); 2 wrong usage; 3 the "
    "server does not answer."
)

# Whether they can be read is not asked beforehand: what cannot is told of with the mend.
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        readable=False,
        help="The server's settings, as for `hubbub serve`.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        readable=False,
        help="The server's data directory, where it is another.",
    ),
]


def spelled(target: str) -> str:
    """Return a target as a line of IRC can carry it: no word may begin with a colon."""
    return f"0{target}" if target.startswith("::") else target


def one_of(*words: str) -> Callable[[str], str]:
    """Return what refuses all words but these, and none at all."""

    def checked(given: str) -> str:
        if given and given.lower() not in words:
            raise typer.BadParameter(f"give {' or '.join(words)}")
        return given

    return checked


def lasting(given: str) -> str:
    """Return a length of time, or 0 for good; refuse what is none before anything is done."""
    if given != "0" and seconds_of(given) is None:
        raise typer.BadParameter("give a length of time such as 12h or 7d, or 0 for good")
    return given


def ago(given: str) -> str:
    """Return how long ago something began; refuse what is no length of time."""
    if seconds_of(given) is None:
        raise typer.BadParameter("give a length of time such as 10m or 1h")
    return given


def channel_named(given: str) -> str:
    """Return a channel's name, or "" for all; refuse what is none: it would stand for all."""
    if given and not is_channel(given):
        raise typer.BadParameter("a channel's name begins with #; in a shell it needs quotes")
    return given


Name = Annotated[str, typer.Argument(metavar="NAME", help="The account.")]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A nick, nick!user@host, address, address/bits or account:NAME.",
        callback=spelled,
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes",
        "-y",
        help="Do it without asking, even if it ends the last owner; needed where nobody is asked.",
    ),
]
Code = Annotated[
    str,
    typer.Argument(metavar="CODE|ID", help="The code itself, or its id as `invite list` shows it."),
]
Reason = Annotated[str, typer.Argument(metavar="REASON", help="What those whom it meets are told.")]


def ask_server(
    config: Path | None, data: Path | None, *words: str, waits: Callable[[], None] = silently
) -> list[Message]:
    """Have the server of these settings carry out a command; return the answer.

    Raise ControlError, and SettingsError where it cannot be found out which server that is.
    """
    from hubbub.settings import SettingsError, data_dir_place, find_data_dir, working_directory

    place = (config, data, os.environ, working_directory())
    try:
        directory = find_data_dir(*place)
    except SettingsError as error:
        hint = "" if "--data" in str(error) else "; with --data DIR no settings are read"
        raise SettingsError(f"{error}{hint}") from None
    try:
        return ask(directory, *words, waits=waits)
    except NoServer as error:
        raise NoServer(f"{error} (it was looked for there, {data_dir_place(*place)})") from None


def _try(
    config: Path | None, data: Path | None, *words: str, no_server: int = 1
) -> list[Message] | str:
    """Have a command carried out; return what it would do, where that is to be confirmed first.

    Print why not, and exit with 1, where it is refused; with `no_server` where none runs.
    """
    from hubbub.settings import SettingsError

    try:
        return ask_server(config, data, *words, waits=_still_waiting)
    except SettingsError as error:
        fail(str(error), 2)
    except NoAnswer as error:
        fail(str(error), 3)
    except NoServer as error:
        fail(str(error), no_server)
    except ControlError as error:
        if error.code == "NOT_CONFIRMED":
            return str(error)
        fail(str(error), 1)


def carry_out(
    config: Path | None, data: Path | None, command: str, *params: str, no_server: int = 1
) -> list[Message]:
    """Have a command carried out; print why not, and exit with 1, where it is not.

    Where no server runs that is `no_server`, for a watcher that tells this from a bad state.
    """
    answers = _try(config, data, command, *params, no_server=no_server)
    if isinstance(answers, str):
        fail(answers, 1)
    for answer in answers:
        if answer.command == "WARN":
            typer.echo(f"hubbub: {visible(answer.params[-1])}", err=True)
    return [answer for answer in answers if answer.command != "WARN"]


def carry_out_asked(
    config: Path | None, data: Path | None, yes: bool, do: tuple[str, ...], *params: str
) -> list[Message]:
    """Have something carried out that the server has confirmed: ask here, or `yes` is the answer.

    The word that confirms stands between what to `do` and the rest. Exit with 1 where nobody
    confirms, or nobody can be asked.
    """
    if not yes:
        would = _try(config, data, *do, *params)
        if not isinstance(would, str):
            return would
        # How it is confirmed in chat is of no use here.
        would = re.split("[:;] to do it", would)[0]
        if not sys.stdin.isatty():
            fail(f"{would}; add --yes to do it", 1)
        if not typer.confirm(visible(f"{would}. Do it?"), err=True):
            fail("nothing was done", 1)
    return carry_out(config, data, *do, SURE, *params)


def _still_waiting() -> None:
    typer.echo("hubbub: the server is still busy with it ...", err=True)


def fail(message: str, code: int) -> NoReturn:
    """Print why something was not done, and exit with a code."""
    typer.echo(f"hubbub: {visible(message)}", err=True)
    raise typer.Exit(code)


def show(answers: list[Message]) -> None:
    """Print the answers, a line each: what they name, and what they say."""
    rows = [answer.params[1:] for answer in answers if answer.params[0] != "END"]
    width = max((len(row[0]) for row in rows if len(row) > 1), default=0)
    for row in rows:
        line = f"{row[0]:<{width}}  {' '.join(row[1:])}" if len(row) > 1 else row[0]
        typer.echo(visible(line))


def show_code(answers: list[Message]) -> None:
    """Print the answers; of a code, on the last line, what its owner does with it."""
    show([answer for answer in answers if answer.params[0] != "RESET"])
    for answer in answers:
        if answer.params[0] == "RESET":
            name, code = answer.params[1:3]
            typer.echo(visible(f"{name} sets a password within a day: /reset {name} {code}"))


def read_password() -> str:
    """Return a password, asked for twice, or a line of standard input.

    It never is an argument, for others could see it in the process list. Exit with 1 where there is
    none: a server that is given an empty one would take it for a wish to have no password.
    """
    if not sys.stdin.isatty():
        first = second = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
        except (EOFError, KeyboardInterrupt):
            fail("no password was given", 1)
    if first != second:
        fail("the two passwords differ; nothing was done", 1)
    if not first:
        fail("the password is empty", 1)
    return first
