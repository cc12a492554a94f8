"""The commands with which an operator looks after a running server, on its own machine.

Each is a command of operators (core/commands/account_operations.py) that is sent through the
control socket; nothing is done while no server runs.
"""

import getpass
import os
import re
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hubbub.control import ControlError, NoAnswer, ask
from hubbub.irc.message import Message
from hubbub.irc.text import visible

SURE = "SURE"
"""The word with which the server has something confirmed (hubbub.core.confirming)."""
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
mail = typer.Typer(help="Try the mail server.", no_args_is_help=True, epilog=EXIT_CODES)
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
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do it without asking; needed where nobody is asked.")
]
Code = Annotated[
    str,
    typer.Argument(metavar="CODE|ID", help="The code itself, or its id as `invite list` shows it."),
]
Reason = Annotated[str, typer.Argument(metavar="REASON", help="What those whom it meets are told.")]


def _try(config: Path | None, data: Path | None, *words: str) -> list[Message] | str:
    """Have a command carried out; return what it would do, where that is to be confirmed first.

    Print why not, and exit with 1, where it is refused.
    """
    from hubbub.settings import SettingsError, find_data_dir

    try:
        directory = find_data_dir(config, data, os.environ, Path.cwd())
        return ask(directory, *words, waits=_still_waiting)
    except SettingsError as error:
        _fail(str(error), 2)
    except NoAnswer as error:
        _fail(str(error), 3)
    except ControlError as error:
        if error.code == "NOT_CONFIRMED":
            return str(error)
        _fail(str(error), 1)


def _ask(config: Path | None, data: Path | None, command: str, *params: str) -> list[Message]:
    """Have a command carried out; print why not, and exit with 1, where it is not."""
    answers = _try(config, data, command, *params)
    if isinstance(answers, str):
        _fail(answers, 1)
    return answers


def _ask_first(
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
            _fail(f"{would}; add --yes to do it", 1)
        if not typer.confirm(visible(f"{would}. Do it?"), err=True):
            _fail("nothing was done", 1)
    return _ask(config, data, *do, SURE, *params)


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
    name: Name, reason: Reason = "", yes: Yes = False, config: Config = None, data: Data = None
) -> None:
    """Keep an account out, at once, until it is restored."""
    words = [name, *([reason] if reason else [])]
    _show(_ask_first(config, data, yes, ("ACCOUNT",), "SUSPEND", *words))


@account.command("restore")
def account_restore(name: Name, config: Config = None, data: Data = None) -> None:
    """Let a suspended account in again."""
    _show(_ask(config, data, "ACCOUNT", "RESTORE", name))


@account.command("drop")
def account_drop(name: Name, yes: Yes = False, config: Config = None, data: Data = None) -> None:
    """End an account for good.

    Its credentials and direct messages go with it; its name is not given again, unless nobody ever
    used it.
    """
    _show(_ask_first(config, data, yes, ("ACCOUNT",), "DROP", name))


@account.command("rename")
def account_rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name that was meant.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Give another name to an account that nobody has used yet; a code for its owner is printed."""
    _show_code(_ask(config, data, "ACCOUNT", "RENAME", name, new))


@account.command("email")
def account_email(
    name: Name,
    address: Annotated[str, typer.Argument(metavar="ADDRESS|none", help="It is not confirmed.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Set an account's e-mail address, or take it away."""
    _show(_ask(config, data, "ACCOUNT", "EMAIL", name, address))


@account.command("verify")
def account_verify(name: Name, config: Config = None, data: Data = None) -> None:
    """Let an account be used whose code by e-mail never came."""
    _show(_ask(config, data, "ACCOUNT", "VERIFY", name))


@account.command("sessions")
def account_sessions(name: Name, config: Config = None, data: Data = None) -> None:
    """List an account's connections, and what each logged in with."""
    answers = _ask(config, data, "ACCOUNT", "SESSIONS", name)
    _show(answers)
    if len(answers) == 1:
        typer.echo("no connections")


@account.command("logout")
def account_logout(name: Name, config: Config = None, data: Data = None) -> None:
    """End all connections of an account; who can prove it may come back at once."""
    _show(_ask(config, data, "ACCOUNT", "LOGOUT", name))


@account.command("revoke")
def account_revoke(
    name: Name,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="All that proves it: password, tokens, keys, certificates, two-factor, e-mail;"
            " its connections end.",
        ),
    ] = False,
    token: Annotated[str, typer.Option("--token", metavar="ID", help="An app token.")] = "",
    key: Annotated[str, typer.Option("--key", metavar="FP", help="An SSH key.")] = "",
    cert: Annotated[str, typer.Option("--cert", metavar="FP", help="A TLS certificate.")] = "",
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Let something log in to an account no more; `account show` lists what there is."""
    given = [(kind, id) for kind, id in (("TOKEN", token), ("KEY", key), ("CERT", cert)) if id]
    if everything == bool(given):
        _fail("say what to revoke: --all, or --token, --key or --cert", 2)
    if everything:
        _show(_ask_first(config, data, yes, ("ACCOUNT",), "REVOKE", name, "ALL"))
    for kind, id in given:
        _show(_ask(config, data, "ACCOUNT", "REVOKE", name, kind, id))


@account.command("channels")
def account_channels(name: Name, config: Config = None, data: Data = None) -> None:
    """List the channels in which an account is something, and who is next in line."""
    answers = _ask(config, data, "ACCOUNT", "CHANNELS", name)
    _show(answers)
    if len(answers) == 1:
        typer.echo("no channels")


@account.command("hand-over")
def account_hand_over(
    name: Name,
    to: Annotated[str, typer.Argument(metavar="TO", help="The account that gets it.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[#CHANNEL|TOKEN]...",
            help="Default: all channels that it owns, and its tokens for one purpose (bots').",
        ),
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Give an account's channels and its bots' tokens to another account."""
    _show(_ask(config, data, "ACCOUNT", "HANDOVER", name, to, *(what or [])))


@account.command("password")
def account_password(
    name: Name,
    code: Annotated[
        bool, typer.Option("--code", help="Print a code with which the owner sets a password.")
    ] = False,
    revoke_all: Annotated[
        bool,
        typer.Option(
            "--revoke-all",
            help="First take away all that logs in to it, and end its connections.",
        ),
    ] = False,
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Set an account's password.

    It is asked for, or read as a line of standard input where that is no terminal.
    """
    given = [] if code else [_read_password()]
    if revoke_all:
        # A password that was asked for a moment ago is answer enough.
        _show(_ask_first(config, data, yes or not code, ("ACCOUNT",), "REVOKE", name, "ALL"))
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
def invite_revoke(code: Code, config: Config = None, data: Data = None) -> None:
    """Let an invite code be used no more."""
    _show(_ask(config, data, "INVITECODE", "DEL", code))


@invite.command("show")
def invite_show(code: Code, config: Config = None, data: Data = None) -> None:
    """Tell who came in by an invite code, also by one that is over."""
    _show(_ask(config, data, "INVITECODE", "SHOW", code))


@invite.command("suspend")
def invite_suspend(
    code: Code, reason: Reason = "", yes: Yes = False, config: Config = None, data: Data = None
) -> None:
    """Revoke an invite code, and keep out everybody who came in by it."""
    words = [code, *([reason] if reason else [])]
    _show(_ask_first(config, data, yes, ("INVITECODE", "SUSPEND"), *words))


@operator.command("set")
def operator_set(
    name: Name,
    kind: Annotated[
        str, typer.Argument(metavar="CLASS", help="owner, admin, moderator, helper, bot; or none.")
    ],
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an account an operator of a class, or none any more."""
    _show(_ask_first(config, data, yes, ("ACCOUNT",), "OPERATOR", name, kind))


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


@mail.command("test")
def mail_test(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where to send it.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Send a test e-mail, and tell how the mail server took it."""
    _show(_ask(config, data, "MAIL", "TEST", address))


@ban.command("add")
def ban_add(
    target: Target,
    reason: Reason = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="How long: 12h, 7d; 0 for good.")
    ] = "0",
    sure: Annotated[
        bool,
        typer.Option(
            "--sure",
            "--yes",
            "-y",
            help="Do it without asking, even if it hits many who are here, or nobody.",
        ),
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Keep somebody out, and end who is here and meant."""
    words = [target, expires, *([reason] if reason else [])]
    _show(_ask_first(config, data, sure, ("UBAN", "ADD"), *words))


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


def purge(
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="An account, a nick, or nick!user@host.")
    ],
    since: Annotated[str, typer.Option(metavar="TIME", help="How long ago it began: 10m, 1h.")],
    channel: Annotated[
        str, typer.Option("--in", metavar="#CHANNEL", help="Only what was said there.")
    ] = "",
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="What those who had heard it are told.")
    ] = "",
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take back all that somebody said of late, direct messages too, after a count.

    It is erased here, and taken from the screens of clients that know REDACT.
    """
    words = [word for word in (channel, reason) if word]
    _show(_ask_first(config, data, yes, ("PURGE",), by, since, *words))


def audit(
    count: Annotated[
        int, typer.Option("--lines", "-n", min=1, max=200, help="How many, the newest.")
    ] = 20,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Only what one did.")] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what operators of the running server did last."""
    _show(_ask(config, data, "AUDIT", str(count), *([by] if by else [])))
