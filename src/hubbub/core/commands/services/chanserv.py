"""What ChanServ can be asked: registered channels, and who is what in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hubbub.core.access.registered_channels import LEVEL_NAMES, LEVELS, access_list_refusal
from hubbub.core.commands.services.aliases import Face, Translate, Words, after
from hubbub.core.deciding.context import Context

_WORDS: Final = {
    "OP": "operator",
    "HALFOP": "halfop",
    "VOICE": "voice",
    "PROTECT": "protected",
}
"""The words that give a status to who is in a channel."""
_STATUSES: Final = "".join(LEVELS.values())


def _amode(ctx: Context, words: Words) -> Words | str:
    """Translate a change such as `+o account`; without one the list is asked for."""
    if len(words) < 2:
        return ("ACCESS", *words)
    channel, change = words[:2]
    account = words[2] if len(words) > 2 else ctx.user.account
    sign, letter = change[:1], change[1:]
    if sign not in ("+", "-") or letter not in LEVEL_NAMES:
        return f"A change is + or -, and one of the letters {_STATUSES}"
    if sign == "+":
        return "ACCESS", channel, account, LEVEL_NAMES[letter]
    if _has_another(ctx, channel, account, letter):
        return f"{account} is not {LEVEL_NAMES[letter]} by the access list"
    return "ACCESS", channel, account, "none"


def _has_another(ctx: Context, name: str, account: str, letter: str) -> bool:
    """Say whether an account has a level, and not the one that is to be taken away."""
    channel = ctx.world.channel(name)
    if channel is None or access_list_refusal(channel, ctx.user) is not None:
        return False
    return channel.level(account) not in ("", letter)


def _status(change: str) -> Translate:
    def translate(ctx: Context, words: Words) -> Words:
        channel, *nicks = words
        return channel, change, nicks[0] if nicks else ctx.user.nick

    return translate


def _statuses() -> Iterator[Face]:
    for word, level in _WORDS.items():
        letter = LEVELS[level]
        about = f"let somebody in the channel, or yourself, be {level}"
        yield Face(word, "MODE", _status(f"+{letter}"), "#channel [nick]", about, 1)
        about = f"let somebody in the channel, or yourself, be {level} no more"
        yield Face(f"DE{word}", "MODE", _status(f"-{letter}"), "#channel [nick]", about, 1)


CHANSERV: Final = (
    Face(
        "REGISTER",
        "CHANNEL",
        after("REGISTER"),
        "#channel",
        "own a channel of which you are operator; it stays when it is empty",
        1,
    ),
    Face(
        "DROP",
        "CHANNEL",
        after("DROP"),
        "#channel",
        "let a channel of yours be nobody's",
        1,
    ),
    Face("INFO", "CHANNEL", after("INFO"), "#channel", "tell whose a channel is", 1),
    Face(
        "RETENTION",
        "CHANNEL",
        after("RETENTION"),
        "#channel [30d] [1000]|OFF",
        "say for how long, and how many messages, the history of a channel of yours is kept",
        1,
    ),
    Face("LIST", "CHANNEL", after("LIST"), "", "tell in which channels you are what"),
    *_statuses(),
    Face(
        "AMODE",
        "CHANNEL",
        _amode,
        f"#channel [+|-]{'|'.join(_STATUSES)} [account]",
        "show or change who is what in a channel whenever they come in",
        1,
    ),
    Face(
        "TRANSFER",
        "CHANNEL",
        after("TRANSFER"),
        "#channel account",
        "give a channel of yours to another account",
        2,
    ),
    Face(
        "OPENPAST",
        "CHANNEL",
        after("OPENPAST"),
        "#channel [SURE]",
        "let all read what was said while a channel of yours was closed",
        1,
    ),
    Face(
        "PURGE",
        "CHANNEL",
        after("PURGE"),
        "[SURE] #channel [:reason]",
        "end a channel with its history (for server operators)",
        1,
    ),
)
"""The words, in the order in which HELP lists them."""
