"""`hubbub wire`: where to look, how to show it, and how it ended."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from hubbub.irc.names import is_nick
from hubbub.irc.text import visible
from hubbub.wire.address import NoAddress, WireAddress, parse_address, parse_listen
from hubbub.wire.ends.irc_visit import IRCVisit, say_typed
from hubbub.wire.ends.line import WireLine
from hubbub.wire.ends.talk import Talk
from hubbub.wire.ends.tcp import connect
from hubbub.wire.ends.tls import TLSEnd, looking_context
from hubbub.wire.ends.typed import typed_lines
from hubbub.wire.failures import WireCode, WireFailure
from hubbub.wire.seen import Show, note
from hubbub.wire.showing.json_lines import as_json
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.told import Telling, TimedSight
from hubbub.wire.showing.words import COLUMNS, InWords

SECONDS: Final = 10.0
"""How long each step of a visit may take where nothing else is said."""


@dataclass(frozen=True, slots=True)
class WireOptions:
    """Hold what the command line says."""

    address: str
    proxy: str | None = None
    typed: bool = False
    nick: str = ""
    identity: str = ""
    command: str | None = None
    fingerprint: str = ""
    seconds: float = SECONDS
    lesson: bool = False
    json: bool = False


class NobodyReads(Exception):
    """Say that whoever read what is shown has gone."""


def main(options: WireOptions) -> int:
    """Look at a line until it ends, and return the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # What a server sends may hold what this terminal has no characters for.
        sys.stdout.reconfigure(errors="backslashreplace")
    telling = Telling(_writer(options), time.monotonic)
    try:
        asyncio.run(_look(options, telling))
    except KeyboardInterrupt:
        return WireCode.INTERRUPTED
    except NobodyReads:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WireCode.DONE
    except WireFailure as failure:
        return _fail(str(failure), failure.code)
    return WireCode.DONE


async def _look(options: WireOptions, telling: Telling) -> None:
    address = parse_address(options.address)
    _check(options, address)
    if options.proxy is not None:
        await _proxy(options, address, telling)
        return
    show = telling.on()
    tap = await connect(address, show, options.seconds)
    if address.scheme == "ssh":
        # asyncssh takes longer to load than all the rest.
        from hubbub.wire.ends.ssh_visit import SSHVisit

        lines = typed_lines(sys.stdin.fileno()) if options.typed else None
        visit = SSHVisit(address, options.identity, options.command)
        await visit.run(tap, show, options.seconds, lines)
    else:
        tls = TLSEnd(looking_context(), show, address.host) if address.tls else None
        await _visit_irc(options, address, WireLine(tap, tls), show)
    show(note("that was all"))


async def _visit_irc(
    options: WireOptions, address: WireAddress, line: WireLine, show: Show
) -> None:
    try:
        await line.open(options.seconds)
        talk = Talk(line, show, address, secrets.token_bytes)
        await talk.open(options.seconds)
        if options.typed:
            await say_typed(talk, typed_lines(sys.stdin.fileno()), options.seconds)
        else:
            nick = options.nick or f"wire{secrets.randbelow(9000) + 1000}"
            await IRCVisit(talk, nick).run(options.seconds)
    finally:
        await line.close()


async def _proxy(options: WireOptions, address: WireAddress, telling: Telling) -> None:
    # It makes certificates and keys, whose libraries take long to load.
    from hubbub.wire.proxying.proxy import WireProxy
    from hubbub.wire.proxying.trust import ServerTrust, checked_fingerprint

    host, port = parse_listen(options.proxy or "")
    fingerprint = checked_fingerprint(options.fingerprint, address.scheme)
    known_hosts = Path.home() / ".ssh" / "known_hosts"
    trust = ServerTrust(address, fingerprint, known_hosts)
    await WireProxy(trust, telling, options.seconds).run(host, port)


def _check(options: WireOptions, address: WireAddress) -> None:
    """Raise NoAddress where options do not go together."""
    is_ssh = address.scheme == "ssh"
    if not is_ssh and (options.identity or options.command is not None):
        raise NoAddress("--identity and --command are for ssh:// only")
    if options.proxy is not None and (options.typed or options.nick or options.identity):
        raise NoAddress("with --proxy the client says everything: no --type, --nick, --identity")
    if options.fingerprint and options.proxy is None:
        raise NoAddress("--fingerprint is for --proxy: a visit looks at any key and trusts none")
    if options.nick and not is_nick(options.nick):
        raise NoAddress(f"{visible(options.nick)!r} cannot be a nick")


def _writer(options: WireOptions) -> Callable[[TimedSight], None]:
    lessons = Lessons() if options.lesson else None
    on_terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size((COLUMNS, 24)).columns if on_terminal else COLUMNS
    coloured = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    words = InWords(coloured, lessons, columns)

    def write(told: TimedSight) -> None:
        text = f"{as_json(told, lessons)}\n" if options.json else words.text(told)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise NobodyReads from None

    return write


def _fail(message: str, code: WireCode) -> int:
    sys.stderr.write(f"hubbub: {visible(message)}\n")
    return code
