"""The commands with which an operator manages accounts and invite codes of a running server."""

from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.administration_line import (
    EXIT_CODES,
    Code,
    Config,
    Data,
    Name,
    Reason,
    Yes,
    carry_out,
    carry_out_asked,
    fail,
    lasting,
    read_password,
    show,
    show_code,
)
from hubbub.irc.text import visible

account = typer.Typer(
    help="Make and manage accounts of a running server.", no_args_is_help=True, epilog=EXIT_CODES
)
invite = typer.Typer(help="Make and manage invite codes.", no_args_is_help=True, epilog=EXIT_CODES)


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
    given = [read_password()] if password else []
    show_code(carry_out(config, data, "ACCOUNT", "ADD", name, *given))


@account.command("list")
def account_list(
    mask: Annotated[str, typer.Argument(metavar="MASK", help="Such as 'a*'.")] = "*",
    config: Config = None,
    data: Data = None,
) -> None:
    """List accounts."""
    answers = carry_out(config, data, "ACCOUNT", "LIST", mask)
    show(answers)
    if len(answers) == 1:
        typer.echo("no accounts")


@account.command("show")
def account_show(name: Name, config: Config = None, data: Data = None) -> None:
    """Show what is known of an account; nothing secret."""
    show(carry_out(config, data, "ACCOUNT", "SHOW", name))


@account.command("suspend")
def account_suspend(
    name: Name, reason: Reason = "", yes: Yes = False, config: Config = None, data: Data = None
) -> None:
    """Keep an account out, at once, until it is restored."""
    words = [name, *([reason] if reason else [])]
    show(carry_out_asked(config, data, yes, ("ACCOUNT",), "SUSPEND", *words))


@account.command("restore")
def account_restore(name: Name, config: Config = None, data: Data = None) -> None:
    """Let a suspended account in again."""
    show(carry_out(config, data, "ACCOUNT", "RESTORE", name))


@account.command("drop")
def account_drop(name: Name, yes: Yes = False, config: Config = None, data: Data = None) -> None:
    """End an account for good.

    Its credentials and direct messages go with it; its name is not given again, unless nobody ever
    used it.
    """
    show(carry_out_asked(config, data, yes, ("ACCOUNT",), "DROP", name))


@account.command("erase")
def account_erase(
    name: Name,
    witness: Annotated[
        Path | None,
        typer.Option(
            "--witness",
            metavar="FILE",
            readable=False,
            help="First write to a new file (0600) all that is to go; with it `hubbub check "
            "--absent FILE` proves later that it has. Keep it elsewhere, or destroy it.",
        ),
    ] = None,
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """End an account, and have all that it ever said here gone for good.

    Messages, reactions, metadata, credentials and what it set as topic leave history, index,
    snapshots, free pages and the write-ahead log; it returns when they have. Who came and went can
    still be seen. A backup of before still holds them: a server that is started on it erases them
    again before it serves, if the file journal.sqlite-erased is beside it. An account that was
    dropped can be erased, too.
    """
    from hubbub.cli.erasing import until_erased, write_witness

    if witness is not None:
        write_witness(config, data, name, witness)
    show(carry_out_asked(config, data, yes, ("ACCOUNT",), "ERASE", name))
    until_erased(config, data)
    typer.echo(visible(f"{name} is erased"))


@account.command("rename")
def account_rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name that was meant.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Give another name to an account that nobody has used yet; a code for its owner is printed."""
    show_code(carry_out(config, data, "ACCOUNT", "RENAME", name, new))


@account.command("email")
def account_email(
    name: Name,
    address: Annotated[str, typer.Argument(metavar="ADDRESS|none", help="It is not confirmed.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Set an account's e-mail address, or take it away."""
    show(carry_out(config, data, "ACCOUNT", "EMAIL", name, address))


@account.command("verify")
def account_verify(name: Name, config: Config = None, data: Data = None) -> None:
    """Let an account be used whose code by e-mail never came."""
    show(carry_out(config, data, "ACCOUNT", "VERIFY", name))


@account.command("sessions")
def account_sessions(name: Name, config: Config = None, data: Data = None) -> None:
    """List an account's connections, and what each logged in with."""
    answers = carry_out(config, data, "ACCOUNT", "SESSIONS", name)
    show(answers)
    if len(answers) == 1:
        typer.echo("no connections")


@account.command("logout")
def account_logout(name: Name, config: Config = None, data: Data = None) -> None:
    """End all connections of an account; who can prove it may come back at once."""
    show(carry_out(config, data, "ACCOUNT", "LOGOUT", name))


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
        fail("say what to revoke: --all, or --token, --key or --cert", 2)
    if everything:
        show(carry_out_asked(config, data, yes, ("ACCOUNT",), "REVOKE", name, "ALL"))
    for kind, id in given:
        show(carry_out(config, data, "ACCOUNT", "REVOKE", name, kind, id))


@account.command("channels")
def account_channels(name: Name, config: Config = None, data: Data = None) -> None:
    """List the channels in which an account is something, and who is next in line."""
    answers = carry_out(config, data, "ACCOUNT", "CHANNELS", name)
    show(answers)
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
    show(carry_out(config, data, "ACCOUNT", "HANDOVER", name, to, *(what or [])))


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
    given = [] if code else [read_password()]
    if revoke_all:
        # A password that was asked for a moment ago is answer enough.
        show(carry_out_asked(config, data, yes or not code, ("ACCOUNT",), "REVOKE", name, "ALL"))
    show_code(carry_out(config, data, "ACCOUNT", "PASSWORD", name, *given))


@account.command("no-2fa")
def account_no_second_factor(name: Name, config: Config = None, data: Data = None) -> None:
    """Turn two-factor authentication off for who has lost the device and the recovery codes."""
    show(carry_out(config, data, "ACCOUNT", "TOTP", name, "OFF"))


@invite.command("add")
def invite_add(
    uses: Annotated[int, typer.Option(min=1, help="How often it can be used.")] = 1,
    expires: Annotated[
        str,
        typer.Option(
            metavar="TIME", callback=lasting, help="How long it can be used: 12h, 7d; 0 for ever."
        ),
    ] = "7d",
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What it is for; the list shows it.")
    ] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Print an invite code, with which a person registers an account."""
    answers = carry_out(
        config, data, "INVITECODE", "ADD", str(uses), expires, *([note] if note else [])
    )
    for answer in answers:
        if answer.params[0] == "ADDED":
            typer.echo(visible(answer.params[-1]))


@invite.command("list")
def invite_list(config: Config = None, data: Data = None) -> None:
    """List invite codes by their ids; the codes themselves are not kept."""
    show(carry_out(config, data, "INVITECODE", "LIST"))


@invite.command("revoke")
def invite_revoke(code: Code, config: Config = None, data: Data = None) -> None:
    """Let an invite code be used no more."""
    show(carry_out(config, data, "INVITECODE", "DEL", code))


@invite.command("show")
def invite_show(code: Code, config: Config = None, data: Data = None) -> None:
    """Tell who came in by an invite code, also by one that is over."""
    show(carry_out(config, data, "INVITECODE", "SHOW", code))


@invite.command("suspend")
def invite_suspend(
    code: Code, reason: Reason = "", yes: Yes = False, config: Config = None, data: Data = None
) -> None:
    """Revoke an invite code, and keep out everybody who came in by it."""
    words = [code, *([reason] if reason else [])]
    show(carry_out_asked(config, data, yes, ("INVITECODE", "SUSPEND"), *words))
