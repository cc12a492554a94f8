"""Tests of what happens around a lost connection: nothing twice, nothing lost."""

from __future__ import annotations

from hubbub.client.events import LeftOut, PresenceChanged, TakenBack
from hubbub.client.handlers.history import PAGES
from hubbub.client.session import GHOST
from tests.client.harness import Peer, line


def lost_with_one_in_flight() -> Peer:
    """Return a peer that has seen m1, sent "mine", lost the connection, and is back in #c."""
    peer = Peer()
    peer.enter("#c", line(1, "before"))
    peer.session.say("#c", "mine")
    assert len(peer.sent()) == 1
    peer.events += peer.session.disconnected(peer.now)
    peer.register()
    assert peer.sent() == ["CAP END", "JOIN #c"]
    peer.join(time=30)
    assert peer.sent() == ["CHATHISTORY AFTER #c timestamp=2026-01-01T00:01:00.999Z 100"]
    return peer


def test_what_had_arrived_is_not_sent_again() -> None:
    peer = lost_with_one_in_flight()
    peer.page("#c", line(1, "before"), line(2, "mine", "ann", "+hubbub/nonce=n1"), line(3, "new"))
    assert peer.said() == [
        ("bob", "before", "received"),
        ("ann", "mine", "confirmed"),
        ("bob", "new", "received"),
    ]
    assert peer.sent() == []
    assert peer.session.pending == 0


def test_what_had_not_arrived_is_sent_again_once_with_its_nonce() -> None:
    peer = lost_with_one_in_flight()
    peer.page("#c", line(1, "before"), line(2, "new"))
    assert peer.sent() == ["@+hubbub/nonce=n1;label=n1 PRIVMSG #c :mine"]
    assert peer.sent() == []
    peer.receive(line(4, "mine", "ann", "+hubbub/nonce=n1"))
    assert peer.session.pending == 0


def test_when_history_does_not_reach_back_nobody_knows() -> None:
    peer = lost_with_one_in_flight()
    peer.page("#c", line(2, "new"))
    assert peer.sent() == []
    assert peer.said()[-1] == ("ann", "mine", "unsure")


def test_when_history_is_refused_nobody_knows() -> None:
    peer = lost_with_one_in_flight()
    peer.receive(":s FAIL CHATHISTORY MESSAGE_ERROR AFTER #c :no")
    assert peer.said()[-1] == ("ann", "mine", "unsure")


def test_when_some_of_the_history_is_damaged_the_rest_comes_and_nobody_knows() -> None:
    peer = lost_with_one_in_flight()
    peer.receive(":s FAIL CHATHISTORY MESSAGE_ERROR AFTER #c PARTIAL :Some is left out")
    peer.page("#c", *(line(number % 60, str(number)) for number in range(1, 101)))
    # The failure was no answer to what was asked: the page was, and the next one is asked for.
    assert [text for _, text, _ in peer.said()][:2] == ["before", "2"]
    assert [sent.partition(" msgid")[0] for sent in peer.sent()] == ["CHATHISTORY AFTER #c"]
    peer.page("#c")
    assert peer.said()[-1] == ("ann", "mine", "unsure")
    assert peer.sent() == []


def test_without_history_nobody_knows_and_what_was_typed_later_goes_out() -> None:
    peer = Peer("echo-message message-tags")
    peer.enter()
    peer.session.say("#c", "mine")
    peer.sent()
    peer.events += peer.session.disconnected(peer.now)
    peer.session.say("#c", "later")
    peer.register()
    peer.sent()
    peer.join()
    assert [m.params[1] for m in peer.messages()] == ["later"]
    assert peer.said() == [("ann", "mine", "unsure")]


def test_a_conversation_of_a_guest_cannot_be_looked_up() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("bob", "psst")
    peer.sent()
    peer.events += peer.session.disconnected(peer.now)
    peer.register()
    assert peer.said() == [("ann", "psst", "unsure")]


def test_a_large_gap_is_fetched_page_by_page() -> None:
    peer = lost_with_one_in_flight()
    first = [line(1, "before")] + [
        f"@time=2026-01-01T00:02:00.{n:03d}Z;msgid=p{n} :bob!u@h PRIVMSG #c :{n}" for n in range(99)
    ]
    peer.page("#c", *first)
    assert peer.sent() == ["CHATHISTORY AFTER #c msgid=p98 100"]
    peer.page("#c", "@time=2026-01-01T00:03:00.000Z;msgid=q :bob!u@h PRIVMSG #c :last")
    assert [text for nick, text, _ in peer.said() if nick == "bob"][-2:] == ["98", "last"]
    assert peer.sent() == ["@+hubbub/nonce=n1;label=n1 PRIVMSG #c :mine"]


def test_a_gap_without_end_is_cut_and_that_is_said() -> None:
    peer = lost_with_one_in_flight()
    for page in range(PAGES):
        peer.page(
            "#c",
            *(
                f"@time=2026-01-01T00:{page + 2:02d}:00.{n:03d}Z;msgid=p{page}-{n} "
                f":bob!u@h PRIVMSG #c :{n}"
                for n in range(100)
            ),
        )
    assert any(isinstance(event, LeftOut) for event in peer.events)
    assert peer.sent()[-1] == "CHATHISTORY LATEST #c * 100"
    peer.page("#c")
    assert peer.said()[-1] == ("ann", "mine", "unsure")


def lost_with_a_ghost() -> Peer:
    """Return a peer whose earlier connection still holds its nick."""
    peer = Peer()
    peer.enter("#c", line(1, "before"))
    peer.session.say("#c", "mine")
    peer.sent()
    peer.session.disconnected(peer.now)
    peer.session.connected(peer.now)
    peer.receive(f":s CAP * LS :{peer.capabilities}")
    for text in [text for text in peer.sent() if text.startswith("CAP REQ")]:
        peer.receive(f":s CAP * ACK :{text.partition(':')[2]}")
    peer.receive(":s 433 * ann :in use", ":s 001 ann_ :Hi", ":s 005 ann_ CASEMAPPING=ascii :x")
    peer.receive(":s 376 ann_ :End")
    peer.sent()
    peer.join(nick="ann_", time=30)
    peer.page("#c", line(1, "before"))
    return peer


def test_nothing_is_sent_again_while_the_old_connection_may_still_speak() -> None:
    peer = lost_with_a_ghost()
    assert [text for text in peer.sent() if "PRIVMSG" in text] == []
    peer.session.tick(peer.now + 15)
    assert "NICK ann" in peer.sent()
    peer.receive(":s 433 ann_ ann :in use", ":ann!u@h QUIT :timed out")
    assert peer.sent() == ["NICK ann"]
    peer.receive(":ann_!u@h NICK ann")
    assert peer.sent()[0].startswith("CHATHISTORY AFTER #c timestamp=")
    peer.page("#c", line(1, "before"), line(2, "mine", "ann", "+hubbub/nonce=n1"))
    assert peer.sent() == []
    assert peer.session.pending == 0


def test_a_ghost_does_not_haunt_for_ever() -> None:
    peer = lost_with_a_ghost()
    peer.events += peer.session.tick(peer.now + GHOST + 1)
    assert peer.said()[-1] == ("ann_", "mine", "unsure")


def test_a_change_that_was_seen_is_not_told_again_by_the_history() -> None:
    peer = Peer()
    peer.enter("#c", line(1, "before"))
    peer.join(nick="bob", time=5)
    renamed = "@time=2026-01-01T00:02:00.000Z;msgid=nick1 :bob!b@h NICK robert"
    left = "@time=2026-01-01T00:03:00.000Z;msgid=quit1 :robert!b@h QUIT :bye"
    peer.receive(renamed, left)
    assert len(changes(peer)) == 3
    peer.events += peer.session.disconnected(peer.now)
    peer.register()
    peer.join(time=30)
    peer.page("#c", line(1, "before"), renamed, left)
    assert len(changes(peer)) == 3


def changes(peer: Peer) -> list[PresenceChanged]:
    """Return the changes of presence that were told."""
    return [event for event in peer.events if isinstance(event, PresenceChanged)]


def test_that_something_was_taken_back_is_told_once() -> None:
    peer = Peer()
    peer.enter("#c", line(1, "before"))
    taken = "@time=2026-01-01T00:01:09.000Z;msgid=r1 :bob!u@h REDACT #c m1 :oops"
    peer.receive(taken)
    peer.session.disconnected(peer.now)
    peer.register()
    peer.join(time=30)
    peer.page("#c", line(1, "before"), taken)
    assert [event.nick for event in peer.events if isinstance(event, TakenBack)] == ["bob"]
