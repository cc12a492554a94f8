"""Who may read and change what users and channels carry, and how a session is told of it."""

from __future__ import annotations

import pytest

from hubbub.core.access import metadata
from hubbub.core.records.base import SessionId
from hubbub.core.world.session import Session
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from tests.core.access.members_at_hand import channel, user


def session(*caps: int) -> Session:
    made = Session(SessionId(1, 1, 1), "host", nick="ann")
    for one in caps:
        made.caps |= one
    return made


@pytest.mark.parametrize(
    ("text", "is_key"),
    [("url", True), ("a.b/c-d_1", True), ("", False), ("URL", False), ("a b", False),
     ("url\n", False), ("k" * cap.METADATA_KEY_BYTES, True),
     ("k" * (cap.METADATA_KEY_BYTES + 1), False)],
)  # fmt: skip
def test_what_can_be_a_key(text: str, is_key: bool) -> None:
    assert metadata.is_key(text) == is_key


def test_a_closed_channel_is_read_by_its_members_and_by_privilege() -> None:
    ann, eve, mod = user("ann"), user("eve"), user("mod", "moderator")
    held = channel({ann: ""}, flags={"i"})
    assert [metadata.may_read(held, one) for one in (ann, eve, mod)] == [True, False, True]
    held.flags.clear()
    assert metadata.may_read(held, eve)
    assert metadata.may_read(ann, eve), "a user's is everybody's to read"


def test_ones_own_is_ones_own_to_change_and_a_channels_its_operators() -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: "o", bob: "h"})
    assert [metadata.may_edit(held, one) for one in (ann, bob)] == [True, False]
    assert [metadata.may_edit(ann, one) for one in (ann, bob)] == [True, False]


def test_a_token_for_one_purpose_is_not_told_what_others_carry() -> None:
    assert not metadata.is_told(session())
    one = session(cap.METADATA)
    assert metadata.is_told(one)
    one.scope = "read:#a"
    assert not metadata.is_told(one)


@pytest.mark.parametrize(
    ("caps", "command"),
    [((cap.METADATA_2,), "METADATA"), ((cap.METADATA_3,), "761"),
     ((cap.METADATA_2, cap.METADATA_3), "761"), ((), "761")],
)  # fmt: skip
def test_each_draft_is_told_in_its_own_words(caps: tuple[int, ...], command: str) -> None:
    told = metadata.told(session(*caps), "hub.test", "bob", "url", "x")
    assert (told.command, told.params[-1]) == (command, "x")
    gone = metadata.told(session(*caps), "hub.test", "bob", "url", None)
    assert gone.command == "766"


def test_only_what_one_asked_for_is_told_of_several() -> None:
    world, bob, cat = World(), user("bob"), user("cat")
    held = channel({bob: ""}, metadata={"url": "channel"})
    world.metadata[bob.presence] = {"url": "bobs", "other": "x"}
    asked = session(cap.METADATA_3)
    asked.subscriptions["url"] = None
    told = metadata.subscribed(world, asked, "hub.test", (held, bob, cat))
    assert [message.params[1::3] for message in told] == [("#a", "channel"), ("bob", "bobs")]
