"""What applying brings about is a closed list, and what is told has somebody who says it."""

from __future__ import annotations

import inspect
from typing import get_args

import msgspec

from hubbub.core import outcomes
from hubbub.core.outcomes import Notify, Outcome
from hubbub.core.records.base import Origin, SessionId
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
