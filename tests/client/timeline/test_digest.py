"""A digest as lines, whatever was said."""

from __future__ import annotations

from dataclasses import replace

from hubbub.client.events import ChatMessage, MentionsListed, NewIn, Speech, WhatIsNew
from hubbub.client.timeline.digest import of_mentions, of_news
from hubbub.irc.text import is_safe

SAID = ChatMessage("#c", "bob", "ann, \x1b[31mlook\nand more", Speech.MESSAGE, 60.0)


def test_each_conversation_has_a_line_and_what_was_meant_below() -> None:
    found = (NewIn("#c", 1000, 1, 60.0, (SAID,), True), NewIn("bob", 2, 2, 60.0))
    lines = list(of_news(WhatIsNew(found, 0.0)))
    assert lines == [
        "what is new for you:",
        "* #c   1000 or more new, 1 for you",
        "    <bob> ann, ␛[31mlook …",
        "  bob  2 new",
    ]
    assert all(map(is_safe, lines))


def test_a_conversation_that_follows_is_not_shown_twice() -> None:
    found = (NewIn("bob", 1, 1, 60.0, (replace(SAID, room="bob"),)),)
    assert list(of_news(WhatIsNew(found, 0.0), direct=False))[1:] == ["  bob  1 new"]


def test_where_nothing_is_new_that_is_said() -> None:
    assert list(of_news(WhatIsNew((), 0.0))) == ["nothing is new: you have read everything"]
    assert list(of_mentions(MentionsListed((), 0.0))) == ["nothing more was meant for you"]


def test_mentions_tell_when_and_where() -> None:
    lines = list(of_mentions(MentionsListed((SAID,), 0.0)))
    assert lines == ["1970-01-01 00:01Z #c <bob> ann, ␛[31mlook …"]
