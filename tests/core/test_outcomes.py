"""What applying brings about is a closed list, and what is told has somebody who says it."""

from __future__ import annotations

import inspect
from typing import get_args

import msgspec

from hubbub.core import outcomes
from hubbub.core.apply import came_to_nothing
from hubbub.core.outcomes import Notify, Outcome, Refused
from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.users import AwaySet
from hubbub.irc import numerics
from hubbub.irc.capabilities import NONE
from hubbub.irc.message import Message

ORIGIN = Origin(SessionId(1, 1, 1), 1)


def test_the_union_names_every_outcome() -> None:
    classes = {
        each
        for _, each in inspect.getmembers(outcomes, inspect.isclass)
        if each.__module__ == outcomes.__name__ and issubclass(each, msgspec.Struct)
    }
    assert set(get_args(Outcome)) == classes


def test_what_has_no_source_is_said_by_the_server_and_the_rest_by_who_did_it() -> None:
    for source, said_by in ((None, "hub.test"), ("ann!a@h", "ann!a@h")):
        note = Notify(Message("MODE", ("ann", "+o"), source), (), NONE, watched="ann")
        found = note.from_somebody("hub.test")
        assert (found.message.source, found.message.params) == (said_by, ("ann", "+o"))
        assert found.watched == "ann"


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
