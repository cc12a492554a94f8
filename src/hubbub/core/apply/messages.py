"""What was said: who hears it, and how far each has read.

How far is known to one's own sessions, to nobody else (IRCv3 draft/read-marker).
"""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.core.access import channels
from hubbub.core.outcomes import Deliver, Erase, Notify, Outcome, ReadUp, Refused, Revise
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import (
    Announced,
    Edited,
    Erased,
    ReadMarked,
    Redacted,
    Said,
    SaidInAbsence,
)
from hubbub.core.world.addressee import Addressee, account_addressed, is_silenced, is_unheard
from hubbub.core.world.conversations import owner_of, users_of
from hubbub.core.world.state import User
from hubbub.core.world.world import READ_MARKERS, World
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, numerics
from hubbub.irc.message import Message
from hubbub.irc.modes import STATUS_PREFIXES
from hubbub.irc.names import CHANNEL_PREFIXES
from hubbub.irc.numerics import Numeric
from hubbub.irc.timestamps import format_time

Outcomes = list[Outcome]


def said(world: World, record: Said, entry: Entry) -> Outcomes:
    """Find who hears a message, and count what has to wait."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    if record.to is not None or record.to_account:
        return _said_directly(world, record, entry, user)
    name = record.target.lstrip(STATUS_PREFIXES)
    channel = world.channel(name)
    if channel is None or (record.histories and record.histories[0] != channel.history):
        return _refused(record, numerics.ERR_NOSUCHCHANNEL, (name,))
    refusal = channels.said_refusal(channel, user, record, entry.clock)
    if refusal is not None:
        return _refused(record, *refusal)
    requires = cap.MESSAGE_TAGS if record.command == "TAGMSG" else cap.NONE
    if not record.histories:
        # What is in no history is for some members: those of the prefix, or operators (+U).
        everybody = channels.audience(channel, user) if record.ctcp else channels.MODERATORS
        status = record.target[0] if len(name) != len(record.target) else everybody
        heard = channels.listeners(channel, status, user)
        if not record.ctcp:
            return [Deliver(entry, None, heard, requires)]
        heard.remove(user)
        return [Deliver(entry, None, heard, requires), _echo(entry, user)]
    if user in channel.members:
        return [Deliver(entry, channel, (), requires)]
    # Who speaks from outside does not hear the channel, but is to have an echo. What passes by
    # opens no channel on the devices of its account.
    alone = record.origin.session in user.quiet
    echo = Deliver(entry, None, (user,), requires | cap.ECHO_MESSAGE, alone=alone)
    return [Deliver(entry, channel, (), requires), echo]


def _echo(entry: Entry, user: User, to_oneself: bool = False) -> Deliver:
    """Show a CTCP message to the session that said it only: the speaker's others would answer."""
    return Deliver(entry, None, (user,), to_oneself=to_oneself, alone=True)


def _refused(record: Said, numeric: Numeric, params: tuple[str, ...]) -> Outcomes:
    """Refuse a message; a NOTICE is never answered (RFC 2812 3.3.2)."""
    return [] if record.command == "NOTICE" else [Refused(record.origin, numeric, params)]


def _said_directly(world: World, record: Said, entry: Entry, user: User) -> Outcomes:
    meant = _meant(world, record)
    if meant is None:
        return _refused(record, numerics.ERR_NOSUCHNICK, (record.target,))
    if record.target != meant.nick:
        # By a nick that it has no more it would not know itself.
        entry = replace(entry, record=replace(record, target=meant.nick))
    silenced = is_silenced(world, user, meant.presence)
    if isinstance(record, SaidInAbsence) and meant.is_absent:
        assert meant.account is not None, "guests are never absent"
        waiting = meant.account.waiting
        # Counted again: many may have been on their way when it was decided.
        if not silenced and waiting.of(user.presence) >= record.bound:
            return _refused(record, numerics.ERR_CANNOTSENDTOUSER, (meant.nick,))
        if not silenced:
            waiting.add(user.presence)
        if record.command == "PRIVMSG":
            # Who is silenced is not told so.
            waiting.tell(user.presence, entry.seq)
    recipient = None if silenced else meant.user
    if record.ctcp:
        # The sender hears the same whether or not the other wants to hear.
        to_others = () if recipient is None or recipient is user else (recipient,)
        return [Deliver(entry, None, to_others), _echo(entry, user, recipient is user)]
    requires = cap.MESSAGE_TAGS if record.command == "TAGMSG" else cap.NONE
    if recipient is None or recipient is user:
        return [Deliver(entry, None, (user,), requires, to_oneself=recipient is user)]
    return [Deliver(entry, None, (recipient, user), requires)]


def _meant(world: World, record: Said) -> Addressee | None:
    """Return who was meant, whoever has the nick by now; an account is meant also when it is gone.

    So what is said to somebody who quits in that moment waits, like what is said a moment later.
    """
    user = world.present.get(record.to) if record.to is not None else None
    if user is not None and not record.to_account:
        return Addressee(user.nick, user.presence, user, world.account(user.account))
    return account_addressed(world.account(record.to_account), user) if record.to_account else None


def announced(world: World, record: Announced, entry: Entry) -> Outcomes:
    """Find who hears a WALLOPS: those with +w."""
    user = world.sessions.get(record.origin.session)
    if user is None or not user.holds("wallops"):
        return [Refused(record.origin, numerics.ERR_NOPRIVILEGES, ())]
    users = [listener for listener in world.users.values() if "w" in listener.modes]
    return [Deliver(entry, None, users)]


def redacted(world: World, record: Redacted, entry: Entry) -> Outcomes:
    """Have a message erased and tell those who heard it."""
    if record.purged:
        return _purged(world, record, entry)
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    requires = cap.MESSAGE_REDACTION
    if not record.target.startswith(CHANNEL_PREFIXES):
        partner = world.present.get(record.to) if record.to is not None else None
        users = (user,) if partner is None or partner is user else (partner, user)
        return [Erase((record.seq,)), Deliver(entry, None, users, requires)]
    channel = world.channel(record.target)
    if channel is None or channel.history not in record.histories:
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.target,))]
    refusal = channels.rank_refusal(channel, user, 0 if record.own else modes.HALF_OPERATOR)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    told: Outcomes = [Erase((record.seq,)), Deliver(entry, channel, (), requires)]
    if user not in channel.members:
        told.append(Deliver(entry, None, (user,), requires))
    return told


def _purged(world: World, record: Redacted, entry: Entry) -> Outcomes:
    """Have a message erased that a server operator took back, whose right was asked for before."""
    gone, requires = Erase((record.seq,)), cap.MESSAGE_REDACTION
    if record.target.startswith(CHANNEL_PREFIXES):
        channel = world.channel(record.target)
        if channel is None or channel.history not in record.histories:
            return [gone]
        return [gone, Deliver(entry, channel, (), requires)]
    owners = dict.fromkeys(owner_of(history) for history in record.histories)
    users = [user for owner in owners for user in users_of(world, owner)]
    return [gone, Deliver(entry, None, users, requires)]


def edited(world: World, record: Edited, entry: Entry) -> Outcomes:
    """Give a message another text, for everybody who may hear it: by who may still speak there."""
    user = world.sessions.get(record.origin.session)
    if user is None or is_unheard(world, user, record.message_histories):
        return []
    revised = Revise(record.seq, entry.seq, record.keeps, entry.body)
    if not record.target.startswith(CHANNEL_PREFIXES):
        partner = world.present.get(record.to) if record.to is not None else None
        users = (user,) if partner is None or partner is user else (partner, user)
        return [revised, Deliver(entry, None, users)]
    channel = world.channel(record.target)
    if channel is None or channel.history not in record.message_histories:
        return [Refused(record.origin, numerics.ERR_NOSUCHCHANNEL, (record.target,))]
    quiet = bool(user.quiet) and record.origin.session in user.quiet
    refusal = channels.speak_refusal(channel, user, quiet, entry.clock)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    told: Outcomes = [revised, Deliver(entry, channel, ())]
    if user not in channel.members:
        told.append(Deliver(entry, None, (user,), cap.ECHO_MESSAGE))
    return told


def erased(world: World, record: Erased, entry: Entry) -> Outcomes:
    """Have the bodies erased."""
    return [Erase(record.seqs)]


def read_marked(world: World, record: ReadMarked, entry: Entry) -> list[Outcome]:
    """Move a marker forwards, at most to what there was to read, and tell the user's others."""
    user = world.sessions.get(record.origin.session)
    if user is None:
        return []
    time = min(record.time, max(record.newest, entry.time))
    known = world.read_marker(user, record.target)
    if known is not None and time <= known:
        return []
    markers = world.read_markers.setdefault(user.presence, {})
    places = world.marker_places(record.target)
    for place in places:
        markers.pop(place, None)
    # A channel may end and begin anew with another history: what was read under its name was. That
    # is in the past for whichever channel takes the name next, so it hides nothing of that one.
    channel = world.channel(record.target)
    lasts = channel is None or channel.kept or channel.registration is not None
    markers |= dict.fromkeys(places[: 1 if lasts else 2], time)
    while len(markers) > READ_MARKERS:
        del markers[next(iter(markers))]
    message = marker(world, user, record.target)
    return [
        Notify(message, (user,), cap.READ_MARKER, record.origin.session),
        ReadUp(user, record.target),
    ]


def marker(world: World, user: User, target: str) -> Message:
    """Return the MARKREAD that tells how far a user has read a target."""
    time = world.read_marker(user, target)
    return Message("MARKREAD", (target, "*" if time is None else f"timestamp={format_time(time)}"))
