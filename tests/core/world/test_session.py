"""What a session remembers, and that it does not remember everything."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import SessionId
from hubbub.core.world.session import AWAITED, LEFT, Awaiting, Session
from hubbub.irc import capabilities as cap
from tests.core.world_harness import Harness


@pytest.fixture
def session() -> Session:
    return Session(SessionId(1, 1, 1), "host")


def test_a_session_remembers_the_channels_that_it_left_last(session: Session) -> None:
    for number in range(LEFT + 1):
        session.has_left(f"#{number}", number)
    assert len(session.left) == LEFT
    assert "#0" not in session.left


def test_a_channel_that_was_left_again_is_forgotten_later(session: Session) -> None:
    for number in range(LEFT):
        session.has_left(f"#{number}", number)
    session.has_left("#0", 9999)
    session.has_left("#new", 10000)
    assert session.left["#0"] == 9999
    assert "#1" not in session.left


def test_what_answers_need_is_forgotten_of_the_oldest_request_first(session: Session) -> None:
    for number in range(AWAITED + 1):
        session.requests = number
        session.await_answer(Awaiting("NickServ", f"secret {number}"))
    assert list(session.awaiting) == list(range(1, AWAITED + 1))


@pytest.mark.parametrize(
    ("scope", "caps", "quiet"),
    [(None, 0, False), ("post:#a", 0, True), (None, cap.QUIET, True), (None, ~cap.QUIET, False)],
)
def test_who_has_one_purpose_or_says_so_only_passes_by(
    session: Session, scope: str | None, caps: int, quiet: bool
) -> None:
    session.scope, session.caps = scope, caps
    assert session.quiet == quiet


def test_a_capability_is_had_once_it_was_negotiated(session: Session) -> None:
    session.caps = cap.QUIET
    assert session.has(cap.QUIET)
    assert not session.has(~cap.QUIET)


def test_replies_call_a_session_by_its_nick_as_soon_as_it_has_one(harness: Harness) -> None:
    client = harness.open()
    assert client.session.shown_nick == "*"
    client.send("NICK ann")
    assert client.session.shown_nick == "ann"
    client.send("USER ann 0 * :ann")
    client.send("NICK eve")
    assert client.session.shown_nick == "eve"
