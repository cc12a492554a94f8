"""How a command answers: each way fits a line, and a service says it in its own name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.deciding.context import (
    REST_AFTER,
    CommandContext,
    Context,
    shown,
    sifted,
    signed,
)
from hubbub.core.records.base import SessionId
from hubbub.core.records.messages import Said
from hubbub.core.records.users import AwaySet
from hubbub.core.requests import Answer, AnswerMany, Append
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from tests.core.world_harness import POLICY, Client, Harness


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


@pytest.fixture
def ctx(ann: Client) -> CommandContext:
    return ann.command_context(Message("TEST", ("one",)))


def answers(ctx: Context) -> list[Message]:
    return [one.message for one in ctx.requests if isinstance(one, Answer)]


def test_a_parameter_that_was_left_out_has_a_default(ctx: CommandContext) -> None:
    assert (ctx.param(0), ctx.param(1), ctx.param(1, "x")) == ("one", "", "x")


def test_a_label_is_taken_from_who_knows_what_it_is_for(ann: Client) -> None:
    labelled = Message("TEST", (), None, {"label": "7"})
    assert ann.command_context(labelled).label == ""
    ann.session.caps |= cap.LABELED_RESPONSE
    assert ann.command_context(labelled).label == "7"


def test_a_service_says_what_went_wrong_and_what_was_done_in_a_sentence(
    ctx: CommandContext,
) -> None:
    ctx.service = "ChanServ"
    ctx.need_more_params()
    ctx.fail("CODE", "#a", "It is not yours")
    ctx.tell("CHANNEL", "DONE", "#a", "registered")
    ctx.tell("CHANNEL", "Done")
    ctx.reply(numerics.RPL_AWAY, "bob", "lunch")
    said = answers(ctx)
    assert [message.params[-1] for message in said[:4]] == [
        "Not enough parameters",
        "It is not yours",
        "#a: registered",
        "Done",
    ]
    assert {message.source for message in said[:4]} == {"ChanServ!ChanServ@hub.test"}
    assert (said[4].command, said[4].source) == ("301", "hub.test"), "that is no error"


def test_the_same_to_a_client_is_for_a_program_to_read(ctx: CommandContext) -> None:
    ctx.need_more_params()
    ctx.fail("CODE", "#a", "It is not yours")
    ctx.tell("CHANNEL", "DONE", "#a")
    assert [(m.command, *m.params) for m in answers(ctx)] == [
        ("461", "ann", "TEST", "Not enough parameters"),
        ("FAIL", "TEST", "CODE", "#a", "It is not yours"),
        ("CHANNEL", "DONE", "#a"),
    ]


def test_a_refusal_is_answered_if_there_is_one(ctx: CommandContext) -> None:
    assert not ctx.refuse(None)
    assert ctx.requests == []
    assert ctx.refuse((numerics.ERR_NOSUCHCHANNEL, ("#a",)))
    assert answers(ctx)[0].params == ("ann", "#a", "No such channel")


@pytest.mark.parametrize("knows", [True, False])
def test_a_batch_is_bare_for_who_does_not_know_it(ann: Client, knows: bool) -> None:
    ann.session.caps = cap.BATCH if knows else cap.NONE
    ctx = ann.command_context(Message("TEST"))
    ctx.batch(("chathistory", "#a"), [Message("X"), Message("Y", tags={"a": "b"})])
    [stream] = ctx.requests
    assert isinstance(stream, AnswerMany)
    made = [message for message in stream.messages if message is not None]
    assert [message.command for message in made] == (
        ["BATCH", "X", "Y", "BATCH"] if knows else ["X", "Y"]
    )
    if knows:
        reference = made[0].params[0].removeprefix("+")
        assert [message.tags.get("batch") for message in made[1:3]] == [reference] * 2
        assert made[2].tags["a"] == "b"
        assert made[3].params == (f"-{reference}",)


@given(st.lists(st.text("abcé", min_size=1, max_size=60), max_size=60))
def test_words_take_as_many_lines_as_they_need(words: list[str]) -> None:
    ctx = Harness().connect("ann").command_context(Message("TEST"))
    ctx.words(("#a",), words, numerics.RPL_ENDOFNAMES._replace(text=""))
    lines = answers(ctx)
    assert all(len(message.encode()) <= LINE_BYTES for message in lines)
    assert " ".join(message.params[-1] for message in lines).split() == words


@pytest.mark.parametrize(
    ("nick", "reserved"),
    [("ChanServ", True), ("hub", True), ("h-u_b", False), ("Test_", True), ("GLOBAL", True),
     ("ann", False), ("server1", True)],
)  # fmt: skip
def test_a_nick_like_a_services_or_the_servers_is_for_who_had_it_before(
    harness: Harness, ctx: Context, nick: str, reserved: bool
) -> None:
    assert ctx.is_reserved(nick) == reserved
    harness.account("server1")
    assert not ctx.is_reserved("server1")


def test_a_record_tells_as_whom_its_user_did_it(harness: Harness) -> None:
    ann = harness.connect_as("ann", "Ann")
    ctx = ann.command_context(Message("AWAY"))
    ctx.append(AwaySet(ctx.origin, ann.user.source, "x"))
    ann.send("OPER root secret")
    ctx.append(AwaySet(ctx.origin, ann.user.source, "x"))
    records = [one.draft.record for one in ctx.requests if isinstance(one, Append)]
    assert [(r.by_account, r.by_operator) for r in records if isinstance(r, AwaySet)] == [
        ("Ann", False),
        ("Ann", True),
    ]
    assert ctx.by == "Ann"


def test_what_is_relayed_is_nobodys_act_as_an_operator(harness: Harness, ann: Client) -> None:
    ann.send("OPER root secret")
    for relayed_by, by_operator in (("", True), ("ann", False)):
        head = (ann.origin, "x/y!x@y", "", "PRIVMSG", "#a")
        found = signed(Said(*head, relayed_by=relayed_by), ann.user)
        assert isinstance(found, Said)
        assert found.by_operator == by_operator


@given(st.lists(st.integers(0, 3 * REST_AFTER), max_size=5))
def test_a_long_answer_rests_after_each_so_many_that_it_passes_over(gaps: list[int]) -> None:
    kept = [step == gap for gap in gaps for step in range(gap + 1)]
    numbers = range(len(kept))
    user = User(SessionId(1, 1, 1), "ann", "ann", "host", "ann")
    made = sifted(user, numbers, lambda number: kept[number])
    found = list(made)
    assert [one for one in found if one is not None] == [n for n in numbers if kept[n]]
    assert found.count(None) == sum(gaps) // REST_AFTER


def test_what_the_node_does_not_tell_is_not_known(harness: Harness, ann: Client) -> None:
    ctx = Context(harness.world, ann.session, POLICY, 0)
    assert ctx.node.idle(ann.user) is None
    ctx.notice("hello")
    assert [message.command for message in answers(ctx)] == ["NOTICE"]


@pytest.mark.parametrize(
    ("given", "seen"), [("ann", "ann"), ("", "*"), ("a b", "*"), (":x", "*"), ("a:b", "a:b")]
)
def test_what_cannot_stand_in_the_middle_of_a_line_is_a_star(given: str, seen: str) -> None:
    assert shown(given) == seen
