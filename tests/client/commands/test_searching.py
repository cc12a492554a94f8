"""/search and /context: asked of the server, shown with numbers, gone on with."""

from __future__ import annotations

from hubbub.client.commands.completion import FILTERS, complete
from hubbub.client.commands.searching import AROUND, FOUND, KEPT
from hubbub.client.timeline.transcript import text_of
from hubbub.core.searching import language
from tests.client.desk import Desk
from tests.client.handlers.test_searching import batch, hit


def desk() -> Desk:
    """Return a desk whose server searches."""
    made = Desk()
    made.peer.session.state.capabilities |= {"soju.im/search"}
    return made


def told(one: Desk, *lines: str) -> list[str]:
    """Let the server answer; return what is shown."""
    one.console.lines.clear()
    one.peer.receive(*lines)
    one.look()
    return [text_of(shown) for shown in one.console.lines]


def test_what_is_found_has_numbers_the_newest_1() -> None:
    one = desk()
    sent, _ = one.type("/search disk from:bob")
    assert sent == [rf"@label=asked-1 SEARCH text=disk\sfrom:bob;limit={FOUND}"]
    shown = told(one, *batch("asked-1", hit(1, "old disk"), hit(2, "new disk", "#other")))
    assert shown == [
        "  2 2026-01-01 #c <bob> old disk",
        "  1 2026-01-01 #other <bob> new disk",
        "/context 1 shows what was said around the last of these",
    ]


def test_without_words_it_goes_on_to_what_is_older() -> None:
    one = desk()
    assert "usage" in one.type("/search")[1][0]
    one.type("/search disk")
    shown = told(one, *batch("asked-1", *(hit(number, "disk") for number in range(FOUND))))
    assert shown[-1].endswith("/search alone goes on to what is older")
    assert one.type("/search")[0] == [rf"@label=asked-2 SEARCH text=disk;limit={FOUND};page=m0"]
    shown = told(one, *batch("asked-2", hit(99, "disk")))
    assert shown[0] == f"{FOUND + 1:>3} 2026-01-01 #c <bob> disk"
    one.type("/search")
    assert told(one, *batch("asked-3")) == ["nothing more found"]


def test_context_shows_what_was_said_around_a_number() -> None:
    one = desk()
    assert "nothing has that number" in one.type("/context 1")[1][0]
    one.type("/search disk")
    told(one, *batch("asked-1", hit(1, "old disk", "#d"), hit(2, "new disk")))
    assert one.type("/context 2")[0] == [f"@label=asked-2 CHATHISTORY AROUND #d msgid=m1 {AROUND}"]
    shown = told(one, *batch("asked-2", hit(0, "before", "#d"), hit(1, "old disk", "#d"),
                             kind="chathistory #d"))  # fmt: skip
    assert shown == ["2026-01-01 #d <bob> before", "2026-01-01 #d <bob> old disk"]
    assert one.console.session.state.rooms.get("#d") is None
    for wrong in ("3", "0", "x"):
        assert "nothing has that number" in one.type(f"/context {wrong}")[1][0]


def test_what_went_wrong_is_told() -> None:
    one = desk()
    one.type("/search after:soon")
    fail = "@label=asked-1 :irc.test FAIL SEARCH INVALID_PARAMS text :after:soon is no time"
    assert told(one, fail) == ["after:soon is no time"]
    one.type("/search disk")
    assert told(one, *batch("asked-2")) == ["nothing found"]
    one.type("/search disk")
    one.console.lines.clear()
    one.peer.events += one.peer.session.disconnected(0.0)
    one.look()
    assert "the connection was lost; ask again" in [text_of(each) for each in one.console.lines]


def test_what_was_searched_for_before_is_not_mixed_with_it() -> None:
    one = desk()
    one.type("/search one")
    one.type("/search two")
    assert told(one, *batch("asked-1", hit(1, "one"))) == []
    assert told(one, *batch("asked-2", hit(2, "two")))[0].startswith("  1 ")


def test_a_search_has_so_many_numbers() -> None:
    one = desk()
    one.console.searched = "x"
    one.type("/search x")
    told(one, *batch("asked-1", hit(1, "x")))
    one.console.found *= KEPT
    assert "something narrower" in one.type("/search")[1][0]


def line(number: int, text: str) -> str:
    return f"@time=2026-01-01T00:00:{number:02}Z;msgid=m{number} :bob!b@h PRIVMSG #c :{text}"


def test_where_the_server_does_not_search_what_is_loaded_is_looked_through() -> None:
    one = Desk()
    one.peer.receive(line(1, "The Answer is 42"), line(2, "other"))
    one.look()
    sent, shown = one.type("/search answer BOB")
    assert shown == ["2026-01-01 #c <bob> The Answer is 42", "1 found, the last 1 shown"]
    assert sent == []
    assert "usage" in one.type("/search")[1][0]


def test_of_what_is_found_among_that_the_newest_are_shown() -> None:
    one = Desk()
    one.peer.receive(*(line(number, f"x {number}") for number in range(FOUND + 5)))
    one.look()
    _, shown = one.type("/search x")
    assert shown[-1] == f"{FOUND + 5} found, the last {FOUND} shown"
    assert (len(shown), shown[0]) == (FOUND + 1, "2026-01-01 #c <bob> x 5")


def test_tab_offers_what_narrows_a_search() -> None:
    one = desk()
    assert complete(one.console, "/search disk fr") == ("fr", ["from:"])
    assert complete(one.console, "/search from:bo") == ("from:bo", ["from:bob "])
    assert complete(one.console, "/search in:#") == ("in:#", ["in:#c "])
    assert complete(one.console, "/search has:") == ("has:", ["has:link "])
    assert complete(one.console, "/search ") == ("", [])
    assert {each.split(":")[0] for each in FILTERS} == set(language.FILTERS)
