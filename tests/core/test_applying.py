"""Making one entry true: what all kinds of record have in common."""

from __future__ import annotations

from hubbub.core.apply import apply
from hubbub.core.applying import apply_by, came_to_nothing
from hubbub.core.outcomes import Notify, Outcome, Refused
from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.records.users import AwaySet
from hubbub.core.world.world import World
from hubbub.irc import numerics
from hubbub.irc.capabilities import NONE
from hubbub.irc.message import Message

ORIGIN = Origin(SessionId(1, 1, 1), 1)
ORIGIN_OF_NODE = Origin(SessionId(1, 1, 0), 1)


def test_what_was_refused_or_heard_by_nobody_is_not_to_be_read_back() -> None:
    said = Said(ORIGIN, "ann!a@h", "", "PRIVMSG", "#a", histories=("#a",))
    refused = Refused(ORIGIN, numerics.ERR_NOSUCHCHANNEL, ("#a",))
    told = Notify(Message("X"), (), NONE)
    cases: list[tuple[AnyRecord, list[Outcome], bool]] = [
        (said, [refused], True),
        (said, [], True),
        (said, [told], False),
        (CredentialAdded(ORIGIN, "ann", "totp", histories=("$ann",)), [], False),
        (OperatorActed(ORIGIN, "ann!a@h", "ann", "ann", "KILL"), [], False),
        (AwaySet(ORIGIN, "ann!a@h", ""), [], False),
    ]
    for record, found, is_nothing in cases:
        assert came_to_nothing(Entry(1, 1, "id1", record), found) == is_nothing


def test_the_world_knows_how_far_it_has_come_and_what_has_changed_it() -> None:
    world, told = World(), Notify(Message("X"), (), NONE)
    apply(world, Entry(1, 10, "id1", NodeStarted(ORIGIN_OF_NODE)))
    before = world.changes
    said = Said(ORIGIN, "ann!a@h", "", "PRIVMSG", "#a", histories=("#a",))
    for entry, changes in (
        (Entry(2, 30, "id2", said), 0),
        # Another history may be ahead of the time of this one.
        (Entry(3, 20, "id3", AwaySet(ORIGIN, "ann!a@h", "")), 1),
    ):
        assert apply_by({type(entry.record): lambda *_: [told]}, world, entry) == [told]
        assert (world.applied, world.newest) == (entry.seq, 30)
        assert world.changes == before + changes
