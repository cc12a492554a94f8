"""For whom a message in a channel is meant: decided when it is said, and kept with its words.

Later nobody could tell who had which nick then; and what a message says of others goes with it.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World
from hubbub.irc import modes
from hubbub.irc.mentions import groups_in, names_in
from hubbub.irc.names import fold

EVERYBODY_KEY: Final = "hubbub/everybody"
"""The key of a channel's metadata that says from which rank on one may call @here and @channel."""
RANKS: Final = {"all": 0, "voice": modes.RANKS["v"], "halfop": modes.HALF_OPERATOR,
                "op": modes.OPERATOR, "nobody": modes.FOUNDER + 1}  # fmt: skip
"""The values of that key, and what rank each asks for; half-operators may where there is none."""
EVERYBODY: Final = "*"
MOST: Final = 50
"""So many names of a message are looked at; who mentions more means nobody in particular."""
MOST_HERE: Final = 200
"""So many are listed who are here when @here is called; where there are more, it is @channel."""


def mentioned(world: World, channel: Channel, user: User, text: str) -> tuple[str, ...]:
    """Return the accounts (folded) that a text in a channel is meant for, "*" for all in it.

    Only those who are in the channel, by nick or by account, and never the speaker's own.
    """
    names = names_in(text, world.users.keys(), world.accounts.keys())
    if not names and "@" not in text:
        return ()
    found: dict[str, None] = {}
    for name in names[:MOST]:
        for account in _meant(world, channel, name):
            found[account] = None
    if "@" in text:
        found |= dict.fromkeys(_called(channel, user, text))
    found.pop(fold(user.account), None)
    return tuple(found)


def _meant(world: World, channel: Channel, name: str) -> list[str]:
    """Return the accounts in a channel of who is called so, or has such an account."""
    nicked, account = world.users.get(name), world.account(name)
    users = [*([nicked] if nicked is not None else ()), *(account.users if account else ())]
    return [fold(one.account) for one in users if one.account and one in channel.members]


def _called(channel: Channel, user: User, text: str) -> list[str]:
    """Return who is called by @here or @channel, where the speaker may."""
    groups = groups_in(text)
    least = RANKS.get(channel.metadata.get(EVERYBODY_KEY, ""), modes.HALF_OPERATOR)
    member = channel.members.get(user)
    if not groups or member is None or member.rank < least:
        return []
    if "channel" in groups:
        return [EVERYBODY]
    here = [one for one in channel.members if one.account and one.is_attended]
    return [EVERYBODY] if len(here) > MOST_HERE else [fold(one.account) for one in here]
