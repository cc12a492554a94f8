"""`hubbub chat`: where to, as whom, and on a terminal or in a pipe."""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import secrets
import socket
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from hubbub.client.commands.context import Console
from hubbub.client.credentials.credentials import DEVICE, Credentials
from hubbub.client.errors import CannotConnect, CertificateRefused, NotLetIn, UsageError
from hubbub.client.handlers.registration import nick_from
from hubbub.client.network import address as addresses
from hubbub.client.network.address import ServerAddress
from hubbub.client.network.link import check_certificate
from hubbub.client.network.trust import parse_fingerprint
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.names import is_nick
from hubbub.irc.text import visible
from hubbub.passwords.secret_file import read_secret
from hubbub.terminal import pipe
from hubbub.terminal.local_chat import LocalChat
from hubbub.terminal.profile import KnownServers, Profile, default_profile
from hubbub.terminal.reconnecting import ReconnectingClient
from hubbub.terminal.tokens import Tokens
from hubbub.ui.exit_code import ExitCode
from hubbub.ui.time_zones import LOCAL
from hubbub.whole_files import FileUnusable

ACCOUNT_PASSWORD_VARIABLE = "HUBBUB_CHAT_ACCOUNT_PASSWORD"  # noqa: S105 - the name of the variable
PASSWORD_VARIABLE = "HUBBUB_CHAT_PASSWORD"  # noqa: S105 - the name of the variable


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Hold what the command line and the profile say: where to, as whom.

    `named` says that another nick will not do; `password` is the server's, `certificate` a file, or
    "". `create` has a pipe make the channel that it speaks in.
    """

    address: ServerAddress
    nick: str
    named: bool
    profile: Profile
    pins: KnownServers
    tokens: Tokens
    credentials: Credentials
    password: str = ""
    certificate: str = ""
    register: bool = False
    create: bool = False


def main(
    url: str | None = None,
    nick: str | None = None,
    fingerprint: str | None = None,
    allow_plain_text: bool = False,
    account: str | None = None,
    certificate: str | None = None,
    register: bool = False,
    create: bool = False,
) -> int:
    """Talk to a server until the person or the input ends it; return the exit code."""
    try:
        address = _address(url or addresses.DEFAULT_URL, allow_plain_text)
        options = _options(
            address, nick or address.nick, account or "", certificate or "", register
        )
        options = replace(options, create=create)
        options.pins.expected = parse_fingerprint(fingerprint) if fingerprint else ""
    except (UsageError, ValueError) as error:
        return _fail(str(error), ExitCode.USAGE)
    try:
        return asyncio.run(_chat(options))
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


def _options(
    address: ServerAddress, nick: str, account: str, certificate: str, register: bool
) -> ChatOptions:
    """Return what the command line and the profile say. Raises UsageError."""
    profile = default_profile()
    tokens = Tokens(profile.tokens, address.name)
    # Who registers means none of the accounts that there are.
    credentials = _credentials(address, account, nick, None if register else tokens)
    credentials.certificate = bool(certificate)
    return ChatOptions(
        address,
        _nick(nick or credentials.account),
        bool(nick),
        profile,
        KnownServers(profile.known_servers),
        tokens,
        credentials,
        _secret(PASSWORD_VARIABLE),
        _certificate(certificate),
        _may_register(register),
    )


def _credentials(
    address: ServerAddress, account: str, nick: str, tokens: Tokens | None
) -> Credentials:
    """Return what proves the account: the one that is named, or else the one used last here."""
    credentials = Credentials(
        account,
        _secret(ACCOUNT_PASSWORD_VARIABLE),
        secure=address.tls or address.is_loopback,
    )
    kept = tokens.find(account or nick) if tokens is not None else None
    if kept is not None:
        credentials.account = kept.account
        credentials.token, credentials.token_name = kept.token, kept.name
    elif not account and credentials.password:
        credentials.account = nick
    return credentials


def _secret(name: str) -> str:
    """Return a secret from a variable, or from the file that NAME_FILE names. Raise UsageError."""
    text, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if not file:
        return text
    if text:
        raise UsageError(f"{name} and {name}_FILE are both set; unset one of them")
    try:
        return read_secret(Path(file))
    except FileUnusable as error:
        raise UsageError(f"{name}_FILE {file} {error}") from None


def _may_register(wanted: bool) -> bool:
    if wanted and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--register asks for a password, which takes a terminal")
    return wanted


def _certificate(path: str) -> str:
    if path:
        try:
            check_certificate(path)
        except CannotConnect as error:
            raise UsageError(str(error)) from None
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
    return path


def _device() -> str:
    """Return the name of this device's token: at most as long as servers take, with room."""
    host = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())
    return f"{DEVICE}{host[:30] or 'device'}"


async def _chat(options: ChatOptions) -> int:
    preferences = options.profile.load_preferences()
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    wishes = _wishes(options, preferences, on_terminal)
    # A script that reads along has shown nobody anything: it neither knows nor moves what was read.
    seen = options.profile.load_seen(options.address.name) if on_terminal else {}
    if on_terminal:
        # Only a person at a terminal is there to be told that a token was made for this device.
        options.credentials.device = _device()
    session = ClientSession(wishes, secrets.token_urlsafe, seen, options.credentials)
    if on_terminal:
        session.prepare(time.time(), options.register)
    # What comes out of a program is said without coming in.
    for channel in options.address.channels if sys.stdin.isatty() else ():
        session.join(channel)
    transcript = Transcript(LOCAL, preferences.times == "on")
    view = View(transcript, lambda name: session.state.features.fold(name), preferences)
    view.expect(options.address.channels[0])
    console = Console(session, view, preferences)
    if on_terminal:
        local = LocalChat(console, options.profile, options.address.name)
        await local.run(_conversation(options, session, local))
        return ExitCode.DONE
    return await _pipe(options, console)


def _wishes(options: ChatOptions, preferences: Preferences, on_terminal: bool) -> Wishes:
    return Wishes(
        options.nick,
        # In a pipe nobody would notice that somebody else's name stands before what is said.
        exact_nick=options.named and not sys.stdin.isatty(),
        password=options.password,
        history=preferences.history if on_terminal else 0,
        highlights=preferences.highlights,
        ignored=preferences.ignored,
        # Who makes a channel comes into it, as everybody who makes one does.
        quiet=not (options.create or sys.stdin.isatty()),
        person=on_terminal,
    )


def _conversation(
    options: ChatOptions, session: ClientSession, joined: LocalChat | pipe.Pipe
) -> ReconnectingClient:
    return ReconnectingClient(
        options.address,
        session,
        options.pins,
        joined.events,
        joined.link,
        options.tokens,
        options.certificate,
    )


async def _pipe(options: ChatOptions, console: Console) -> int:
    # What comes out of a program is text, whatever it begins with; a person may type commands.
    with_commands = sys.stdin.isatty()
    target = options.address.channels[0]
    joined = pipe.Pipe(console, target, with_commands, sys.stdout, options.address.channels)
    code = await pipe.run(_conversation(options, console.session, joined), joined)
    _drop_unwritable(sys.stdout)
    return code


def _address(url: str, allow_plain_text: bool) -> ServerAddress:
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


def _with_advice(reason: str, address: ServerAddress) -> str:
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
