"""The commands with which an operator looks after a running server, but for its accounts."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.administration_line import (
    EXIT_CODES,
    Config,
    Data,
    Name,
    Reason,
    Target,
    Yes,
    ago,
    carry_out,
    carry_out_asked,
    channel_named,
    lasting,
    one_of,
    show,
)
from hubbub.cli.control import ControlError, ask
from hubbub.irc.text import visible
from hubbub.server.files import READY

operator = typer.Typer(help="Say who is an operator.", no_args_is_help=True, epilog=EXIT_CODES)
mail = typer.Typer(help="Try the mail server.", no_args_is_help=True, epilog=EXIT_CODES)
ban = typer.Typer(
    help="Keep people out of a running server.", no_args_is_help=True, epilog=EXIT_CODES
)


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
    show(carry_out_asked(config, data, yes, ("ACCOUNT",), "OPERATOR", name, kind))


@operator.command("list")
def operator_list(config: Config = None, data: Data = None) -> None:
    """List the accounts that are operators."""
    answers = carry_out(config, data, "ACCOUNT", "LIST", "*")
    found = [answer for answer in answers if "operator: " in answer.params[-1]]
    show(found)
    if not found:
        typer.echo("no operators; `hubbub operator owner-code` gives the server an owner")


@operator.command("owner-code")
def operator_owner_code(config: Config = None, data: Data = None) -> None:
    """Print a new one-time code that makes who uses it the owner."""
    for answer in carry_out(config, data, "OWNERCODE"):
        if answer.params[0] == "ADDED":
            typer.echo(visible(answer.params[-1]))


def status(config: Config = None, data: Data = None) -> None:
    """Tell how the running server does."""
    for answer in carry_out(config, data, "STATUS"):
        if answer.params[0] != "END":
            typer.echo(visible(f"{answer.params[0]:<12} {answer.params[-1]}"))


def drain(
    seconds: Annotated[
        str,
        typer.Argument(
            metavar="SECONDS",
            help="How long at most. Default: `stop.drain_seconds`, or 30 where that is 0.",
        ),
    ] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Stop the running server in good order: it takes in nobody any more and tells who is here.

    It ends when everybody has gone, or after so many seconds. `hubbub status` says how far it is.
    """
    show(carry_out(config, data, "DRAIN", *([seconds] if seconds else [])))


def health(
    as_json: Annotated[
        bool, typer.Option("--json", help='Print {"ready": true, "why": ""} instead.')
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Say whether the running server serves newcomers, within 3 seconds; for HEALTHCHECK."""
    why = _why_not_ready(config, data)
    if as_json:
        typer.echo(json.dumps({"ready": not why, "why": why}))
    elif not why:
        typer.echo("ready")
    else:
        typer.echo(visible(f"not ready: {why}"))
    raise typer.Exit(1 if why else 0)


def _why_not_ready(config: Path | None, data: Path | None) -> str:
    """Return why the server is not ready, "" where it is: in its words, or that none answers."""
    from hubbub.settings import SettingsError, find_data_dir

    try:
        answers = ask(find_data_dir(config, data, os.environ, Path.cwd()), "STATUS")
    except (SettingsError, ControlError) as error:
        return str(error)
    found = [each.params[-1] for each in answers if each.params[0] == READY]
    return "" if found == ["yes"] else "".join(found).removeprefix("no: ") or "the server is older"


@mail.command("test")
def mail_test(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where to send it.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Send a test e-mail, and tell how the mail server took it."""
    show(carry_out(config, data, "MAIL", "TEST", address))


@ban.command("add")
def ban_add(
    target: Target,
    reason: Reason = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", callback=lasting, help="How long: 12h, 7d; 0 for good.")
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
    show(carry_out_asked(config, data, sure, ("UBAN", "ADD"), *words))


@ban.command("remove")
def ban_remove(target: Target, config: Config = None, data: Data = None) -> None:
    """Let somebody in again."""
    show(carry_out(config, data, "UBAN", "DEL", target))


@ban.command("list")
def ban_list(config: Config = None, data: Data = None) -> None:
    """List who is kept out."""
    show(carry_out(config, data, "UBAN", "LIST"))


@ban.command("test")
def ban_test(target: Target, config: Config = None, data: Data = None) -> None:
    """Say whom a ban would hit."""
    show(carry_out(config, data, "UBAN", "TEST", target))


def switch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SWITCH",
            callback=one_of("registrations", "guests"),
            help="registrations or guests. Default: show both.",
        ),
    ] = "",
    state: Annotated[
        str,
        typer.Argument(
            metavar="on|off", callback=one_of("on", "off"), help="What it is to be. Default: show."
        ),
    ] = "",
    reason: Reason = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Close the running server to newcomers, or open it again."""
    words = [word for word in (name, state, reason) if word]
    show(carry_out(config, data, "SWITCH", *words))


def purge(
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="An account, a nick, or nick!user@host.")
    ],
    since: Annotated[
        str, typer.Option(metavar="TIME", callback=ago, help="How long ago it began: 10m, 1h.")
    ],
    channel: Annotated[
        str,
        typer.Option(
            "--in", metavar="#CHANNEL", callback=channel_named, help="Only what was said there."
        ),
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
    show(carry_out_asked(config, data, yes, ("PURGE",), by, since, *words))


def audit(
    count: Annotated[
        int, typer.Option("--lines", "-n", min=1, max=200, help="How many, the newest.")
    ] = 20,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Only what one did.")] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what operators of the running server did last."""
    show(carry_out(config, data, "AUDIT", str(count), *([by] if by else [])))
