"""PRIVMSG, NOTICE, TAGMSG."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.records.messages import Said
from tests.core.world_harness import POLICY, Client, Harness, shown

TAGS = ("message-tags", "echo-message")


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def bob(harness: Harness, ann: Client) -> Client:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    ann.take()
    return bob


def said(harness: Harness) -> list[Said]:
    """Return the messages that were kept."""
    return [record for record in harness.records(Said) if isinstance(record, Said)]


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
def test_to_a_channel(harness: Harness, ann: Client, bob: Client, command: str) -> None:
    assert ann.send(f"{command} #A :hello there") == []
    assert [message.format() for message in bob.take()] == [
        f":ann!ann@cloak.test {command} #a :hello there"
    ]
    [record] = said(harness)
    assert record.histories == (harness.world.channels["#a"].history,)


def test_to_a_user(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("PRIVMSG BOB :hello")
    assert shown(bob.take()) == ["PRIVMSG bob hello"]
    [record] = said(harness)
    assert record.histories == ("@g:1.1.1/g:1.1.2", "@g:1.1.2/g:1.1.1")


def test_to_several_each_once(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("PRIVMSG bob,#a,bob :hello")
    assert shown(bob.take()) == ["PRIVMSG bob hello", "PRIVMSG #a hello"]


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE", "@+x=1 TAGMSG", "@+typing=done TAGMSG"])
def test_to_one_that_is_named_in_several_ways(harness: Harness, command: str) -> None:
    ann, bob = harness.connect("ann", *TAGS), harness.connect_as("rob", "bob", *TAGS)
    ann.send("JOIN #a")
    bob.send("JOIN #a")
    ann.send("MODE #a +v rob")
    bob.take()
    text = "" if "TAGMSG" in command else " :hello"
    echoes = ann.send(f"{command} #a,#A,rob,ROB,bob,+#a,+#A,@#A{text}")
    heard = [m.params[0] for m in bob.take()]
    assert heard == ["#a", "rob", "+#a"], "who has a voice is no operator"
    assert "typing" in command or [m.params[0] for m in echoes] == [*heard, "@#a"]


def test_to_too_many() -> None:
    ann = Harness(replace(POLICY, targets=2)).connect("ann")
    assert [m.command for m in ann.send("PRIVMSG a,b,c :hello")] == ["407"]


def test_the_echo_is_what_others_see(harness: Harness, ann: Client) -> None:
    cy, dot = harness.connect("cy", *TAGS), harness.connect("dot", *TAGS)
    for client in (cy, dot):
        client.send("JOIN #a")
    cy.take(), dot.take()
    [echo] = cy.send("@+x=1;y=2 PRIVMSG #a :hello")
    assert dot.take() == [echo]
    assert echo.tags == {"msgid": f"id{len(harness.entries)}", "+x": "1"}


def test_a_message_to_oneself_is_delivered_and_echoed(harness: Harness, ann: Client) -> None:
    assert shown(ann.send("PRIVMSG ann :note to self")) == ["PRIVMSG ann note to self"]
    cy = harness.connect("cy", *TAGS)
    assert shown(cy.send("PRIVMSG cy :note")) == ["PRIVMSG cy note", "PRIVMSG cy note"]
    assert [record.histories for record in said(harness)] == [
        ("@g:1.1.1/g:1.1.1",),
        ("@g:1.1.2/g:1.1.2",),
    ]


def test_all_sessions_of_both_hear_it(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "echo-message")
    second = harness.attach(ann, "echo-message")
    bob = harness.connect_as("bob", "bob")
    other = harness.attach(bob)
    ann.send("PRIVMSG bob :hello")
    for client in (second, bob, other):
        assert shown(client.take()) == ["PRIVMSG bob hello"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("PRIVMSG", "411 bob No recipient given"),
        ("PRIVMSG :", "411 bob No recipient given"),
        ("PRIVMSG ann", "412 bob No text to send"),
        ("PRIVMSG ann :", "412 bob No text to send"),
        ("PRIVMSG nobody :hello", "401 bob nobody No such nick"),
        ("PRIVMSG #none :hello", "403 bob #none No such channel"),
    ],
)
def test_what_cannot_be_said(ann: Client, bob: Client, line: str, answer: str) -> None:
    assert shown(bob.send(line)) == [answer]
    assert bob.send(line.replace("PRIVMSG", "NOTICE", 1)) == []


@pytest.mark.parametrize("mode", ["+m", "+b bob"])
def test_voice_overrides(ann: Client, bob: Client, mode: str) -> None:
    ann.send(f"MODE #a {mode}")
    bob.take()
    assert shown(bob.send("PRIVMSG #a :hello")) == ["404 bob #a Cannot send to channel"]
    ann.send("MODE #a +v bob")
    bob.take()
    assert bob.send("PRIVMSG #a :hello") == []
    assert shown(ann.take())[-1] == "PRIVMSG #a hello"


def test_from_outside(harness: Harness, ann: Client) -> None:
    cy = harness.connect("cy")
    ann.take()
    assert shown(cy.send("PRIVMSG #a :hello")) == ["404 cy #a Cannot send to channel"]
    ann.send("MODE #a -n")
    ann.take()
    assert cy.send("PRIVMSG #a :hello") == []
    assert shown(ann.take()) == ["PRIVMSG #a hello"]
    dot = harness.connect("dot", "echo-message")
    assert shown(dot.send("PRIVMSG #a :hello")) == ["PRIVMSG #a hello"]
    assert shown(dot.send("NOTICE @#a :hello")) == ["NOTICE @#a hello"]
    ann.send("MODE #a +s")
    assert shown(cy.send("PRIVMSG #a :hello")) == ["403 cy #a No such channel"]


def test_to_those_with_a_status_only(harness: Harness, ann: Client, bob: Client) -> None:
    assert bob.send("PRIVMSG @#a :for operators") == []
    assert shown(ann.take()) == ["PRIVMSG @#a for operators"]
    ann.send("PRIVMSG +#a :for voices")
    assert bob.take() == []
    assert [record.histories for record in said(harness)] == [(), ()]


def test_what_is_too_long_for_others_is_refused(ann: Client, bob: Client) -> None:
    room = 512 - len(b":ann!ann@cloak.test PRIVMSG #a :\r\n")
    assert ann.send(f"PRIVMSG #a :{'x' * room}") == []
    assert len(bob.take()[0].encode()) == 512
    assert [message.command for message in ann.send(f"PRIVMSG #a :{'x' * (room + 1)}")] == ["417"]


def test_who_was_silenced_meanwhile_or_left_is_refused(
    harness: Harness, ann: Client, bob: Client
) -> None:
    harness.held = True
    bob.send("PRIVMSG #a :hello")
    bob.send("PRIVMSG #a :again")
    ann.send("MODE #a +m")
    harness.commit(bob.session.id)
    harness.commit(ann.session.id)
    harness.commit_all()
    assert shown(ann.take()) == ["PRIVMSG #a hello", "MODE #a +m"]
    assert shown(bob.take()) == ["MODE #a +m", "404 bob #a Cannot send to channel"]


def test_a_notice_that_comes_too_late_is_not_answered(
    harness: Harness, ann: Client, bob: Client
) -> None:
    harness.held = True
    bob.send("NOTICE #a :hello")
    ann.send("KICK #a bob")
    harness.commit(ann.session.id)
    ann.take(), bob.take()
    harness.commit_all()
    assert ann.take() == bob.take() == []
    assert harness.entries[-1].seq in harness.refused


def test_a_message_finds_the_other_sessions_of_who_was_meant(harness: Harness) -> None:
    ann = harness.connect("ann")
    bob = harness.connect_as("bob", "bob")
    other = harness.attach(bob)
    harness.held = True
    ann.send("PRIVMSG bob :hello")
    harness.disconnect(bob)
    harness.commit(bob.session.id)
    harness.commit_all()
    assert shown(other.take()) == ["PRIVMSG bob hello"]
    assert ann.take() == []


def test_a_message_does_not_reach_who_took_the_nick(harness: Harness) -> None:
    ann, bob, cy = harness.connect("ann"), harness.connect("bob"), harness.connect("cy")
    harness.held = True
    ann.send("PRIVMSG bob :for bob")
    harness.disconnect(bob)
    harness.commit(bob.session.id)
    cy.send("NICK bob")
    harness.commit(cy.session.id)
    harness.commit_all()
    assert shown(cy.take()) == ["NICK bob"]
    assert shown(ann.take()) == ["401 ann bob No such nick"]


def test_messages_may_be_pipelined_other_commands_wait(
    harness: Harness, ann: Client, bob: Client
) -> None:
    harness.held = True
    ann.send("PRIVMSG #a :one")
    ann.send("PRIVMSG #a :two")
    assert ann.send("PING x") == []
    harness.commit_all()
    assert shown(ann.take()) == ["PONG hub.test x"]
    assert shown(bob.take()) == ["PRIVMSG #a one", "PRIVMSG #a two"]


def test_a_message_to_a_channel_that_has_begun_anew_is_refused(
    harness: Harness, ann: Client
) -> None:
    cy = harness.connect("cy")
    ann.send("MODE #a -n")
    harness.held = True
    cy.send("PRIVMSG #a :hello")
    ann.send("PART #a")
    harness.commit(ann.session.id)
    ann.send("JOIN #a")
    harness.commit(ann.session.id)
    harness.commit_all()
    assert shown(cy.take()) == ["403 cy #a No such channel"]


def test_tags_alone(harness: Harness, ann: Client) -> None:
    cy, dot = harness.connect("cy", *TAGS), harness.connect("dot", "message-tags")
    for client in (cy, dot):
        client.send("JOIN #a")
    ann.take(), dot.take()
    cy.take()
    [echo] = cy.send("@+react=x TAGMSG #a")
    assert dot.take() == [echo]
    assert ann.take() == []
    assert [record.command for record in said(harness)] == ["TAGMSG"]


def test_typing_is_passed_on_and_not_kept(harness: Harness, ann: Client) -> None:
    cy, dot = harness.connect("cy", "message-tags"), harness.connect("dot", "message-tags")
    for client in (cy, dot):
        client.send("JOIN #a")
    dot.take()
    cy.send("@+typing=active TAGMSG #a")
    [typing] = dot.take()
    assert (typing.command, dict(typing.tags)) == ("TAGMSG", {"+typing": "active"})
    assert said(harness) == []


def test_tags_need_the_capability(ann: Client) -> None:
    assert shown(ann.send("TAGMSG #a"))[-1] == "421 ann TAGMSG Unknown command"


@pytest.mark.parametrize(
    ("target", "heard_by"),
    [("#A", "#a"), ("@#a", "@#a"), ("DOT", "dot")],
)
def test_typing_is_told_to_those_who_would_hear_the_message(
    harness: Harness, ann: Client, target: str, heard_by: str
) -> None:
    cy, dot = harness.connect("cy", "message-tags"), harness.connect("dot", "message-tags")
    for client in (cy, dot):
        client.send("JOIN #a")
    ann.send("MODE #a +o dot")
    cy.take(), dot.take()
    assert cy.send(f"@+typing=done TAGMSG {target}") == []
    assert shown(dot.take()) == [f"TAGMSG {heard_by}"]
    dot.send("SILENCE +cy")
    dot.take()
    cy.send(f"@+typing=done TAGMSG {target}")
    assert shown(dot.take()) == ([] if heard_by == "dot" else [f"TAGMSG {heard_by}"])


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("nobody", "401 cy nobody No such nick"),
        ("#none", "403 cy #none No such channel"),
        ("+#none", "403 cy +#none No such channel"),
        ("#a", "404 cy #a Cannot send to channel"),
        (":#a b", "403 cy * No such channel"),
    ],
)
def test_typing_where_one_may_not_speak(
    harness: Harness, ann: Client, target: str, answer: str
) -> None:
    cy = harness.connect("cy", "message-tags")
    assert shown(cy.send(f"@+typing=active TAGMSG {target}")) == [answer]
    assert shown(cy.send(f"@+react=x TAGMSG {target}")) == [answer]


def test_a_tag_whose_name_is_none_goes_no_further(harness: Harness, ann: Client) -> None:
    cy = harness.connect("cy", *TAGS)
    cy.send("JOIN #a")
    [echo] = cy.send("@+ok=1;+also.ok/x-1=2;+;+not/ok/=3;+\u202e=4;+a_b=5 PRIVMSG #a :hello")
    assert {name for name in echo.tags if name[0] == "+"} == {"+ok", "+also.ok/x-1"}


def test_a_tagmsg_without_tags_for_others_is_no_message(harness: Harness) -> None:
    ann, bob = harness.connect("ann", "message-tags"), harness.connect("bob", "message-tags")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.take(), bob.take()
    for target in ("#a", "bob"):
        assert ann.send(f"@label=1 TAGMSG {target}") == []
    assert bob.take() == []
