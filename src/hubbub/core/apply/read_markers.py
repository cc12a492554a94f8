"""How far each has read: known to one's own sessions, to nobody else (IRCv3 draft/read-marker)."""

from __future__ import annotations

from hubbub.core.message_records import ReadMarked
from hubbub.core.outcomes import Notify, Outcome
from hubbub.core.records import Entry
from hubbub.core.state import User
from hubbub.core.world import READ_MARKERS, World
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from hubbub.irc.timestamps import format_time


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
    return [Notify(message, (user,), cap.READ_MARKER, record.origin.session)]


def marker(world: World, user: User, target: str) -> Message:
    """Return the MARKREAD that tells how far a user has read a target."""
    time = world.read_marker(user, target)
    return Message("MARKREAD", (target, "*" if time is None else f"timestamp={format_time(time)}"))
