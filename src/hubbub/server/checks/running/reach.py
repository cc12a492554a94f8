"""Doors from outside: each is come to as a client comes, and left again."""

from __future__ import annotations

import base64
import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from hubbub.server.certificate import files_of, fingerprint, shown_fingerprint
from hubbub.server.checks.finding import Finding, error, ok, warning
from hubbub.server.checks.places import doors_of
from hubbub.settings import Address, Settings
from hubbub.transport.proxy.trusted import Proxies

SECONDS: Final = 3.0
"""How long a door may take to let somebody in, and to answer."""
_ANSWER_BYTES: Final = 4096
_ABSENT: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETUNREACH)
_START: Final = "look whether the server runs, and at its log"

_Talk = Callable[[socket.socket, str], str]
"""Speak at a door for a server of this name; return what is wrong, "" where all is well."""


def check_doors(settings: Settings) -> Iterator[Finding]:
    """Come to each door of a running server, from this machine; the certificate is compared."""
    proxies = Proxies(settings.doors.proxies)
    for kind, address in doors_of(settings):
        if not address.port:
            yield ok(f"door {kind}", f"{address} is another port each time; not looked at")
        else:
            yield from _check(kind, _nearest(address), settings, proxies)


def check_from_outside(settings: Settings) -> Iterator[Finding]:
    """Come to the TLS door by the name that clients use, if other machines are to reach it."""
    port = next((each.port for each in settings.doors.tls if not each.is_loopback), 0)
    if not port:
        return
    place = f"{settings.name}:{port}"
    try:
        socket.create_connection((settings.name, port), SECONDS).close()
    except OSError as failed:
        yield warning(
            "outside",
            f"{place} cannot be reached from this machine: {failed.strerror or failed}",
            "try it from another one; if it fails there, look at the firewall (nftables, security "
            "group) and at DNS",
        )
    else:
        yield ok("outside", f"{place} can be reached from this machine")


def _nearest(address: Address) -> Address:
    """Return where this machine reaches a door that listens everywhere."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on
    return replace(address, host=everywhere.get(address.host, address.host))


def _check(kind: str, address: Address, settings: Settings, proxies: Proxies) -> Iterator[Finding]:
    subject = f"door {kind}"
    try:
        with ExitStack() as stack:
            peer = socket.create_connection((address.host, address.port), SECONDS)
            stack.enter_context(peer)
            if kind != "health" and peer.getsockname()[0] in proxies:
                yield ok(
                    subject, f"{address} can be reached; only a proxy would be let in from here"
                )
                return
            yield from _converse(kind, address, peer, settings, stack)
    except OSError as failed:
        if address.optional and failed.errno in _ABSENT:
            yield ok(subject, f"{address} is left out: this machine does not have it")
        else:
            yield error(subject, f"{address} does not answer: {failed.strerror or failed}", _START)


def _converse(
    kind: str, address: Address, peer: socket.socket, settings: Settings, stack: ExitStack
) -> Iterator[Finding]:
    """Speak to whoever is at a door; what is opened for it is closed by the `stack`."""
    subject = f"door {kind}"
    if kind in ("tls", "wss"):
        # Only what is shown counts here: whether clients trust it is asked of its file.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        peer = stack.enter_context(context.wrap_socket(peer, server_hostname=settings.name))
        shown = peer.getpeercert(binary_form=True)
        yield _compared(subject, shown or b"", files_of(settings).certificate)
    wrong = _TALKS[kind](peer, settings.name)
    if wrong:
        yield error(subject, f"{address} answers, but not as it should: {wrong}", _START)
    else:
        yield ok(subject, f"{address} lets people in" if kind != "health" else f"{address} answers")


def _compared(subject: str, shown: bytes, certificate: Path) -> Finding:
    try:
        same = shown_fingerprint(shown) == fingerprint(certificate)
    except (OSError, ValueError) as failed:
        return warning(subject, f"{certificate} cannot be read: {failed}", "mend or restore it")
    if same:
        return ok(subject, "it shows the certificate that is on the disk")
    what = f"it shows another certificate than {certificate} holds"
    return warning(subject, what, "`hubbub reload` takes the new one up, or says why not")


def _irc(peer: socket.socket, name: str) -> str:
    peer.sendall(b"CAP LS 302\r\n")
    answer = _read(peer, b"\n")
    peer.sendall(b"QUIT\r\n")
    return "" if b" CAP * LS " in answer else _quoted(answer)


def _ssh(peer: socket.socket, name: str) -> str:
    answer = _read(peer, b"\n")
    return "" if answer.startswith(b"SSH-2.0-") else _quoted(answer)


def _web(peer: socket.socket, name: str) -> str:
    """Ask for a WebSocket (RFC 6455 4.1)."""
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET / HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    peer.sendall(head.encode())
    answer = _read(peer, b"\r\n")
    return "" if answer.startswith(b"HTTP/1.1 101 ") else _quoted(answer)


def _health(peer: socket.socket, name: str) -> str:
    peer.sendall(f"GET /live HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    answer = _read(peer, b"\r\n")
    return "" if answer.startswith(b"HTTP/1.1 200 ") else _quoted(answer)


_TALKS: Final[dict[str, _Talk]] = {
    "tls": _irc,
    "plain": _irc,
    "ssh": _ssh,
    "wss": _web,
    "websocket": _web,
    "health": _health,
}


def _read(peer: socket.socket, until: bytes) -> bytes:
    """Return what comes, up to the first end of a line."""
    data = b""
    while until not in data and len(data) < _ANSWER_BYTES:
        more = peer.recv(_ANSWER_BYTES)
        if not more:
            break
        data += more
    return data


def _quoted(answer: bytes) -> str:
    first = answer.split(b"\n")[0].strip().decode("utf-8", "replace")
    return f'"{first[:200]}"' if first else "it says nothing"
