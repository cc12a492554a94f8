"""LIST."""

from __future__ import annotations

from itertools import islice

import pytest

from hubbub.core.requests import AnswerMany
from tests.core.world_harness import Client, Harness, shown

MINUTE = 60_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return somebody in two channels; another is in one of them; the first is older."""
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #chan1")
    ann.send("TOPIC #chan1 :the topic")
    harness.time += 3 * MINUTE
    ann.send("JOIN #chan2")
    bob.send("JOIN #chan2")
    harness.time += MINUTE
    ann.take()
    return ann


def listed(client: Client, line: str) -> set[str]:
    """Return the channels that a LIST shows."""
    start, *replies, end = client.send(line)
    assert (start.command, end.command) == ("321", "323")
    return {reply.params[1] for reply in replies}


def test_everything(ann: Client) -> None:
    assert shown(ann.send("LIST")) == [
        "321 ann Channel Users  Name",
        "322 ann #chan1 1 the topic",
        "322 ann #chan2 2 ",
        "323 ann End of LIST",
    ]


@pytest.mark.parametrize(
    ("conditions", "numbers"),
    [
        ("#CHAN1", "1"),
        ("#chan1,#chan2,#none", "12"),
        ("#none", ""),
        ("*an1", "1"),
        ("#ch*", "12"),
        ("!*an1", "2"),
        ("!#ch*", ""),
        (">0", "12"),
        (">1", "2"),
        ("<2", "1"),
        ("<1", ""),
        (">0,<2", "1"),
        ("#ch*,!*2", "1"),
        ("C>2", "1"),
        ("C<2", "2"),
        ("c<0", ""),
        ("C>0", "12"),
        ("C<10", "12"),
        ("T>2", "1"),
        ("T<10", "1"),
        ("T<2", ""),
        ("<x", ""),
        (",", "12"),
    ],
)
def test_conditions(ann: Client, conditions: str, numbers: str) -> None:
    assert listed(ann, f"LIST {conditions}") == {f"#chan{number}" for number in numbers}


def test_secret_channels_are_shown_to_members_only(harness: Harness, ann: Client) -> None:
    ann.send("MODE #chan1 +s")
    ann.take()
    assert listed(ann, "LIST") == {"#chan1", "#chan2"}
    eve = harness.connect("eve")
    assert listed(eve, "LIST") == {"#chan2"}
    assert listed(eve, "LIST #chan1") == set()


def test_a_change_while_the_answer_is_taken_does_no_harm(harness: Harness, ann: Client) -> None:
    harness.stream = False
    ann.send("LIST")
    request = ann.taken_requests()[-1]
    assert isinstance(request, AnswerMany)
    messages = list(islice(request.messages, 1))
    ann.send("PART #chan1")
    harness.connect("eve").send("JOIN #chan3")
    messages += request.messages
    assert [m.command for m in messages if m is not None] == ["321", "322", "323"]


@pytest.mark.parametrize("word", ["#none", "!#none", ">0"])
def test_no_more_conditions_than_can_be_tried(ann: Client, word: str) -> None:
    assert listed(ann, f"LIST #chan1,,{','.join([word] * 9)}") == {"#chan1"}
    answer = ann.send(f"LIST #chan1,{','.join([word] * 9)},#last,#more")
    assert shown(answer) == ["407 ann #last Too many targets"]
