"""What of a line of IRC must not be shown: passwords, codes, tokens, keys of channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.irc.message import Message
from hubbub.wire.seen import MASKED, Way

_SERVICES: Final = frozenset(("q", "x", "ns", "cs"))
"""Services whose names do not end with it."""
_SERVICE_COMMANDS: Final = frozenset(
    ("NICKSERV", "CHANSERV", "NS", "CS", "USERSERV", "OPERSERV", "US")
)
_NO_SECRETS: Final = frozenset(
    {
        *("*", "+", "PLAIN", "EXTERNAL", "ANONYMOUS", "OAUTHBEARER"),
        *("ECDSA-NIST256P-CHALLENGE", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    }
)
"""What of AUTHENTICATE is shown: names of mechanisms, and words for going on or not."""
_SAFE_WORDS: Final = frozenset(("help", "info", "list", "status", "logout", "devices"))
"""What may be said to a service and shown: none of it takes a secret."""


def without_secrets(message: Message, way: Way) -> Message:
    """Return a message with what is secret in it masked."""
    command = message.command
    if command in ("PRIVMSG", "NOTICE") and message.params:
        return _talk(message, way)
    if command in _SERVICE_COMMANDS:
        return _replaced(message, _asked(" ".join(message.params)))
    hide = _HIDING.get(command)
    if way is Way.RECEIVED and command in _SENT_ONLY:
        hide = None
    return message if hide is None else _replaced(message, hide(message.params))


def _replaced(message: Message, params: tuple[str, ...]) -> Message:
    return message._replace(params=params)


def _talk(message: Message, way: Way) -> Message:
    """Mask what is said to services, and the codes that they answer with."""
    if len(message.params) < 2:
        return message
    target, text = message.params[:2]
    # Both ways: some servers echo what was said to a service.
    if any(map(_is_service, target.split(","))):
        return _replaced(message, (target, " ".join(_asked(text))))
    # Answers hold tokens and codes; which word is one, only their service knows.
    if way is Way.RECEIVED and _is_service(message.nick):
        return _replaced(message, (target, MASKED))
    return message


def _is_service(name: str) -> bool:
    """Say whether somebody is a service, also of other networks, or a bouncer's module."""
    nick = name.partition("@")[0].lower()
    # A star alone is who has no nick yet.
    is_module = nick.startswith("*") and nick != "*"
    return nick.endswith("serv") or is_module or nick in _SERVICES


def _asked(text: str) -> tuple[str, ...]:
    """Return what a service is asked, with all behind the first word masked unless it is safe."""
    words = tuple(text.split())
    if len(words) < 2 or words[0].lower() in _SAFE_WORDS:
        return words
    return (words[0], MASKED)


def _after(count: int) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Mask all parameters but the first so many."""

    def hide(params: tuple[str, ...]) -> tuple[str, ...]:
        return (*params[:count], *(MASKED for _ in params[count:]))

    return hide


def _authenticate(params: tuple[str, ...]) -> tuple[str, ...]:
    said = params[0] if params else ""
    return params if said.upper() in _NO_SECRETS else (MASKED,)


def _mode(params: tuple[str, ...]) -> tuple[str, ...]:
    """Mask the arguments of modes where a key is among them: which is whose, servers disagree."""
    keyed = any(word[:1] in ("+", "-") and "k" in word for word in params[1:])
    if not keyed:
        return params
    return tuple(
        word if place < 2 or word[:1] in ("+", "-") else MASKED for place, word in enumerate(params)
    )


def _modes_are(params: tuple[str, ...]) -> tuple[str, ...]:
    return (*params[:1], *_mode(params[1:]))


_HIDING: Final[dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]]] = {
    "PASS": _after(0),
    "OPER": _after(1),
    "AUTHENTICATE": _authenticate,
    "JOIN": _after(1),
    "MODE": _mode,
    "SAMODE": _mode,
    "324": _modes_are,
    "IDENTIFY": _after(0),
    "REGISTER": _after(2),
    "VERIFY": _after(1),
    "PASSWD": _after(0),
    "RESETPASS": _after(1),
    "UNREGISTER": _after(1),
    "REAUTH": _after(0),
    "REDEEM": _after(0),
    "TOTP": _after(1),
    "TOKEN": _after(2),
    "KEY": _after(1),
    "CERT": _after(1),
    "EMAIL": _after(1),
    "ACCOUNT": _after(2),
    "INVITECODE": _after(1),
    "OWNERCODE": _after(0),
    "DIE": _after(0),
    "RESTART": _after(0),
    "WEBIRC": _after(0),
}
"""Which parameters of a command, or of a server's answer that is called like it, are secret."""
_SENT_ONLY: Final = frozenset(("JOIN", "REGISTER", "VERIFY", "CERT", "EMAIL"))
"""Commands of which a server's answers hold nothing secret."""
