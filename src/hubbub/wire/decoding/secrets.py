"""What of a line of IRC must not be shown: passwords, codes, tokens, keys of channels.

What a client sends is shown where it is known to hold no secret; what a server answers is masked
where it is known to hold one.
"""

from __future__ import annotations

import re
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
_VERBS: Final = _SAFE_WORDS | frozenset(
    {
        *("access", "amode", "auth", "cert", "confirm", "dehalfop", "deop", "deprotect", "devoice"),
        *("drop", "email", "ghost", "group", "halfop", "id", "identify", "invite", "invitecode"),
        *("key", "login", "nick", "op", "openpast", "passwd", "persist", "protect", "purge"),
        *("reauth", "recover", "redeem", "regain", "register", "release", "resetpass"),
        *("retention", "revoke"),
        *("sadrop", "saregister", "sendpass", "set", "show", "suspend", "token", "totp"),
        *("transfer", "unregister", "unsuspend", "verify", "voice"),
    }
)
"""What a service is asked to do; a first word that is none of these may be a password by itself."""


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
    elif way is Way.SENT and hide is None and command not in _OPEN:
        # Nobody knows what a command of another server takes, or a misspelt PASS.
        hide = _after(0)
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
    nick = re.split("[!@]", name, maxsplit=1)[0].lower()
    # A star alone is who has no nick yet.
    is_module = nick.startswith("*") and nick != "*"
    return nick.endswith("serv") or is_module or nick in _SERVICES


def _asked(text: str) -> tuple[str, ...]:
    """Return what a service is asked, with all behind the first word masked unless it is safe."""
    words = tuple(text.split())
    verb = words[0].lower() if words else ""
    if verb in _SAFE_WORDS or not verb:
        return words
    if verb not in _VERBS:
        return (MASKED,)
    return words if len(words) == 1 else (words[0], MASKED)


def _after(count: int) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Mask all parameters but the first so many."""

    def hide(params: tuple[str, ...]) -> tuple[str, ...]:
        return (*params[:count], *(MASKED for _ in params[count:]))

    return hide


def _authenticate(params: tuple[str, ...]) -> tuple[str, ...]:
    said = params[0] if params else ""
    return params if said.upper() in _NO_SECRETS else (MASKED,)


def _squery(params: tuple[str, ...]) -> tuple[str, ...]:
    """Mask what is asked of a service in the way of RFC 2812 3.5.2."""
    return (*params[:1], *_asked(" ".join(params[1:])))


def _mode(params: tuple[str, ...]) -> tuple[str, ...]:
    """Mask the arguments of modes where a key is among them: which is whose, servers disagree.

    The first modes need no sign, and a key may begin with one.
    """
    keyed = any(
        "k" in word for place, word in enumerate(params) if place == 1 or word[:1] in ("+", "-")
    )
    return (*params[:2], *(MASKED for _ in params[2:])) if keyed and params[2:] else params


def _modes_are(params: tuple[str, ...]) -> tuple[str, ...]:
    return (*params[:1], *_mode(params[1:]))


def _mode_refused(params: tuple[str, ...]) -> tuple[str, ...]:
    """Mask the argument that a mode cannot have: `nick target mode argument :why`."""
    return (*params[:3], MASKED, *params[4:]) if params[2:3] == ("k",) else params


_HIDING: Final[dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]]] = {
    "PASS": _after(0),
    "OPER": _after(1),
    "AUTHENTICATE": _authenticate,
    "JOIN": _after(1),
    "MODE": _mode,
    "SAMODE": _mode,
    "324": _modes_are,
    "696": _mode_refused,
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
    "GHOST": _after(1),
    "RECOVER": _after(1),
    "REGAIN": _after(1),
    "RELEASE": _after(1),
    "BOUNCER": _after(1),
    "WEBPUSH": _after(1),
    "EXTJWT": _after(2),
    "SQUERY": _squery,
}
"""Which parameters of a command, or of a server's answer that is called like it, are secret."""
_SENT_ONLY: Final = frozenset(("JOIN", "REGISTER", "VERIFY", "CERT", "EMAIL", "GHOST"))
"""Commands of which a server's answers hold nothing secret."""
_OPEN: Final = frozenset(
    {
        *("ACCEPT", "ACCOUNTINFO", "ADMIN", "AUDIT", "AWAY", "BATCH", "CAP", "CATCHUP", "CHANNEL"),
        *("CHATHISTORY", "CLUSTER", "DEVICES", "DLINE", "DRAIN", "EDITMSG", "EDITS", "ERROR"),
        *("HELP", "HELPOP", "INFO", "INVITE", "MENTIONS", "SEARCH"),
        *("ISON", "ISUPPORT", "KICK", "KILL", "KLINE", "KNOCK", "LINKS", "LIST", "LOGOUT"),
        *("LUSERS", "MAIL", "MAP", "MARKREAD", "METADATA", "MONITOR", "MOTD", "NAMES", "NICK"),
        *("NOTICE", "PART", "PERSISTENCE", "PING", "PONG", "PRIVMSG", "PURGE", "QUIT", "REDACT"),
        *("REHASH", "RELAYMSG", "RENAME", "REVOKE", "SAJOIN", "SANICK", "SAPART", "SENDPASS"),
        *("SETNAME", "SILENCE", "STARTTLS", "STATS", "STATUS", "SWITCH", "TAGMSG", "TBAN", "TIME"),
        *("TOPIC", "TRACE", "UBAN", "UNDLINE", "UNKLINE", "USER", "USERHOST", "USERIP", "USERS"),
        *("VERSION", "WALLOPS", "WATCH", "WHO", "WHOIS", "WHOWAS"),
    }
)
"""Commands of a client that take no secret: all others are masked, also unknown ones."""
