"""`hubbub wire`: where to look, how to show it, and how it ended."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from hubbub.irc.names import is_nick
from hubbub.irc.text import visible
from hubbub.wire.address import WireAddress, parse_address, parse_listen
from hubbub.wire.ends.irc_visit import IRCVisit, say_typed
from hubbub.wire.ends.line import WireLine
from hubbub.wire.ends.talk import Talk
from hubbub.wire.ends.tcp import connect
from hubbub.wire.ends.tls import TLSEnd, looking_context
from hubbub.wire.ends.typed import typed_lines
from hubbub.wire.failures import NoAddress, WireCode, WireFailure
from hubbub.wire.seen import Show, note
from hubbub.wire.showing.json_lines import as_json
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.safe import safe
from hubbub.wire.showing.told import Sightings, TimedSight
from hubbub.wire.showing.words import COLUMNS, InWords

SECONDS: Final = 10.0
"""How long each step of a visit may take where nothing else is said."""
_FOR_SSH: Final = frozenset(("identity", "command", "compress"))
_FOR_VISITS: Final = _FOR_SSH | {"typed", "nick"}


@dataclass(frozen=True, slots=True)
class WireOptions:
    """Hold what the command line says."""

    address: str
    proxy: str | None = None
    typed: bool = False
    nick: str = ""
    identity: str = ""
    command: str | None = None
    compress: bool = False
    fingerprint: str = ""
    seconds: float = SECONDS
    lesson: bool = False
    json: bool = False


class WireOutput:
    """Write what is seen to standard output; `gone` is called when nothing can be written any more.

    `fault` then says why, where it is more than that nobody reads it.
    """

    def __init__(self, options: WireOptions) -> None:
        """Write words or JSON, with colours where a terminal shows them."""
        self._lessons = Lessons() if options.lesson else None
        self._json = options.json
        on_terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size((COLUMNS, 24)).columns if on_terminal else COLUMNS
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self._words = InWords(on_terminal and not plain, self._lessons, columns)
        self.gone: Callable[[], object] = lambda: None
        self.is_read = True
        self.fault = ""

    def write(self, told: TimedSight) -> None:
        """Write one thing, at once."""
        text = f"{as_json(told, self._lessons)}\n" if self._json else self._words.text(told)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            # The end of the program would complain about what it cannot write.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.is_read = False
            if not isinstance(error, BrokenPipeError):
                self.fault = f"cannot write what was seen: {error.strerror}"
            self.gone()


def main(options: WireOptions) -> int:
    """Look at a line until it ends, and return the exit code."""
    if sys.stdout is None:
        return _fail("standard output is closed: nothing could be shown", WireCode.USAGE)
    if isinstance(sys.stdout, TextIOWrapper):
        # What a server sends may hold what this terminal has no characters for.
        sys.stdout.reconfigure(errors="backslashreplace")
    output = WireOutput(options)
    try:
        asyncio.run(_look(options, output))
    except asyncio.CancelledError:
        pass
    except KeyboardInterrupt:
        return WireCode.INTERRUPTED
    except WireFailure as failure:
        if output.is_read:
            return _fail(str(failure), failure.code)
    return _fail(output.fault, WireCode.FAILED) if output.fault else WireCode.DONE


async def _look(options: WireOptions, output: WireOutput) -> None:
    address = parse_address(options.address)
    _check(options, address)
    task = asyncio.current_task()
    assert task is not None
    output.gone = task.cancel
    sightings = Sightings(output.write, time.monotonic)
    if options.proxy is not None:
        await _proxy(options, address, sightings)
        return
    show = sightings.on()
    visit = _visit_ssh if address.scheme == "ssh" else _visit_irc
    await visit(options, address, show)
    show(note("that was all"))


async def _visit_ssh(options: WireOptions, address: WireAddress, show: Show) -> None:
    # asyncssh takes longer to load than all the rest.
    from hubbub.wire.ends.ssh_visit import SSHVisit

    visit = SSHVisit(address, options.identity, options.command, options.compress)
    tap = await connect(address, show, options.seconds)
    lines = typed_lines(sys.stdin.fileno()) if options.typed else None
    await visit.run(tap, show, options.seconds, lines)


async def _visit_irc(options: WireOptions, address: WireAddress, show: Show) -> None:
    tap = await connect(address, show, options.seconds)
    tls = TLSEnd(looking_context(), show, address.host) if address.tls else None
    line = WireLine(tap, tls)
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


async def _proxy(options: WireOptions, address: WireAddress, sightings: Sightings) -> None:
    # It makes certificates and keys, whose libraries take long to load.
    from hubbub.wire.proxying.proxy import WireProxy
    from hubbub.wire.proxying.trust import ServerTrust, checked_fingerprint

    host, port = parse_listen(options.proxy or "")
    fingerprint = checked_fingerprint(options.fingerprint, address.scheme)
    known_hosts = Path.home() / ".ssh" / "known_hosts"
    trust = ServerTrust(address, fingerprint, known_hosts)
    await WireProxy(trust, sightings, options.seconds).run(host, port)


def _check(options: WireOptions, address: WireAddress) -> None:
    """Raise NoAddress where options do not go together, or one cannot be."""
    given = {each.name for each in fields(options) if getattr(options, each.name) != each.default}
    if given & _FOR_SSH and address.scheme != "ssh":
        raise NoAddress("--identity, --command and --compress are for ssh:// only")
    if "nick" in given and address.scheme == "ssh":
        raise NoAddress("--nick is for IRC; by ssh:// you are who ADDRESS says: ssh://USER@HOST")
    if "proxy" in given and given & _FOR_VISITS:
        raise NoAddress("with --proxy it is the client that acts: nothing else is said or typed")
    if "fingerprint" in given and "proxy" not in given:
        raise NoAddress("--fingerprint is for --proxy: a visit looks at any key and trusts none")
    if options.typed and sys.stdin is None:
        raise NoAddress("--type reads standard input, which is closed")
    if options.nick and not is_nick(options.nick):
        raise NoAddress(f"{visible(options.nick)!r} cannot be a nick")
    if not (options.command or "").replace("\n", " ").isprintable():
        raise NoAddress("--command holds what no command can hold")


def _fail(message: str, code: WireCode) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"hubbub: {safe(message)}\n")
    return code
