"""Whether a message fits a question."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.searching.language import parse
from hubbub.core.searching.query import mentions

TIME = 1_780_000_000_000_000


def entry(text: str, source: str = "Bob!b@host", account: str = "bobby") -> Entry:
    said = Said(Origin(SessionId(1, 1, 1), 1), source, account, "PRIVMSG", "#a", None, ("#a",))
    return Entry(1, TIME, "id", said, Body(text))


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("disk", "the DISK is full", True),
        ("disk", "disks", False),
        ("disk*", "disks", True),
        ("disk full", "full is the disk", True),
        ('"disk full"', "full is the disk", False),
        ('"disk full"', "Disk: full!", True),
        ("disk -full", "disk full", False),
        ("disk -full", "disk fuller", True),
        ("-full", "disk", True),
        ("cafe", "CAFÉ", True),
        ("don't", "I don't know", True),
        ("sda1", "/dev/sda1", True),
        ("日本", "今日本語で", True),
        ("本日", "今日本語で", False),
        ("語", "今日本語で", True),
        ('"abc 日本"', "abc日本語", True),
        ('"日本 abc"', "日本語abc", False),
        ("waves", "\x01ACTION waves\x01", True),
        ("action", "\x01ACTION waves\x01", False),
        ("bold", "\x02bo\x02ld", True),
        ("onetwo", "one\rtwo", True),
        ("onetwo", "one\ntwo", False),
        ("from:bob", "x", True),
        ("from:bobby", "x", True),
        ("from:cy", "x", False),
        ("from:cy from:bob", "x", True),
        ("has:link", "see https://example.org/a", True),
        ("has:link", "see example.org", False),
        ("mentions:ann", "hi @Ann, all well?", True),
        ("mentions:ann", "Annie is here", False),
        ("mentions:ann", "https://ann.example.org/ann", False),
        (f"after:{2026}", "x", True),
        ("before:2026", "x", False),
    ],
)
def test_a_message_fits(question: str, text: str, fits: bool) -> None:
    assert parse(question, TIME).matches(entry(text)) == fits


def test_a_message_whose_words_are_gone_fits_nothing() -> None:
    gone = Entry(1, TIME, "id", entry("x").record)
    assert not parse("-x", TIME).matches(gone)


@pytest.mark.parametrize("nick", ["[x]y", "a|b", "_a-", "^^"])
def test_a_nick_of_any_characters_is_found_as_a_word(nick: str) -> None:
    assert mentions(f"hi {nick}: yes", nick)
    assert not mentions(f"hi x{nick}x", nick)
