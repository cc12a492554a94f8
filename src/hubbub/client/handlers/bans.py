"""Whom a ban would keep out, and which bans there are: answers that are asked for before acting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from hubbub.client.state.lookups import Ban, Listing, Lookup, UserIdentity
from hubbub.client.state.rooms import Member, Room
from hubbub.client.state.state import Handler, State
from hubbub.irc.masks import matches
from hubbub.irc.message import Message
from hubbub.irc.names import complete_mask

LISTED: Final = 500
"""The most bans of a channel that are taken up."""
AT_ONCE: Final = 50
"""The most channels whose bans are told at the same time; others are not taken up."""
_TOKEN: Final = "731"  # noqa: S105 - by which an answer to WHO is known
_FIELDS: Final = "%tuhna"


def look_up(state: State, nick: str, then: Callable[[UserIdentity | None], None]) -> None:
    """Find out who somebody is, where the server can be asked for it (WHOX)."""
    if state.features.has("WHOX"):
        state.lookup = Lookup(nick, then)
        state.send("WHO", nick, f"{_FIELDS},{_TOKEN}")
    else:
        members = (room.members.get(state.features.fold(nick)) for room in state.rooms.all())
        member = next((each for each in members if each is not None), None)
        then(_identity(member) if member else UserIdentity(nick))


def ask_list(state: State, channel: str, then: Callable[[list[Ban]], None]) -> None:
    """Ask for a channel's bans."""
    state.listings[state.features.fold(channel)] = Listing([], then)
    state.send("MODE", channel, "+b")


def account_mask(state: State, account: str) -> str:
    """Return the mask of an account (IRCv3 account-extban), "" where the server has none."""
    names = state.features.text("ACCOUNTEXTBAN").split(",")
    prefix = state.features.text("EXTBAN").partition(",")[0]
    return f"{prefix}{names[0]}:{account}" if names[0] else ""


def hits(state: State, mask: str, who: UserIdentity) -> bool:
    """Say whether a mask keeps somebody out, as far as that can be known here."""
    account = account_mask(state, "")
    if account and mask.lower().startswith(account):
        return bool(who.account) and matches(mask[len(account) :], who.account)
    return matches(complete_mask(mask), who.source)


def hit_by(state: State, mask: str, room: Room | None) -> list[str]:
    """Return the nicks of those in a room that a mask would keep out, oneself among them."""
    members = room.members.values() if room is not None else ()
    found = [member.nick for member in members if hits(state, mask, _identity(member))]
    me = UserIdentity(state.nick, *_own(state), state.login.account)
    if hits(state, mask, me) and state.nick not in found:
        found.append(state.nick)
    return found


def _identity(member: Member) -> UserIdentity:
    return UserIdentity(member.nick, member.user, member.host, member.account)


def _own(state: State) -> tuple[str, str]:
    """Return our own user name and host, as far as they are known."""
    user, _, host = state.source.partition("!")[2].partition("@")
    return user, host


def matching(state: State, bans: Iterable[Ban], who: UserIdentity) -> list[Ban]:
    """Return the bans that keep somebody out, or that were made for this nick or account."""
    account = account_mask(state, who.account or who.nick)
    return [
        ban
        for ban in bans
        if hits(state, ban.mask, who)
        or (account and state.same(ban.mask, account))
        or state.same(complete_mask(ban.mask).partition("!")[0], who.nick)
    ]


def _listed(state: State, message: Message) -> None:
    if len(message.params) < 3:
        return
    channel, mask, *by = message.params[1:]
    key = state.features.fold(channel)
    if key not in state.listings and len(state.listings) >= AT_ONCE:
        return
    listing = state.listings.setdefault(key, Listing([]))
    if len(listing.bans) < LISTED:
        listing.bans.append(Ban(mask, by[0].partition("!")[0] if by else ""))


def _list_ended(state: State, message: Message) -> None:
    if len(message.params) < 2:
        return
    channel = message.params[1]
    listing = state.listings.pop(state.features.fold(channel), Listing([]))
    if listing.then is not None:
        listing.then(listing.bans)
    else:
        show(state, channel, listing.bans)


def show(state: State, channel: str, bans: list[Ban]) -> None:
    """Tell of a channel's bans, with the numbers by which they can be lifted."""
    # The numbers are those of the list that was shown last.
    state.numbered = {state.features.fold(channel): [ban.mask for ban in bans]}
    if not bans:
        state.tell(f"No bans in {channel}")
        return
    lines = [
        f"{number:>3} {ban.mask}{f' by {ban.by}' if ban.by else ''}"
        for number, ban in enumerate(bans, 1)
    ]
    state.tell("\n".join((f"Bans in {channel}; /unban NUMBER lifts one:", *lines)))


def _described(state: State, message: Message) -> None:
    """Take up the answer to our own WHO; others are told as they come."""
    lookup, params = state.lookup, message.params
    if lookup is None or len(params) < 6 or params[1] != _TOKEN:
        state.tell(" ".join(params[1:]))
        return
    user, host, nick, account = params[2:6]
    if state.same(nick, lookup.nick):
        lookup.found = UserIdentity(nick, user, host, "" if account == "0" else account)


def _who_ended(state: State, message: Message) -> None:
    lookup = state.lookup
    if lookup and len(message.params) > 1 and state.same(message.params[1], lookup.nick):
        state.lookup = None
        lookup.then(lookup.found)


HANDLERS: Final[Mapping[str, Handler]] = {
    "367": _listed,
    "368": _list_ended,
    "354": _described,
    "315": _who_ended,
}
