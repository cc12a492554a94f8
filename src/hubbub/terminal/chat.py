"""`hubbub chat`: where to, as whom, and on a terminal or in a pipe."""

from __future__ import annotations

import asyncio
import curses
import getpass
import os
import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TextIO

from hubbub.client import address as addresses
from hubbub.client.address import Address, AddressError
from hubbub.client.commands import Console
from hubbub.client.link import CannotConnect
from hubbub.client.registration import nick_from
from hubbub.client.session import Session
from hubbub.client.state import Wishes
from hubbub.client.transcript import Transcript
from hubbub.client.trust import CertificateRefused, parse_fingerprint
from hubbub.client.view import View
from hubbub.irc.names import is_nick
from hubbub.irc.text import visible
from hubbub.terminal import pipe
from hubbub.terminal.conversation import Conversation, NotLetIn
from hubbub.terminal.exit_code import ExitCode
from hubbub.terminal.line import Inline
from hubbub.terminal.plain import Plain
from hubbub.terminal.profile import KnownServers, Profile, default_profile

PASSWORD_VARIABLE = "HUBBUB_CHAT_PASSWORD"  # noqa: S105 - the name of the variable


class UsageError(Exception):
    """Say what is wrong with the command line."""


def main(
    url: str | None = None,
    nick: str | None = None,
    fingerprint: str | None = None,
    allow_plain_text: bool = False,
) -> int:
    """Talk to a server until the person or the input ends it; return the exit code."""
    try:
        address = _address(url or addresses.DEFAULT_URL, allow_plain_text)
        expected = parse_fingerprint(fingerprint) if fingerprint else ""
        wanted = _nick(nick or address.nick)
    except (AddressError, UsageError, ValueError) as error:
        return _fail(str(error), ExitCode.USAGE)
    profile = default_profile()
    pins = KnownServers(profile.known_servers, expected)
    try:
        return asyncio.run(_chat(address, wanted, bool(nick or address.nick), profile, pins))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except CertificateRefused as error:
        return _fail(str(error), ExitCode.CERTIFICATE_REFUSED)
    except NotLetIn as error:
        return _fail(str(error), ExitCode.NOT_LET_IN)
    except CannotConnect as error:
        return _fail(_with_advice(str(error), address), ExitCode.CANNOT_CONNECT)
    except OSError as error:
        return _fail(str(error), ExitCode.FAILED)


async def _chat(
    address: Address, nick: str, named: bool, profile: Profile, pins: KnownServers
) -> int:
    preferences = profile.load_preferences()
    on_terminal = preferences.plain == "off" and _is_terminal()
    wishes = Wishes(
        nick,
        exact_nick=named and not sys.stdin.isatty(),
        password=os.environ.get(PASSWORD_VARIABLE, ""),
        history=preferences.history if on_terminal else 0,
        highlights=preferences.highlights,
        ignored=preferences.ignored,
    )
    seen = profile.load_seen(address.name) if on_terminal else {}
    session = Session(wishes, secrets.token_urlsafe, seen)
    for channel in address.channels:
        session.join(channel)
    transcript = Transcript(_zone(), preferences.times == "on")
    view = View(transcript, lambda name: session.state.features.fold(name), preferences)
    console = Console(session, view, preferences)
    if on_terminal:
        inline = Inline(console, profile, address.name)
        await inline.run(Conversation(address, session, pins, inline.events, inline.link))
        return ExitCode.DONE
    return await _pipe(address, console, pins, profile)


async def _pipe(address: Address, console: Console, pins: KnownServers, profile: Profile) -> int:
    # What comes out of a program is text, whatever it begins with; a person may type commands.
    with_commands = sys.stdin.isatty()
    target = address.channels[0]
    joined = (
        Plain(console, target, sys.stdout, profile.save_preferences)
        if with_commands and sys.stdout.isatty()
        else pipe.Pipe(console, target, with_commands, sys.stdout)
    )
    conversation = Conversation(address, console.session, pins, joined.events, joined.link)
    code = await pipe.run(conversation, joined)
    _drop_unwritable(sys.stdout)
    return code


def _address(url: str, allow_plain_text: bool) -> Address:
    address = addresses.parse(url)
    if not address.tls and not address.is_loopback and not allow_plain_text:
        raise UsageError(
            f"irc:// sends everything readable for all on the way to {address.host}: "
            "use ircs://, or say --allow-plain-text"
        )
    return address if address.channels else replace(address, channels=("#lobby",))


def _nick(wanted: str) -> str:
    if not wanted:
        return nick_from(_login())
    if not is_nick(wanted):
        raise UsageError(f"{visible(wanted)!r} cannot be a nick: letters, digits and []\\`_^{{|}}-")
    return wanted


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _is_terminal() -> bool:
    """Say whether there is a terminal that can move its cursor, as far as it is known."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    term = os.environ.get("TERM", "dumb")
    try:
        curses.setupterm(term, sys.stdout.fileno())
    except curses.error:
        # A terminal that is too new for the database moves its cursor as all of them do.
        return term not in ("", "dumb", "unknown")
    return curses.tigetstr("cup") is not None


def _zone() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC


def _with_advice(reason: str, address: Address) -> str:
    if address.is_loopback:
        return f"{reason}; is a server running here? `hubbub serve` starts one"
    return reason


def _drop_unwritable(out: TextIO) -> None:
    """Keep the end of the program from complaining about a pipe that nobody reads any more."""
    try:
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _fail(message: str, code: ExitCode) -> int:
    for line in message.split("\n"):
        sys.stderr.write(f"hubbub: {visible(line)}\n")
    return code
