"""The ways to pass one message on to many sockets, each as a function of no argument.

Those in C need a compiler and OpenSSL's headers, and reach into an object of Python's ssl whose
layout nobody promises: good enough to measure by.
"""

from __future__ import annotations

import ctypes
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tools.sending.ring import Ring

Way = Callable[[], None]

AT_ONCE: Final = 64
_SSL_OFFSET: Final = 24
_MESSAGE: Final = struct.Struct("<QQii")
_SOURCE: Final = Path(__file__).with_name("native.c")


@dataclass(frozen=True, slots=True)
class InMemory:
    """A connection whose records are made in memory, and sent by whoever has them."""

    connected: socket.socket
    write: Callable[[bytes], int]
    take: Callable[[], bytes]


def plain(sockets: Sequence[socket.socket], messages: Sequence[bytes]) -> dict[str, Way]:
    """Return the ways to send messages as they are."""

    def send() -> None:
        for call, message in zip(calls, messages, strict=True):
            call(message)

    calls = [each.send for each in sockets]
    return {"send": send, **by_ring("io_uring", sockets, lambda: messages)}


def by_ring(
    name: str, sockets: Sequence[socket.socket], made: Callable[[], Sequence[bytes]]
) -> dict[str, Way]:
    """Return io_uring, some and all at once, where the system allows it."""
    ring: Ring | None = None
    with suppress(OSError):
        ring = Ring(len(sockets))
    if ring is None:
        return {}
    descriptors = [each.fileno() for each in sockets]

    def enter(ring: Ring, at_once: int) -> None:
        messages = made()
        for first in range(0, len(messages), at_once):
            some = messages[first : first + at_once]
            taken = ring.send(descriptors[first : first + at_once], some)
            assert taken == [len(message) for message in some], taken

    return {
        f"{name}, {AT_ONCE} at once": partial(enter, ring, AT_ONCE),
        f"{name}, all at once": partial(enter, ring, len(sockets)),
    }


def wrapped(sockets: Sequence[ssl.SSLSocket], messages: Sequence[bytes]) -> dict[str, Way]:
    """Return the ways to send over TLS sockets of Python's."""

    def write(calls: Sequence[Callable[[bytes], int]]) -> None:
        for call, message in zip(calls, messages, strict=True):
            call(message)

    inner = [_inner(each).write for each in sockets]
    return {
        "SSLSocket.send": partial(write, [each.send for each in sockets]),
        "what that calls": partial(write, inner),
    }


def in_memory(ends: Sequence[InMemory], messages: Sequence[bytes]) -> dict[str, Way]:
    """Return the ways to encrypt into memory, all of it first, and send then."""

    def encrypted() -> list[bytes]:
        made = []
        for end, message in zip(ends, messages, strict=True):
            end.write(message)
            made.append(end.take())
        return made

    def send() -> None:
        for call, record in zip(calls, encrypted(), strict=True):
            call(record)

    sockets = [end.connected for end in ends]
    calls = [each.send for each in sockets]
    name = "memory BIO, then"
    return {f"{name} send": send, **by_ring(f"{name} io_uring", sockets, encrypted)}


def _inner(secured: ssl.SSLSocket) -> Any:
    return secured._sslobj  # type: ignore[attr-defined]


def native(
    sockets: Sequence[socket.socket], messages: Sequence[bytes], folder: Path
) -> dict[str, Way]:
    """Return the ways in C, compiled into a folder; none where that cannot be done."""
    library = folder / "native.so"
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    command = [
        compiler,
        "-O2",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(_SOURCE),
        "-lssl",
        "-lcrypto",
    ]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return {}
    loaded = ctypes.CDLL(str(library))
    secured = all(isinstance(each, ssl.SSLSocket) for each in sockets)
    names = ("write_all", "encrypt_then_send_all") if secured else ("send_all",)
    offset = bytes.__basicsize__ - 1
    states = [_state(each) for each in sockets]

    def call(function: Any) -> None:
        packed = bytearray(_MESSAGE.size * len(messages))
        for number, message in enumerate(messages):
            at = number * _MESSAGE.size
            descriptor = sockets[number].fileno()
            address = id(message) + offset
            _MESSAGE.pack_into(packed, at, states[number], address, len(message), descriptor)
        taken = (ctypes.c_int * len(messages))()
        function((ctypes.c_char * len(packed)).from_buffer(packed), len(messages), taken)
        assert list(taken) == [len(message) for message in messages], list(taken)

    return {f"C: {name}": partial(call, getattr(loaded, name)) for name in names}


def _state(connected: socket.socket) -> int:
    """Return where OpenSSL has what it knows of a connection; 0 without TLS."""
    if not isinstance(connected, ssl.SSLSocket):
        return 0
    return ctypes.c_uint64.from_address(id(_inner(connected)) + _SSL_OFFSET).value
