"""An entry as bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ChannelModesSet, Joined, Parted
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Erased, Redacted, Said
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.records.registered_channels import ChannelPastOpened
from hubbub.core.records.users import UserModesSet
from hubbub.core.showing.delivery import (
    SHAPING,
    Delivery,
    encode,
    in_history,
    is_shown,
    private_tags,
    tags_of,
)
from hubbub.irc import capabilities as cap
from hubbub.irc.message import parse
from tests.core.world_harness import Harness

ORIGIN = Origin(SessionId(1, 1, 1), 1)
TIME = 1_769_860_800_123_456
SAID = Said(ORIGIN, "ann!a@h", "Ann", "PRIVMSG", "#a", histories=("#a",), bot=True)


def entry(record: object, body: Body | None = None) -> Entry:
    return Entry(7, TIME, "id7", record, body)  # type: ignore[arg-type]


def test_tags_follow_what_was_negotiated() -> None:
    said = entry(SAID, Body("hello", {"+x": "1"}))
    assert tags_of(said, cap.NONE) == {}
    assert tags_of(said, cap.SERVER_TIME) == {"time": "2026-01-31T12:00:00.123Z"}
    assert tags_of(said, cap.MESSAGE_TAGS) == {"msgid": "id7", "bot": "", "+x": "1"}
    assert tags_of(said, cap.ACCOUNT_TAG) == {"account": "Ann"}


def test_a_line() -> None:
    said = entry(SAID, Body("hello"))
    assert encode(said, cap.NONE) == b":ann!a@h PRIVMSG #a :hello\r\n"
    labelled = encode(said, cap.NONE, {"label": "x"})
    assert labelled == b"@label=x :ann!a@h PRIVMSG #a :hello\r\n"


def test_what_was_erased_or_is_never_shown_has_no_lines() -> None:
    assert encode(entry(SAID), cap.NONE) == b""
    assert encode(entry(NodeStarted(ORIGIN)), SHAPING) == b""
    assert encode(entry(Erased(ORIGIN, (1,))), SHAPING) == b""


def test_records_as_messages() -> None:
    joined = entry(Joined(ORIGIN, "ann!a@h", "", "Ann A.", "#a"))
    assert encode(joined, cap.NONE) == b":ann!a@h JOIN #a\r\n"
    assert encode(joined, cap.EXTENDED_JOIN) == b":ann!a@h JOIN #a * :Ann A.\r\n"
    assert encode(entry(Parted(ORIGIN, "ann!a@h", "#a")), cap.NONE) == b":ann!a@h PART #a\r\n"
    modes = entry(UserModesSet(ORIGIN, "ann!a@h", ("+i", "-w")))
    assert encode(modes, cap.NONE) == b":ann!a@h MODE ann +i-w\r\n"


def test_encodings_are_shared_by_those_who_see_the_same() -> None:
    delivery = Delivery(entry(SAID, Body("hello")))
    first = delivery.encoded(cap.SERVER_TIME | cap.ECHO_MESSAGE)
    assert delivery.encoded(cap.SERVER_TIME | cap.SETNAME) is first
    assert delivery.encoded(cap.NONE) != first


WORDS = st.text(st.characters(exclude_characters="\0\r\n", codec="utf-8"), max_size=20)


@given(st.lists(st.lists(WORDS.filter(bool), min_size=1, max_size=3), min_size=2, max_size=5))
def test_a_message_of_several_lines_can_be_put_together_again(lines: list[list[str]]) -> None:
    text = "\n".join("\r".join(parts) for parts in lines)
    caps = cap.MULTILINE | cap.BATCH | cap.MESSAGE_TAGS
    opening, *inside, closing = map(
        parse, encode(entry(SAID, Body(text)), caps, {"batch": "outer"}).split(b"\r\n")[:-1]
    )
    reference = opening.params[0].removeprefix("+")
    assert opening.tags["batch"] == closing.tags["batch"] == "outer"
    assert closing.params == (f"-{reference}",)
    read = ""
    for message in inside:
        assert message.tags["batch"] == reference
        joint = "\r" if "draft/multiline-concat" in message.tags else "\n"
        read += (joint if read else "") + message.params[1]
    assert read == text


def test_blank_lines_are_left_out_for_those_without_multiline() -> None:
    said = entry(SAID, Body("one\n\ntwo", {"+x": "1"}))
    lines = [parse(line) for line in encode(said, cap.MESSAGE_TAGS).split(b"\r\n")[:-1]]
    assert [line.params[1] for line in lines] == ["one", "two"]
    assert ["msgid" in line.tags for line in lines] == [True, False]
    assert [line.tags["+x"] for line in lines] == ["1", "1"]


def test_what_an_operator_does_is_tagged_for_those_who_asked(harness: Harness) -> None:
    oper = harness.connect("oper")
    told, plain = harness.connect("told", "draft/oper-tag"), harness.connect("plain")
    for client in (oper, told, plain):
        client.send("JOIN #a")
    oper.send("PRIVMSG #a :before")
    oper.send("OPER root secret")
    told.take()
    plain.take()
    for line in ("PRIVMSG #a :x", "AWAY :lunch", "NICK boss", "PART #a"):
        oper.send(line)
    assert [m.tags.get("draft/oper") for m in told.take()] == ["", "", ""]
    assert not any(message.tags for message in plain.take())
    assert told.send("PART #a")[0].tags == {}


def test_whatever_somebody_does_is_tagged_with_the_account(harness: Harness) -> None:
    ann, guest = harness.connect_as("ann", "Ann"), harness.connect("guest")
    told, plain = harness.connect("told", "account-tag", "setname"), harness.connect("plain")
    for client in (ann, guest, told, plain):
        client.send("JOIN #a")
    told.take()
    for line in (
        "PRIVMSG #a :x",
        "TOPIC #a :x",
        "SETNAME :Ann",
        "MODE #a +v guest",
        "INVITE told #b",
        "NICK anna",
        "KICK #a guest",
        "PART #a",
        "JOIN #a",
        "QUIT",
    ):
        ann.send(line)
    heard = told.take()
    assert len(heard) >= 9
    assert {message.tags.get("account") for message in heard} == {"Ann"}
    assert not any(message.tags for message in plain.take())


def test_what_a_client_wrote_down_for_itself_is_found_by_its_author_only(harness: Harness) -> None:
    guest, ann = harness.connect("guest").user, harness.connect_as("anna", "Ann").user
    tags = {"+hubbub/sent": "7", "+x": "1"}
    by_account = entry(SAID, Body("hello", tags))
    by_guest = entry(Said(ORIGIN, guest.source, "", "PRIVMSG", "#a"), Body("hello", tags))
    for shown, author, other in ((by_account, ann, guest), (by_guest, guest, ann)):
        assert private_tags(shown, author) == {"+hubbub/sent": "7"}
        assert private_tags(shown, other) == private_tags(shown, None) == {}
        assert tags_of(shown, cap.MESSAGE_TAGS)["+x"] == "1"
        assert "+hubbub/sent" not in tags_of(shown, cap.MESSAGE_TAGS)
    assert private_tags(entry(SAID), ann) == {}


def test_what_programs_asked_and_what_one_cannot_read_is_not_read_back() -> None:
    taken_back = entry(Redacted(ORIGIN, "ann!a@h", "#a", "id3", 3, True))
    assert not is_shown(taken_back, cap.NONE)
    assert is_shown(taken_back, cap.MESSAGE_REDACTION)
    assert is_shown(entry(SAID, Body("\x01ACTION waves\x01")), cap.NONE)
    assert not is_shown(entry(SAID, Body("\x01VERSION\x01")), cap.NONE)


def test_a_key_is_for_those_who_were_there_when_it_was_set() -> None:
    changes = (("+k", "hunter2"), ("+o", "bob"))
    modes = entry(ChannelModesSet(ORIGIN, "ann!a@h", "#a", changes))
    assert b"hunter2" in encode(modes, cap.NONE)
    assert encode(in_history(modes), cap.NONE) == b":ann!a@h MODE #a +ko * bob\r\n"
    said = entry(SAID, Body("hello"))
    assert in_history(said) is said


def test_who_opens_the_past_is_named_by_the_service() -> None:
    opened = entry(ChannelPastOpened(ORIGIN, "ann!a@h", "#a"))
    assert encode(opened, cap.NONE).startswith(b":ChanServ NOTICE #a :ann lets everybody read")
