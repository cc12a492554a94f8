"""From what a person says to what is kept: who is meant, whether it may be, how long and how fast.

What the commands answer: tests/core/commands/messages/test_privmsg.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.deciding import speaking
from hubbub.core.policy.flood import Rate
from hubbub.core.records.entries import Body
from hubbub.core.records.messages import Said, SaidInAbsence
from hubbub.core.requests import Append
from hubbub.core.showing.delivery import QUIET_TAG
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a."""
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


def said(client: Client, target: str, text: str, command: str = "PRIVMSG") -> Append | None:
    """Return the record of something that is said, or None where that was refused."""
    ctx = client.command_context(Message(command))
    speaking.say(ctx, command, target, text, {})
    client.asked.clear()
    found = next((one for one in ctx.requests if isinstance(one, Append)), None)
    ctx.requests = [one for one in ctx.requests if one is not found]
    client.carry_out(ctx)
    return found


@pytest.mark.parametrize(
    ("target", "status", "name"),
    [("#a", "", "#a"), ("@#a", "@", "#a"), ("+#a", "+", "#a"), ("@ann", "", "@ann"), ("", "", ""),
     ("@", "", "@"), ("x#a", "", "x#a")],
)  # fmt: skip
def test_a_prefix_stands_for_a_status_before_a_channel_only(
    target: str, status: str, name: str
) -> None:
    assert speaking.split_status(target) == (status, name)


def test_only_tags_of_clients_with_a_name_go_on(ann: Client) -> None:
    tags = {"+typing": "active", "+a.org/x": "1", "label": "7", "+": "", "+a b": "", "+ü": ""}
    ctx = ann.command_context(Message("PRIVMSG", (), None, tags))
    assert speaking.client_tags(ctx) == {"+typing": "active", "+a.org/x": "1"}
    assert speaking.client_tags(ann.command_context(Message("PRIVMSG"))) == {}


@pytest.mark.parametrize(
    ("command", "tags", "is_signal"),
    [("TAGMSG", {"+typing": "active"}, True), ("TAGMSG", {}, True),
     ("TAGMSG", {"+typing": "active", "+react": "x"}, False), ("PRIVMSG", {}, False)],
)  # fmt: skip
def test_what_only_tells_of_typing_is_not_kept(
    command: str, tags: dict[str, str], is_signal: bool
) -> None:
    assert speaking.is_signal(command, tags) == is_signal


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=400))
def test_a_text_fits_exactly_if_each_of_its_lines_does(text: str) -> None:
    source, target = "n" * 32 + "!" + "u" * 10 + "@" + "h" * 26, "#" + "c" * 63
    lines = text.replace("\r", "\n").split("\n")
    longest = max(len(f":{source} PRIVMSG {target} :{line}\r\n".encode()) for line in lines)
    assert speaking.fits(source, "PRIVMSG", target, text) == (longest <= LINE_BYTES)


def test_what_others_could_not_be_shown_whole_is_refused(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    for target in ("#a", "bob"):
        assert said(ann, target, "x" * 500) is None
        assert [message.command for message in ann.take()] == ["417"]


def test_what_goes_to_some_is_in_no_history_that_all_may_read(ann: Client) -> None:
    for target, text, kept in (
        ("#a", "hello", True),
        ("@#a", "hello", False),
        ("#a", "\x01PING\x01", False),
    ):
        found = said(ann, target, text)
        assert found is not None
        assert isinstance(found.draft.record, Said)
        assert bool(found.draft.record.histories) == kept


def test_what_a_script_says_in_passing_is_marked_so(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +s")
    script = harness.connect_as("dot", "dot", "hubbub/quiet")
    found = said(script, "#a", "built")
    assert found is not None
    assert found.draft.body == Body("built", {QUIET_TAG: ""})
    ann.send("MODE #a +i")
    assert said(script, "#a", "built") is None
    assert [message.command for message in script.take()] == ["403"], "it is not even there"


def test_a_rate_of_speech_is_each_channels_own_and_bounded(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    ann.send("JOIN #b,#c")
    harness.policy = replace(POLICY, channels_per_user=2)
    for name in ("#a", "#b", "#c"):
        harness.world.channels[name].speech_rate = Rate(2, 60)
    ctx, channels = bob.command_context(Message("PRIVMSG")), harness.world.channels
    assert not speaking.is_rushed(ctx, channels["#a"], "one\ntwo")
    assert speaking.is_rushed(ctx, channels["#a"], "three")
    assert not speaking.is_rushed(ctx, channels["#b"], "one")
    assert not speaking.is_rushed(ctx, channels["#c"], "one")
    assert list(bob.session.spoken) == [channels[name].history for name in ("#b", "#c")]
    assert not speaking.is_rushed(ann.context(), channels["#a"], "1\n2\n3\n4")


def test_what_waits_for_an_account_is_bounded_and_a_notice_is_not_answered(
    harness: Harness, ann: Client
) -> None:
    harness.policy = replace(POLICY, waiting_from_guests=1)
    eve = harness.account("eve")
    found = said(ann, "eve", "hello")
    assert found is not None
    assert isinstance(found.draft.record, SaidInAbsence)
    assert found.draft.record.bound == 1
    eve.waiting.add(ann.user.presence)
    for command, answers in (("PRIVMSG", ["531"]), ("NOTICE", [])):
        assert said(ann, "eve", "more", command) is None
        assert [message.command for message in ann.take()] == answers


def test_what_a_program_asks_who_is_not_here_never_waits(harness: Harness, ann: Client) -> None:
    harness.account("eve")
    for command, answers in (("PRIVMSG", ["301 ann eve Not connected"]), ("NOTICE", [])):
        assert said(ann, "eve", "\x01PING\x01", command) is None
        assert shown(ann.take()) == answers


def test_who_wants_nothing_of_one_keeps_no_side_of_it(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    mine, theirs = (f"@{a.user.presence}/{b.user.presence}" for a, b in ((ann, bob), (bob, ann)))
    for line, histories in (("SILENCE -ann", (mine, theirs)), ("SILENCE +ann", (mine,))):
        bob.send(line)
        found = said(ann, "bob", "hello")
        assert found is not None
        assert isinstance(found.draft.record, Said)
        assert found.draft.record.histories == histories


def test_a_note_to_oneself_is_kept_once_and_waits_for_nobody(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "hubbub/quiet")
    found = said(ann, "ann", "milk")
    assert found is not None
    assert type(found.draft.record) is Said
    assert found.draft.record.histories == ("@a:ann/a:ann",)


@pytest.mark.parametrize(
    ("modes", "command", "text", "answer"),
    [("+C", "PRIVMSG", "\x01PING\x01", ["404"]), ("+C", "PRIVMSG", "\x01ACTION waves\x01", []),
     ("+T", "NOTICE", "hello", []), ("+m", "PRIVMSG", "hello", ["404"]),
     ("+m", "NOTICE", "hello", [])],
)  # fmt: skip
def test_a_mode_keeps_from_saying_what_it_is_for(
    harness: Harness, ann: Client, modes: str, command: str, text: str, answer: list[str]
) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    ann.send(f"MODE #a {modes}")
    bob.take()
    found = said(bob, "#a", text, command)
    assert (found is not None) == ("ACTION" in text)
    assert [message.command for message in bob.take()] == answer
    assert said(ann, "#a", text, command) is not None or modes == "+C", "who has a status may"


def test_what_is_said_to_nobody_is_answered_but_for_notices(ann: Client) -> None:
    for target in ("#none", "nobody"):
        assert said(ann, target, "hello") is None
        assert said(ann, target, "hello", "NOTICE") is None
    assert [message.command for message in ann.take()] == ["403", "401"]


def test_who_is_away_is_answered_for_a_message_only(harness: Harness, ann: Client) -> None:
    harness.connect("bob").send("AWAY :lunch")
    for command, answers in (("PRIVMSG", ["301 ann bob lunch"]), ("NOTICE", [])):
        assert said(ann, "bob", "hello", command) is not None
        assert shown(ann.take()) == answers
