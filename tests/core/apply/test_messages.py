"""Who hears what was said, what waits, what is taken back and how far each has read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.outcomes import Deliver, Erase, Outcome
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body
from hubbub.core.records.messages import (
    Announced,
    Erased,
    ReadMarked,
    Redacted,
    Said,
    SaidInAbsence,
)
from tests.core.world_harness import START, Client, Harness, refusal, shown

STRANGER = Origin(SessionId(1, 1, 999), 1)


def said(client: Client, target: str, command: str = "PRIVMSG", **fields: Any) -> Said:
    """Return what somebody says to a channel, or to whoever `to` is."""
    return Said(client.origin, client.user.source, client.user.account, command, target, **fields)


def heard(outcomes: list[Outcome]) -> set[str]:
    """Return the nicks of those who are named one by one as hearing it."""
    shown_to = [one for one in outcomes if isinstance(one, Deliver)]
    return {user.nick for one in shown_to for user in one.users}


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a, where bob (voice) and cat are too."""
    ann = harness.connect("ann")
    for client in (ann, harness.connect("bob"), harness.connect("cat")):
        client.send("JOIN #a")
    ann.send("MODE #a +v bob")
    return ann


def client_of(harness: Harness, nick: str) -> Client:
    return next(c for c in harness.clients.values() if c.user.nick == nick)


@pytest.mark.parametrize(
    ("target", "nicks"), [("#a", {"ann", "bob", "cat"}), ("@#a", {"ann", "cat"})]
)
def test_what_programs_ask_is_shown_to_its_own_session_apart(
    harness: Harness, ann: Client, target: str, nicks: set[str]
) -> None:
    cat = client_of(harness, "cat")
    others, echo = harness.enter(said(cat, target, ctcp=True), Body("\x01PING\x01"))
    assert heard([others]) == nicks - {"cat"}
    assert isinstance(echo, Deliver)
    assert (list(echo.users), echo.alone) == ([cat.user], True)


def test_what_programs_ask_a_user_is_heard_by_that_user(harness: Harness, ann: Client) -> None:
    bob = client_of(harness, "bob").user
    others, echo = harness.enter(said(ann, "bob", to=bob.id, ctcp=True))
    assert (heard([others]), heard([echo])) == ({"bob"}, {"ann"})
    others, echo = harness.enter(said(ann, "ann", to=ann.user.id, ctcp=True))
    assert heard([others]) == set()
    assert isinstance(echo, Deliver)
    assert echo.to_oneself


def test_a_session_that_passes_by_has_an_echo_of_its_own(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a -n")
    script = harness.connect_as("dot", "dot", "hubbub/quiet", "echo-message")
    history = (harness.world.channels["#a"].history,)
    channel, echo = harness.enter(said(script, "#a", histories=history), Body("hello"))
    assert isinstance(channel, Deliver)
    assert isinstance(echo, Deliver)
    assert (channel.channel, echo.alone) == (harness.world.channels["#a"], True)


@pytest.mark.parametrize(("command", "answer"), [("PRIVMSG", "401"), ("NOTICE", "")])
def test_a_notice_that_finds_nobody_is_never_answered(
    harness: Harness, ann: Client, command: str, answer: str
) -> None:
    found = harness.enter(said(ann, "gone", command, to=STRANGER.session))
    assert refusal(found) == answer


def test_who_was_meant_is_shown_it_under_the_nick_it_has_now(harness: Harness, ann: Client) -> None:
    bob = client_of(harness, "bob")
    late = said(ann, "bob", to=bob.user.id)
    bob.send("NICK robert")
    harness.enter(late, Body("hello"))
    assert shown(bob.take()) == ["PRIVMSG robert hello"]


def absent(client: Client, bound: int, command: str = "PRIVMSG") -> SaidInAbsence:
    user = client.user
    fields = (client.origin, user.source, user.account, command, "eve")
    return SaidInAbsence(*fields, to_account="eve", bound=bound)


def test_so_much_waits_for_who_is_not_here(harness: Harness, ann: Client) -> None:
    waiting = harness.account("eve").waiting
    bob = client_of(harness, "bob")
    answers = [refusal(harness.enter(absent(client, 2))) for client in (ann, bob, ann)]
    assert answers == ["", "", "531"], "that is of all guests together"
    assert waiting.guests == 2
    assert set(waiting.told) == {ann.user.presence, bob.user.presence}


def test_what_is_not_wanted_does_not_wait_and_is_not_said_to_be_unwanted(
    harness: Harness, ann: Client
) -> None:
    account = harness.account("eve")
    harness.world.silenced["a:eve"] = ("ann!*@*",)
    assert heard(harness.enter(absent(ann, 0))) == {"ann"}
    assert account.waiting.counts == {}
    assert list(account.waiting.told) == [ann.user.presence]


def test_a_notice_waits_without_its_speaker_being_told_so(harness: Harness, ann: Client) -> None:
    account = harness.account("eve")
    harness.enter(absent(ann, 5, "NOTICE"))
    assert (account.waiting.guests, account.waiting.told) == (1, {})


def test_what_is_said_where_one_may_not_is_refused(harness: Harness, ann: Client) -> None:
    history = harness.world.channels["#a"].history
    eve = harness.connect("eve")
    assert refusal(harness.enter(said(ann, "#none"))) == "403"
    assert refusal(harness.enter(said(ann, "#a", histories=("#a,1.1.1.1",)))) == "403"
    assert refusal(harness.enter(said(eve, "#a", histories=(history,)))) == "404"
    assert harness.enter(Said(STRANGER, "x!x@x", "", "PRIVMSG", "#a")) == []


def test_an_announcement_is_for_those_who_want_it_and_of_who_may(
    harness: Harness, ann: Client
) -> None:
    client_of(harness, "bob").send("MODE bob +w")
    announced = Announced(ann.origin, ann.user.source, "hello")
    assert refusal(harness.enter(announced)) == "481"
    ann.send("OPER root secret")
    assert heard(harness.enter(announced)) == {"bob"}


def redacted(client: Client, target: str, *histories: str, **fields: Any) -> Redacted:
    own = fields.pop("own", True)
    head = (client.origin, client.user.source, target, "id7", 7, own)
    return Redacted(*head, histories=histories, **fields)


def test_what_is_taken_back_is_erased_unless_the_right_to_is_gone(
    harness: Harness, ann: Client
) -> None:
    bob, history = client_of(harness, "bob"), harness.world.channels["#a"].history
    assert refusal(harness.enter(redacted(bob, "#a", "#a,1.1.1.1"))) == "403"
    assert refusal(harness.enter(redacted(bob, "#a", history, own=False))) == "482"
    for client in (bob, ann):
        found = harness.enter(redacted(client, "#a", history, own=client is bob))
        assert found[0] == Erase((7,))
    gone = Redacted(STRANGER, "x!x@x", "#a", "id7", 7, True, histories=(history,))
    assert harness.enter(gone) == []


def test_a_direct_message_is_taken_back_before_both_who_are_here(
    harness: Harness, ann: Client
) -> None:
    bob = client_of(harness, "bob").user
    assert heard(harness.enter(redacted(ann, "bob", to=bob.id))) == {"ann", "bob"}
    assert heard(harness.enter(redacted(ann, "gone", to=STRANGER.session))) == {"ann"}


def test_a_purge_erases_also_where_nobody_is_left_to_be_told(harness: Harness, ann: Client) -> None:
    bob, history = client_of(harness, "bob").user, harness.world.channels["#a"].history
    sides = (f"@{bob.presence}/a:x", f"@a:x/{bob.presence}")
    assert harness.enter(redacted(ann, "#a", "#a,1.1.1.1", purged=True)) == [Erase((7,))]
    assert len(harness.enter(redacted(ann, "#a", history, purged=True))) == 2
    assert heard(harness.enter(redacted(ann, "bob", *sides, purged=True))) == {"bob"}
    assert harness.enter(Erased(harness.console, (1, 2))) == [Erase((1, 2))]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_a_marker_moves_to_the_latest_time_that_there_was_to_read(minutes: list[int]) -> None:
    harness = Harness()
    ann = harness.connect("ann", "draft/read-marker")
    ann.send("JOIN #a")
    for minute in minutes:
        time = START + (minute - 100) * 60_000_000
        harness.enter(ReadMarked(ann.origin, "#a", time))
    marked = harness.world.read_marker(ann.user, "#a")
    asked = START + (max(minutes) - 100) * 60_000_000
    assert marked is not None
    assert marked == asked if asked <= START else START < marked <= harness.time


def test_nobody_who_is_gone_has_read_anything(harness: Harness) -> None:
    assert harness.enter(ReadMarked(STRANGER, "#a", START)) == []
    assert harness.world.read_markers == {}
