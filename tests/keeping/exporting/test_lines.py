"""What an entry says to whoever reads an export."""

from __future__ import annotations

import pytest

from hubbub.core.records import channels, users
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.entries import AnyRecord, Body, Entry
from hubbub.core.records.messages import Said
from hubbub.keeping.exporting.lines import Line, line_of, sentence
from tests.journal.keeper import ORIGIN

ANN = "ann!a@host"
IN = ("#a",)


def line(record: AnyRecord, text: str | None = None, channel: str = "") -> Line | None:
    body = None if text is None else Body(text, {"+reply": "x"})
    return line_of(Entry(7, 1_000, "id", record, body), channel)


def said(text: str, command: str = "PRIVMSG", histories: tuple[str, ...] = IN) -> Line | None:
    return line(Said(ORIGIN, ANN, "Ann", command, "#a", None, histories), text)


def test_what_was_said_has_its_words_and_who_said_it() -> None:
    told = said("one\ntwo\r three")
    assert told == Line(
        7, 1_000, "id", "message", IN, ANN, "Ann", "one\ntwo three", {"+reply": "x"}
    )
    assert told.nick == "ann"
    assert told.is_said


def test_a_notice_and_an_action_are_told_apart() -> None:
    for text, command, kind, shown in (
        ("hi", "NOTICE", "notice", "hi"),
        ("\x01ACTION waves\x01", "PRIVMSG", "action", "waves"),
    ):
        told = said(text, command)
        assert told is not None
        assert (told.kind, told.text) == (kind, shown)


def test_a_direct_conversation_is_between_two() -> None:
    told = said("hi", histories=("@a:ann/g:1.2.3", "@g:1.2.3/a:ann"))
    assert told is not None
    assert told.where == ("ann", "guest 1.2.3")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (channels.Joined(ORIGIN, ANN, "", "Ann", "#a", "key", histories=IN), "joined"),
        (channels.Parted(ORIGIN, ANN, "#a", "bye", histories=IN), "left (bye)"),
        (channels.Parted(ORIGIN, ANN, "#a", None, histories=IN), "left"),
        (users.Disconnected(ORIGIN, ANN, "gone", histories=IN), "quit (gone)"),
        (users.Renamed(ORIGIN, ANN, "amy", histories=IN), "is now known as amy"),
        (channels.Kicked(ORIGIN, ANN, "#a", "bob", "so", histories=IN), "removed bob (so)"),
        (channels.TopicSet(ORIGIN, ANN, "#a", "{text}", histories=IN), "set the topic: {text}"),
        (channels.ChannelModesSet(ORIGIN, ANN, "#a", (("+k", "secret"),), IN), "set +k *"),
        (channels.ChannelRenamed(ORIGIN, ANN, "#a", "#b", histories=IN),
         "renamed the channel to #b"),
    ],
)  # fmt: skip
def test_an_event_is_a_sentence(record: AnyRecord, words: str) -> None:
    told = line(record)
    assert told is not None
    assert sentence(told) == words
    assert not told.is_said


@pytest.mark.parametrize(
    "record",
    [
        Said(ORIGIN, ANN, "", "PRIVMSG", "#a", None, IN),
        AccountRegistered(ORIGIN, "ann", histories=("$ann",)),
        users.Connected(ORIGIN, "ann", "a", "host", "Ann"),
    ],
)
def test_what_is_for_nobody_is_in_none(record: AnyRecord) -> None:
    assert line(record) is None


def test_of_a_channel_no_other_is_named() -> None:
    record = users.Disconnected(ORIGIN, ANN, "gone", histories=("#a", "#secret"))
    told = line(record, channel="#a")
    assert told is not None
    assert told.where == ("#a",)
