"""What the server says it supports (Modern IRC, RPL_ISUPPORT), made from what the code knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hubbub import __version__
from hubbub.core.access import extbans
from hubbub.core.policy import lengths
from hubbub.core.policy.policy import LIST_CONDITIONS, Policy
from hubbub.irc import modes, names
from hubbub.irc.fitting import wrap
from hubbub.irc.framing import LINE_BYTES

VERSION: Final = f"hubbub-{__version__}"
TOKENS_PER_LINE: Final = 13


def tokens(policy: Policy) -> list[str]:
    """Return every token, sorted."""
    letters, prefixes = "".join(modes.PREFIXES), "".join(modes.PREFIXES.values())
    return sorted(
        [
            f"ACCOUNTEXTBAN={extbans.ACCOUNT}",
            f"AWAYLEN={lengths.AWAY_BYTES}",
            "BOT=B",
            "CASEMAPPING=ascii",
            f"CHANLIMIT={names.CHANNEL_PREFIXES}:{policy.channels_per_user}",
            f"CHANMODES={modes.CHANMODES}",
            f"CHANNELLEN={names.CHANNEL_BYTES}",
            f"CHANTYPES={names.CHANNEL_PREFIXES}",
            f"CHATHISTORY={policy.history_page}",
            "ELIST=CMNTU",
            "EXCEPTS=e",
            f"EXTBAN=,{extbans.LETTERS}",
            f"HOSTLEN={HOST_BYTES}",
            "INVEX=I",
            f"KEYLEN={lengths.KEY_BYTES}",
            f"KICKLEN={lengths.KICK_BYTES}",
            f"MAXLIST={modes.LISTS}:{policy.list_entries}",
            f"MAXTARGETS={policy.targets}",
            f"MODES={modes.MODES_PER_COMMAND}",
            f"MONITOR={policy.monitor}",
            "MSGREFTYPES=msgid,timestamp",
            f"NAMELEN={lengths.REALNAME_BYTES}",
            f"NETWORK={_escape(policy.network)}",
            f"NICKLEN={names.NICK_BYTES}",
            f"PREFIX=({letters}){prefixes}",
            "SAFELIST",
            f"SILENCE={policy.silence}",
            f"STATUSMSG={prefixes}",
            f"TARGMAX={_most_targets(policy.targets)}",
            f"TOPICLEN={lengths.TOPIC_BYTES}",
            f"USERLEN={names.USERNAME_BYTES}",
            "UTF8ONLY",
            "WHOX",
            # Who sends fast waits, and is not put out for it (soju, saferate).
            "soju.im/SAFERATE",
            *_drafts(policy),
        ]
    )


def _drafts(policy: Policy) -> Iterator[str]:
    if policy.access != "open":
        yield "draft/ACCOUNTREQUIRED"
    if policy.icon:
        yield f"draft/ICON={_escape(policy.icon)}"


HOST_BYTES: Final = 32
_FRAME_BYTES: Final = 140
"""What stands around the tokens at most: server, nick, numeric and text."""


def lines(policy: Policy) -> Iterator[list[str]]:
    """Return the tokens in lines of at most thirteen, each of which fits a line."""
    for line in wrap(tokens(policy), LINE_BYTES - _FRAME_BYTES):
        words = line.split(" ")
        for start in range(0, len(words), TOKENS_PER_LINE):
            yield words[start : start + TOKENS_PER_LINE]


def _escape(value: str) -> str:
    return value.replace("\\", "\\x5C").replace(" ", "\\x20").replace("=", "\\x3D")


def _most_targets(most: int) -> str:
    """Return how many targets each command takes; nothing after the colon is any number."""
    return (
        f"JOIN:,KICK:{most},LIST:{LIST_CONDITIONS},NAMES:{most},NOTICE:{most},PART:,"
        f"PRIVMSG:{most},TAGMSG:{most},WHOIS:1"
    )
