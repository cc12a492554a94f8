"""The messages in SSH's packets, taken apart (RFC 4252, 4253, 4254). No secret comes out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.decoding.ssh import names
from hubbub.wire.seen import MASKED, Fact, Way

TEXT_BYTES: Final = 2048
"""How much of a channel's text is shown."""
_OPEN_ENVIRONMENT: Final = frozenset(
    {
        *(
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "LC_ADDRESS",
            "LC_COLLATE",
            "LC_CTYPE",
            "LC_IDENTIFICATION",
        ),
        *("LC_MEASUREMENT", "LC_MESSAGES", "LC_MONETARY", "LC_NAME", "LC_NUMERIC", "LC_PAPER"),
        *("LC_TELEPHONE", "LC_TIME", "TERM", "TZ", "NO_COLOR", "COLORTERM"),
    }
)
"""Variables whose values are shown; others beginning with LC_ are used to carry anything."""
_STDERR: Final = 1

Facts = list[tuple[str, Fact]]


def fingerprint(blob: bytes) -> str:
    """Return a public key's kind and fingerprint, as `ssh-keygen -l` prints it. Raise CutShort."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"{ByteCursor(blob).text()} SHA256:{digest}"


def describe_payload(payload: bytes, way: Way, method: str, facts: Facts) -> None:
    """Add what a payload says to `facts`; `method` is that of the login in progress.

    Raise CutShort where it ends too early: what was read until then has been added.
    """
    number = payload[0] if payload else 0
    reader = _READERS.get(number, _unread)
    if number == _ANSWER_TO_METHOD:
        reader = _METHOD_ANSWERS.get(method, _unread)
    elif number in _EXCHANGE:
        reader = _exchange
    reader(ByteCursor(payload[1:]), facts, way)


def _exchange(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    """Read a step of the key exchange: the client's share, or the key, share and signature."""
    first = cursor.counted(4) if len(cursor) > 12 else b""
    if not len(cursor):
        facts.append(("public share", f"{len(first)} bytes") if first else ("sizes", "a group's"))
        return
    if way is Way.SENT or not first.startswith(b"\0\0\0"):
        facts.append(("numbers", f"{len(first) + len(cursor)} bytes"))
        return
    facts.append(("host key", fingerprint(first)))
    facts.append(("public share", f"{len(cursor.counted(4))} bytes"))
    signature = ByteCursor(cursor.counted(4))
    facts.append(("signed with", signature.text()))
    facts.append(("signature", f"{len(signature.counted(4))} bytes"))


def _disconnect(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("code", cursor.number(4)))
    facts.append(("reason", cursor.text()))


def _ignored(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("to be ignored", f"{len(cursor.counted(4))} bytes"))


def _unimplemented(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("packet not understood", cursor.number(4)))


def _debug(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    cursor.number(1)
    facts.append(("text", cursor.text()))


def _service(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("service", cursor.text()))


def _ext_info(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    for _ in range(cursor.number(4)):
        name, value = cursor.text(), cursor.text()
        facts.append((name, tuple(value.split(",")) if value else "yes"))


def _login(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("user", cursor.text()))
    facts.append(("service", cursor.text()))
    method = cursor.text()
    facts.append(("method", method))
    if method == "password":
        facts.append(("password", MASKED))
    elif method == "publickey":
        signed = cursor.number(1)
        facts.append(("algorithm", cursor.text()))
        facts.append(("key", fingerprint(cursor.counted(4))))
        facts.append(("signed", "yes" if signed else "no: it asks whether the key would do"))


def _login_failure(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("may go on with", cursor.names()))
    facts.append(("partly done", "yes" if cursor.number(1) else "no"))


def _banner(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("text", cursor.text()))


def _key_would_do(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("algorithm", cursor.text()))
    facts.append(("key", fingerprint(cursor.counted(4))))


def _questions(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("title", cursor.text()))
    facts.append(("instruction", cursor.text()))
    cursor.text()
    for _ in range(cursor.number(4)):
        prompt = cursor.text()
        facts.append(("question", f"{prompt} (shown while typed: {_yes(cursor.number(1))})"))


def _answers(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("answers", f"{cursor.number(4)} {MASKED}"))


def _global_request(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("request", cursor.text()))
    facts.append(("wants an answer", _yes(cursor.number(1))))


def _open(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("type", cursor.text()))
    facts.append(("number here", cursor.number(4)))
    _window(cursor, facts)


def _opened(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    facts.append(("number here", cursor.number(4)))
    _window(cursor, facts)


def _window(cursor: ByteCursor, facts: Facts) -> None:
    facts.append(("window", f"{cursor.number(4)} bytes may be sent before more is granted"))
    facts.append(("largest packet", f"{cursor.number(4)} bytes"))


def _not_opened(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    facts.append(("code", cursor.number(4)))
    facts.append(("reason", cursor.text()))


def _adjust(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    facts.append(("more bytes granted", cursor.number(4)))


def _data(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    _text(cursor, facts, way)


def _extended_data(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    facts.append(("stream", "standard error" if cursor.number(4) == _STDERR else "another"))
    _text(cursor, facts, way)


def _text(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    data = cursor.counted(4)
    facts.append(("data", f"{len(data)} bytes"))
    # A password typed into a terminal looks like anything else that is typed.
    text = MASKED if way is Way.SENT else data[:TEXT_BYTES].decode(errors="replace")
    facts.append(("text", text))


def _channel(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))


def _request(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    facts.append(("channel", cursor.number(4)))
    kind = cursor.text()
    facts.append(("request", kind))
    facts.append(("wants an answer", _yes(cursor.number(1))))
    _REQUESTS.get(kind, _nothing)(cursor, facts)


def _terminal(cursor: ByteCursor, facts: Facts) -> None:
    facts.append(("terminal", cursor.text()))
    _size(cursor, facts)


def _size(cursor: ByteCursor, facts: Facts) -> None:
    facts.append(("size", f"{cursor.number(4)} columns, {cursor.number(4)} rows"))


def _environment(cursor: ByteCursor, facts: Facts) -> None:
    name, value = cursor.text(), cursor.text()
    shown = value if name in _OPEN_ENVIRONMENT else MASKED
    facts.append(("variable", f"{name}={shown}"))


def _command(cursor: ByteCursor, facts: Facts) -> None:
    """Add the program that a command names: what stands behind it may hold a password."""
    text = cursor.text()
    program, _, rest = text.strip().partition(" ")
    # Before the program may stand variables, as in a shell.
    shown = MASKED if "=" in program else program
    facts.append(("command", f"{shown} {MASKED}" if rest and shown != MASKED else shown))


def _named(label: str) -> Callable[[ByteCursor, Facts], None]:
    def read(cursor: ByteCursor, facts: Facts) -> None:
        facts.append((label, cursor.text()))

    return read


def _exit_status(cursor: ByteCursor, facts: Facts) -> None:
    facts.append(("exit status", cursor.number(4)))


def _nothing(cursor: ByteCursor, facts: Facts) -> None:
    if len(cursor):
        facts.append(("body", f"{len(cursor)} bytes"))


def _unread(cursor: ByteCursor, facts: Facts, way: Way) -> None:
    _nothing(cursor, facts)


def _yes(number: int) -> str:
    return "yes" if number else "no"


_EXCHANGE: Final = range(30, 50)
_ANSWER_TO_METHOD: Final = 60
_METHOD_ANSWERS: Final = {"publickey": _key_would_do, "keyboard-interactive": _questions}
_READERS: Final[dict[int, Callable[[ByteCursor, Facts, Way], None]]] = {
    names.DISCONNECT: _disconnect,
    names.IGNORE: _ignored,
    names.UNIMPLEMENTED: _unimplemented,
    names.DEBUG: _debug,
    names.SERVICE_REQUEST: _service,
    names.SERVICE_ACCEPT: _service,
    names.EXT_INFO: _ext_info,
    names.USERAUTH_REQUEST: _login,
    names.USERAUTH_FAILURE: _login_failure,
    names.USERAUTH_BANNER: _banner,
    names.USERAUTH_INFO_RESPONSE: _answers,
    names.GLOBAL_REQUEST: _global_request,
    names.CHANNEL_OPEN: _open,
    names.CHANNEL_OPEN_CONFIRMATION: _opened,
    names.CHANNEL_OPEN_FAILURE: _not_opened,
    names.CHANNEL_WINDOW_ADJUST: _adjust,
    names.CHANNEL_DATA: _data,
    names.CHANNEL_EXTENDED_DATA: _extended_data,
    96: _channel,
    names.CHANNEL_CLOSE: _channel,
    names.CHANNEL_REQUEST: _request,
    99: _channel,
    100: _channel,
}
_REQUESTS: Final[dict[str, Callable[[ByteCursor, Facts], None]]] = {
    "pty-req": _terminal,
    "window-change": _size,
    "env": _environment,
    "exec": _command,
    "subsystem": _named("name"),
    "signal": _named("name"),
    "exit-signal": _named("name"),
    "exit-status": _exit_status,
}
