"""What is said at a member's door, in TLS: a line asks, a line answers, and bytes may follow it.

    {"ask": "bundle", "secret": ..., "name": ..., ...}   ->   {"size": 4711} and so many bytes
    {"ask": "piece", "copy": ..., "at": 524288}          ->   {"size": 524288} and so many bytes
    what is not done                                     ->   {"error": "why", "passes": false}

This end is for a node that asks; it blocks, and is for a thread of its own. Every wait has an end,
and nothing is taken of a peer that was not asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import time
from pathlib import Path
from typing import Any, Final, Self

from hubbub.cluster.bundle import AUTHORITY, OWN, OWN_KEY
from hubbub.cluster.errors import ClusterError, PeerUnreachable

LINE_BYTES: Final = 4_096
"""How long a question and the line of an answer may be."""
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 30.0
"""How long an answer, with the bytes that follow it, may take; a copy is asked for until it is."""
PORT: Final = 7900
"""Where a member's door is, unless somebody says otherwise."""

_READ: Final = 1 << 16


def plain_context() -> ssl.SSLContext:
    """Return a context for who has no certificate yet, and knows the member by its fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def member_context(data_dir: Path) -> ssl.SSLContext:
    """Return a context by which members know each other, whatever their addresses are called."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    _load(context, data_dir)
    return context


def door_context(data_dir: Path) -> ssl.SSLContext:
    """Return a context for the door: who has a certificate of the cluster's shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    context.num_tickets = 0
    _load(context, data_dir)
    return context


def _load(context: ssl.SSLContext, data_dir: Path) -> None:
    try:
        context.load_cert_chain(data_dir / OWN, data_dir / OWN_KEY)
        context.load_verify_locations(data_dir / AUTHORITY)
    except (OSError, ssl.SSLError) as error:
        raise ClusterError(
            f"the keys of the cluster in {(data_dir / OWN).parent} cannot be used "
            f"({error.strerror or error}); restore them from a backup, or join anew"
        ) from None


class Conversation:
    """Ask a member's door; closed at the end of `with`."""

    def __init__(self, address: str, context: ssl.SSLContext, fingerprint: bytes = b"") -> None:
        """Connect to HOST:PORT; where a fingerprint is given, it has to be that member.

        Raise PeerUnreachable, or ClusterError where somebody else answers.
        """
        self.address = address
        host, port = split(address)
        self._read = b""
        try:
            plain = socket.create_connection((host, port), CONNECT_SECONDS)
        except OSError as error:
            raise PeerUnreachable(
                f"{address} is not reached ({error.strerror or error}); is that member up, and may "
                "this machine connect to it?"
            ) from None
        try:
            # One is known by its certificate, not by a name.
            self._socket = context.wrap_socket(plain)
        except (OSError, ValueError) as error:
            plain.close()
            raise PeerUnreachable(
                f"{address} does not speak TLS as a member does ({error})"
            ) from None
        shown = self._socket.getpeercert(binary_form=True) or b""
        if fingerprint and hashlib.sha256(shown).digest() != fingerprint:
            self.close()
            raise ClusterError(
                f"{address} is not the member that made the token: it shows another certificate. "
                "Nothing was sent to it; check the address"
            )

    def __enter__(self) -> Self:
        """Return the conversation, which is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.close()

    @property
    def own_host(self) -> str:
        """Return by which address of this machine the member was reached."""
        return str(self._socket.getsockname()[0])

    def ask(self, most: int, **question: object) -> tuple[dict[str, Any], bytes]:
        """Return what is answered, and the bytes behind it, at most so many.

        Raise PeerUnreachable where nothing whole comes in time, ClusterError where it is refused.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            self._socket.settimeout(ANSWER_SECONDS)
            self._socket.sendall(json.dumps(question).encode() + b"\n")
            answer = _answer(self._line(deadline))
            size = answer.get("size", 0)
            if "error" in answer:
                raise _refused(self.address, answer)
            if not isinstance(size, int) or not 0 <= size <= most:
                raise PeerUnreachable(f"{self.address} answers with more than was asked for")
            return answer, self._exactly(size, deadline)
        except ValueError:
            raise PeerUnreachable(f"{self.address} does not answer as a member does") from None
        except OSError as error:
            raise PeerUnreachable(
                f"{self.address} broke off ({error.strerror or error}); try again"
            ) from None

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._read:
            if len(self._read) > LINE_BYTES:
                raise ValueError("a line without an end")
            self._more(deadline)
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _exactly(self, size: int, deadline: float) -> bytes:
        parts, have = [self._read], len(self._read)
        self._read = b""
        while have < size:
            self._more(deadline)
            parts.append(self._read)
            have += len(self._read)
            self._read = b""
        whole = b"".join(parts)
        self._read = whole[size:]
        return whole[:size]

    def _more(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        self._socket.settimeout(left)
        data = self._socket.recv(_READ)
        if not data:
            raise ConnectionResetError("it hung up")
        self._read += data


def split(address: str, default: int = PORT) -> tuple[str, int]:
    """Return host and port of HOST[:PORT], [ADDRESS]:PORT. Raise ClusterError."""
    host, colon, digits = address.rpartition(":")
    if not colon or "]" in digits or (":" in host and not host.endswith("]")):
        host, digits = address, str(default)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not digits.isdecimal() or not 0 < int(digits) < 65_536:
        raise ClusterError(f'"{address}" is no address; give HOST:PORT')
    return host, int(digits)


def join(host: str, port: int) -> str:
    """Return HOST:PORT as `split` takes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answer(line: bytes) -> dict[str, Any]:
    try:
        answer: Any = json.loads(line)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(answer, dict):
        raise ValueError("no object")
    return answer


def _refused(address: str, answer: dict[str, Any]) -> ClusterError:
    sentence = f"{address}: {str(answer['error'])[:500]}"
    return PeerUnreachable(sentence) if answer.get("passes") is True else ClusterError(sentence)
