"""BATCH draft/multiline."""

from __future__ import annotations

import pytest

from hubbub.core.commands.messages.multiline import unreadable
from hubbub.core.records.messages import Said
from tests.core.world_harness import Client, Harness, shown

CAPS = ("batch", "draft/multiline", "message-tags", "echo-message")


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann", *CAPS)
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def bob(harness: Harness, ann: Client) -> Client:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    ann.take()
    return bob


def send_batch(client: Client, *lines: str) -> list[str]:
    """Send lines in a batch to #a and return the answers."""
    client.send("BATCH +1 draft/multiline #a")
    answers = []
    for line in lines:
        answers += client.send(line if line[:1] == "@" else f"@batch=1 PRIVMSG #a :{line}")
    return shown([*answers, *client.send("BATCH -1")])


def test_one_message_of_several_lines(harness: Harness, ann: Client, bob: Client) -> None:
    echo = send_batch(ann, "one", "", "two", "@batch=1;draft/multiline-concat PRIVMSG #a :three")
    [reference] = {line.split()[1][1:] for line in echo if line.startswith("BATCH")}
    assert echo == [
        f"BATCH +{reference} draft/multiline #a",
        "PRIVMSG #a one",
        "PRIVMSG #a ",
        "PRIVMSG #a two",
        "PRIVMSG #a three",
        f"BATCH -{reference}",
    ]
    assert len(harness.records(Said)) == 1
    assert harness.entries[-1].body is not None
    assert harness.entries[-1].body.text == "one\n\ntwo\rthree"
    assert shown(bob.take()) == ["PRIVMSG #a one", "PRIVMSG #a two", "PRIVMSG #a three"]


def test_the_msgid_belongs_to_one_line(harness: Harness, ann: Client) -> None:
    cy = harness.connect("cy", "message-tags")
    cy.send("JOIN #a")
    send_batch(ann, "one", "two")
    lines = [message for message in cy.take() if message.command == "PRIVMSG"]
    assert ["msgid" in message.tags for message in lines] == [True, False]


FAILURES = [
    (("x",) * 33, "MULTILINE_MAX_LINES 32 The batch has too many lines"),
    (("x" * 400,) * 11, "MULTILINE_MAX_BYTES 4096 The batch has too many bytes"),
    (("@batch=1 PRIVMSG #b :x",), "MULTILINE_INVALID A batch has one command and one target"),
    (("x", "@batch=1 NOTICE #a :x"), "MULTILINE_INVALID A batch has one command and one target"),
    (("", ""), "MULTILINE_INVALID The batch has no text"),
    ((), "MULTILINE_INVALID The batch has no text"),
    (
        ("x", "@batch=1;draft/multiline-concat PRIVMSG #a :"),
        "MULTILINE_INVALID A continued line may not be blank",
    ),
]


@pytest.mark.parametrize(("lines", "failure"), FAILURES)
def test_what_is_refused_is_refused_once_and_whole(
    harness: Harness, ann: Client, bob: Client, lines: tuple[str, ...], failure: str
) -> None:
    assert send_batch(ann, *lines) == [f"FAIL BATCH {failure}"]
    assert harness.records(Said) == []
    assert send_batch(ann, "fine")[0] == "PRIVMSG #a fine"


def test_other_batches(harness: Harness, ann: Client) -> None:
    assert shown(ann.send("BATCH +1 netsplit #a"))[0].startswith("FAIL BATCH UNKNOWN_TYPE 1 ")
    assert shown(ann.send("BATCH +1 draft/multiline"))[0].startswith("FAIL BATCH MULTILINE_INVALID")
    assert shown(ann.send("BATCH -7"))[0].startswith("FAIL BATCH MULTILINE_INVALID")
    plain = harness.connect("cy")
    assert shown(plain.send("BATCH +1 draft/multiline #a"))[0].startswith("FAIL BATCH UNKNOWN_TYPE")


def test_two_open_batches_are_both_dropped(ann: Client) -> None:
    ann.send("BATCH +1 draft/multiline #a")
    assert shown(ann.send("BATCH +2 draft/multiline #a"))[0].startswith(
        "FAIL BATCH MULTILINE_INVALID"
    )
    assert shown(ann.send("@batch=1 PRIVMSG #a :one"))[0].startswith("FAIL BATCH INVALID_REFTAG")
    assert ann.send("@batch=2 PRIVMSG #a :one") == []
    assert ann.send("BATCH -2") == []
    assert ann.session.batch is None


def test_what_is_outside_the_batch_goes_on(ann: Client, bob: Client) -> None:
    ann.send("BATCH +1 draft/multiline #a")
    ann.send("PRIVMSG #a :between")
    assert shown(bob.take()) == ["PRIVMSG #a between"]


def test_a_batch_holds_what_is_said_and_nothing_else(harness: Harness, ann: Client) -> None:
    told = send_batch(ann, "one", "@batch=1 TOPIC #a :two", "three")
    assert told == ["FAIL BATCH MULTILINE_INVALID A batch holds PRIVMSG or NOTICE"]
    assert harness.records(Said) == []
    assert harness.world.channels["#a"].topic == ""


def test_a_batch_of_which_a_line_could_not_be_read_comes_to_nothing(
    harness: Harness, ann: Client
) -> None:
    ann.send("@label=first BATCH +1 draft/multiline #a")
    ann.send("@batch=1 PRIVMSG #a :one")
    for other in ({}, {"batch": "2"}):
        assert unreadable(ann.session, other) == ""
    ann.session.batch.label = "first"  # type: ignore[union-attr]
    assert unreadable(ann.session, {"batch": "1"}) == "first", "it is the batch that failed"
    assert unreadable(ann.session, {"batch": "1"}) == "", "which was said"
    assert ann.send("@batch=1 PRIVMSG #a :two") == ann.send("BATCH -1") == []
    assert harness.records(Said) == []


def test_the_answer_to_an_unreadable_line_has_its_label(harness: Harness) -> None:
    bob = harness.connect("bob", "labeled-response", "batch")
    assert unreadable(bob.session, {"label": "x"}) == "x"
    assert unreadable(harness.connect("cy").session, {"label": "x"}) == ""
