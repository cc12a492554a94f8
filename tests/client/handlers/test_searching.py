"""Asking the server what was said: what is sent, and what its answer means."""

from __future__ import annotations

from hubbub.client.handlers.searching import LONGEST, SearchAnswer
from tests.client.harness import CAPABILITIES, Peer


def hit(number: int, text: str, target: str = "#c", nick: str = "bob") -> str:
    """Return a message that was found, as it stands in a batch."""
    tags = f"batch=1;time=2026-01-01T00:00:{number % 60:02}.000Z;msgid=m{number}"
    return f"@{tags} :{nick}!b@h PRIVMSG {target} :{text}"


def batch(label: str, *lines: str, kind: str = "soju.im/search") -> list[str]:
    """Return the lines of an answer."""
    opening = f"@label={label} :irc.test BATCH +1 {kind}"
    return [opening, *lines, ":irc.test BATCH -1"]


def searching() -> tuple[Peer, list[SearchAnswer]]:
    """Return who is in #c of a server that searches, and a list for the answers."""
    peer = Peer(f"{CAPABILITIES} soju.im/search")
    peer.enter()
    peer.sent()
    return peer, []


def test_an_answer_has_messages_that_change_nothing_else() -> None:
    peer, answers = searching()
    assert peer.session.searches
    peer.session.search("disk", 10, answers.append)
    assert peer.sent() == ["@label=asked-1 SEARCH text=disk;limit=10"]
    before = peer.session.state.rooms.get("#c")
    assert before is not None
    anchor = before.anchor
    lines = (hit(1, "a disk"), hit(2, "mine", nick="ann"), hit(3, "\x01ACTION disk\x01", "ann"))
    assert peer.receive(*batch("asked-1", *lines)) == []
    (answer,) = answers
    assert [(one.room, one.nick, one.text, one.msgid) for one in answer.messages] == [
        ("#c", "bob", "a disk", "m1"),
        ("#c", "ann", "mine", "m2"),
        ("bob", "bob", "disk", "m3"),
    ]
    assert [one.own for one in answer.messages] == [False, True, False]
    assert before.anchor == anchor
    assert peer.session.state.rooms.get("bob") is None


def test_a_message_of_several_lines_is_one() -> None:
    peer, answers = searching()
    peer.session.search("disk", 10, answers.append)
    peer.receive(
        "@label=asked-1 BATCH +1 soju.im/search",
        "@batch=1;msgid=m1;time=2026-01-01T00:00:00.000Z :bob!b@h BATCH +2 draft/multiline #c",
        "@batch=2 :bob!b@h PRIVMSG #c :one",
        "@batch=2 :bob!b@h PRIVMSG #c :two",
        ":irc.test BATCH -2",
        ":irc.test BATCH -1",
    )
    assert [one.text for one in answers[0].messages] == ["one\ntwo"]


def test_notes_and_failures_come_with_it() -> None:
    peer, answers = searching()
    peer.session.search("disk", 10, answers.append)
    peer.receive(
        "@label=asked-1 BATCH +0 labeled-response",
        "@batch=0 NOTE SEARCH BEHIND 12 :not all was searched",
        "@batch=0 BATCH +1 soju.im/search",
        hit(1, "disk"),
        ":irc.test BATCH -1",
        ":irc.test BATCH -0",
    )
    peer.session.search("disk", 10, answers.append)
    peer.receive("@label=asked-2 FAIL SEARCH TRY_AGAIN :Too many people are reading")
    peer.session.search("disk", 10, answers.append)
    peer.receive("@label=asked-3 :irc.test 421 ann SEARCH :Unknown command")
    first, second, third = answers
    assert (first.notes, len(first.messages)) == (("not all was searched",), 1)
    assert "Too many people are reading" in second.failure
    assert "SEARCH" in third.failure


def test_one_place_is_named_apart_for_tokens_that_read_one_channel() -> None:
    peer, answers = searching()
    peer.session.search("disk in:#ops full", 10, answers.append)
    peer.session.search('"disk in:#ops"', 10, answers.append)
    peer.session.search("in:#a in:#b", 10, answers.append)
    assert [line.partition("SEARCH ")[2] for line in peer.sent()] == [
        r"text=disk\sfull;limit=10;in=#ops",
        r'text="disk\sin:#ops";limit=10',
        r"text=in:#a\sin:#b;limit=10",
    ]


def test_what_cannot_be_asked_is_answered_at_once() -> None:
    peer, answers = searching()
    peer.session.search("x" * (LONGEST + 1), 10, answers.append)
    peer.session.state.capabilities -= {"labeled-response"}
    peer.session.search("x", 10, answers.append)
    peer.session.state.capabilities |= {"labeled-response"}
    peer.session.search("x", 10, answers.append)
    peer.session.disconnected(0.0)
    peer.session.search("x", 10, answers.append)
    assert [answer.failure for answer in answers] == [
        "that is too much to search for at once",
        "this server does not search",
        "the connection was lost; ask again",
        "not connected",
    ]
