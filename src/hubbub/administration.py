"""The commands with which an operator looks after a running server, on its own machine.

Each is a command of operators (core/commands/account_operations.py) that is sent through the
control socket; nothing is done while no server runs.
"""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hubbub.control import ControlError, NoAnswer, ask
from hubbub.irc.message import Message
from hubbub.irc.text import visible

EXIT_CODES = (
    "Exit codes: 0 done; 1 not done (one line on standard error says why); 2 wrong usage; 3 the "
    "server does not answer."
)
HELP = {"help_option_names": ["-h", "--help"]}

account = typer.Typer(
    help="Make and manage accounts of a running server.", no_args_is_help=True, epilog=EXIT_CODES
)
invite = typer.Typer(help="Make and manage invite codes.", no_args_is_help=True, epilog=EXIT_CODES)
operator = typer.Typer(help="Say who is an operator.", no_args_is_help=True, epilog=EXIT_CODES)
ban = typer.Typer(
    help="Keep people out of a running server.", no_args_is_help=True, epilog=EXIT_CODES
)

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The server's settings, as for `hubbub serve`."),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The server's data directory, where it is another."),
]


def _spelled(target: str) -> str:
    """Return a target as a line of IRC can carry it: no word may begin with a colon."""
    return f"0{target}" if target.startswith("::") else target


Name = Annotated[str, typer.Argument(metavar="NAME", help="The account.")]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A nick, nick!user@host, address, address/bits or account:NAME.",
        callback=_spelled,
    ),
]
Reason = Annotated[str, typer.Argument(metavar="REASON", help="What those whom it meets are told.")]

Sure = Annotated[bool, typer.Option("--sure", help="Do it even if it is the last owner.")]


def _sure(sure: bool) -> list[str]:
    return ["SURE"] if sure else []


def _ask(config: Path | None, data: Path | None, command: str, *params: str) -> list[Message]:
    """Have a command carried out; print why not, and exit with 1, where it is refused."""
    from hubbub.settings import SettingsError, find_data_dir

    try:
        directory = find_data_dir(config, data, os.environ, Path.cwd())
        return ask(directory, command, *params, waits=_still_waiting)
    except SettingsError as error:
        _fail(str(error), 2)
    except NoAnswer as error:
        _fail(str(error), 3)
    except ControlError as error:
        _fail(str(error), 1)


def _still_waiting() -> None:
    typer.echo("hubbub: the server is still busy with it ...", err=True)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"hubbub: {visible(message)}", err=True)
    raise typer.Exit(code)


def _show(answers: list[Message]) -> None:
    """Print the answers, a line each: what they name, and what they say."""
    rows = [answer.params[1:] for answer in answers if answer.params[0] != "END"]
    width = max((len(row[0]) for row in rows if len(row) > 1), default=0)
    for row in rows:
        line = f"{row[0]:<{width}}  {' '.join(row[1:])}" if len(row) > 1 else row[0]
        typer.echo(visible(line))


def _show_code(answers: list[Message]) -> None:
    """Print the answers; of a code, on the last line, what its owner does with it."""
    _show([answer for answer in answers if answer.params[0] != "RESET"])
    for answer in answers:
        if answer.params[0] == "RESET":
            name, code = answer.params[1:3]
            typer.echo(visible(f"{name} sets a password within a day: /reset {name} {code}"))


def _read_password() -> str:
    """Return a password, asked for twice, or a line of standard input; never an argument."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    except (EOFError, KeyboardInterrupt):
        _fail("no password was given", 1)
    if first != second:
        _fail("the two passwords differ; nothing was changed", 1)
    return first


@account.command("add")
def account_add(
    name: Name,
    password: Annotated[
        bool,
        typer.Option(
            "--password",
            help="Ask for a password (or read a line of standard input). Without this a code is "
            "printed, with which the owner sets one.",
        ),
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an account."""
    given = [_read_password()] if password else []
    _show_code(_ask(config, data, "ACCOUNT", "ADD", name, *given))


@account.command("list")
def account_list(
    mask: Annotated[str, typer.Argument(metavar="MASK", help="Such as 'a*'.")] = "*",
    config: Config = None,
    data: Data = None,
) -> None:
    """List accounts."""
    answers = _ask(config, data, "ACCOUNT", "LIST", mask)
    _show(answers)
    if len(answers) == 1:
        typer.echo("no accounts")


@account.command("show")
def account_show(name: Name, config: Config = None, data: Data = None) -> None:
    """Show what is known of an account; nothing secret."""
    _show(_ask(config, data, "ACCOUNT", "SHOW", name))


@account.command("suspend")
def account_suspend(
    name: Name, reason: Reason = "", sure: Sure = False, config: Config = None, data: Data = None
) -> None:
    """Keep an account out, at once, until it is restored."""
    words = [*_sure(sure), "SUSPEND", name, *([reason] if reason else [])]
    _show(_ask(config, data, "ACCOUNT", *words))


@account.command("restore")
def account_restore(name: Name, config: Config = None, data: Data = None) -> None:
    """Let a suspended account in again."""
    _show(_ask(config, data, "ACCOUNT", "RESTORE", name))


@account.command("drop")
def account_drop(name: Name, sure: Sure = False, config: Config = None, data: Data = None) -> None:
    """End an account for good.

    Its credentials and direct messages go with it; its name is not given again.
    """
    _show(_ask(config, data, "ACCOUNT", *_sure(sure), "DROP", name))


@account.command("password")
def account_password(
    name: Name,
    code: Annotated[
        bool, typer.Option("--code", help="Print a code with which the owner sets a password.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Set an account's password.

    It is asked for, or read as a line of standard input where that is no terminal.
    """
    given = [] if code else [_read_password()]
    _show_code(_ask(config, data, "ACCOUNT", "PASSWORD", name, *given))


@account.command("no-2fa")
def account_no_second_factor(name: Name, config: Config = None, data: Data = None) -> None:
    """Turn two-factor authentication off for who has lost the device and the recovery codes."""
    _show(_ask(config, data, "ACCOUNT", "TOTP", name, "OFF"))


@invite.command("add")
def invite_add(
    uses: Annotated[int, typer.Option(min=1, help="How often it can be used.")] = 1,
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="How long it can be used: 12h, 7d; 0 for ever.")
    ] = "7d",
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What it is for; the list shows it.")
    ] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Print an invite code, with which a person registers an account."""
    answers = _ask(config, data, "INVITECODE", "ADD", str(uses), expires, *([note] if note else []))
    for answer in answers:
        if answer.params[0] == "ADDED":
            typer.echo(visible(answer.params[-1]))


@invite.command("list")
def invite_list(config: Config = None, data: Data = None) -> None:
    """List invite codes by their ids; the codes themselves are not kept."""
    _show(_ask(config, data, "INVITECODE", "LIST"))


@invite.command("revoke")
def invite_revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="As `hubbub invite list` shows it.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Let an invite code be used no more."""
    _show(_ask(config, data, "INVITECODE", "DEL", id))


@operator.command("set")
def operator_set(
    name: Name,
    kind: Annotated[
        str, typer.Argument(metavar="CLASS", help="owner, admin, moderator, helper, bot; or none.")
    ],
    sure: Sure = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an account an operator of a class, or none any more."""
    _show(_ask(config, data, "ACCOUNT", *_sure(sure), "OPERATOR", name, kind))


@operator.command("list")
def operator_list(config: Config = None, data: Data = None) -> None:
    """List the accounts that are operators."""
    answers = _ask(config, data, "ACCOUNT", "LIST", "*")
    _show([answer for answer in answers if "operator: " in answer.params[-1]])


@operator.command("owner-code")
def operator_owner_code(config: Config = None, data: Data = None) -> None:
    """Print a new one-time code that makes who uses it the owner."""
    for answer in _ask(config, data, "OWNERCODE"):
        if answer.params[0] == "ADDED":
            typer.echo(visible(answer.params[-1]))


def status(config: Config = None, data: Data = None) -> None:
    """Tell how the running server does."""
    for answer in _ask(config, data, "STATUS"):
        if answer.params[0] != "END":
            typer.echo(visible(f"{answer.params[0]:<12} {answer.params[-1]}"))


@ban.command("add")
def ban_add(
    target: Target,
    reason: Reason = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="How long: 12h, 7d; 0 for good.")
    ] = "0",
    sure: Annotated[
        bool, typer.Option("--sure", help="Do it even if it hits many who are here.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Keep somebody out, and end who is here and meant."""
    words = [*_sure(sure), target, expires, *([reason] if reason else [])]
    _show(_ask(config, data, "UBAN", "ADD", *words))


@ban.command("remove")
def ban_remove(target: Target, config: Config = None, data: Data = None) -> None:
    """Let somebody in again."""
    _show(_ask(config, data, "UBAN", "DEL", target))


@ban.command("list")
def ban_list(config: Config = None, data: Data = None) -> None:
    """List who is kept out."""
    _show(_ask(config, data, "UBAN", "LIST"))


@ban.command("test")
def ban_test(target: Target, config: Config = None, data: Data = None) -> None:
    """Say whom a ban would hit."""
    _show(_ask(config, data, "UBAN", "TEST", target))


def switch(
    name: Annotated[
        str, typer.Argument(metavar="SWITCH", help="registrations or guests. Default: show both.")
    ] = "",
    state: Annotated[str, typer.Argument(metavar="on|off", help="What it is to be.")] = "",
    reason: Reason = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Close the running server to newcomers, or open it again."""
    words = [word for word in (name, state, reason) if word]
    _show(_ask(config, data, "SWITCH", *words))


def audit(
    count: Annotated[
        int, typer.Option("--lines", "-n", min=1, max=200, help="How many, the newest.")
    ] = 20,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what operators of the running server did last."""
    _show(_ask(config, data, "AUDIT", str(count)))
