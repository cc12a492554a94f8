"""REDACT: who may take back what, who is told, and what is erased."""

from __future__ import annotations

from dataclasses import replace

from tests.core.world_harness import POLICY, Client, Harness, shown

CAPS = ("message-tags", "echo-message", "draft/message-redaction")


def said(client: Client, line: str) -> str:
    """Say something and return its msgid."""
    return client.send(line)[-1].tags["msgid"]


def in_channel(harness: Harness, *nicks: str) -> list[Client]:
    """Return clients in a channel, the first of which is its operator."""
    clients = [harness.connect(nick, *CAPS) for nick in nicks]
    for client in clients:
        client.send("JOIN #a")
    for client in clients:
        client.take()
    return clients


def test_one_may_take_back_what_one_said(harness: Harness) -> None:
    _, bob, carl = in_channel(harness, "ann", "bob", "carl")
    msgid = said(bob, "PRIVMSG #a :whoops")
    carl.take()
    assert shown(bob.send(f"REDACT #A {msgid}")) == [f"REDACT #a {msgid}"]
    [told] = carl.take()
    assert told.source == bob.user.source
    assert harness.erased == {harness.entries[-2].seq}
    assert shown(bob.send(f"REDACT #a {msgid}")) == [
        f"FAIL REDACT UNKNOWN_MSGID #a {msgid} This message does not exist or is too old"
    ]


def test_a_channels_operator_may_take_back_anything_there_and_give_a_reason(
    harness: Harness,
) -> None:
    ann, bob, _ = in_channel(harness, "ann", "bob", "carl")
    msgid = said(bob, "@+draft/react=x TAGMSG #a")
    bob.take()
    ann.take()
    assert shown(ann.send(f"REDACT #a {msgid} :too much")) == [f"REDACT #a {msgid} too much"]
    assert shown(bob.take()) == [f"REDACT #a {msgid} too much"]


def test_others_may_not(harness: Harness) -> None:
    ann, bob = in_channel(harness, "ann", "bob")
    msgid = said(ann, "PRIVMSG #a :mine")
    bob.take()
    text = "You are not authorised to delete this message"
    assert shown(bob.send(f"REDACT #a {msgid}")) == [
        f"FAIL REDACT REDACT_FORBIDDEN #a {msgid} {text}"
    ]
    assert ann.take() == []
    assert harness.erased == set()


def test_those_outside_learn_nothing(harness: Harness) -> None:
    (ann,) = in_channel(harness, "ann")
    msgid = said(ann, "PRIVMSG #a :mine")
    eve = harness.connect("eve", *CAPS)
    for target in ("#a", "#none"):
        assert shown(eve.send(f"REDACT {target} {msgid}")) == [
            f"FAIL REDACT INVALID_TARGET {target} You cannot delete messages from {target}"
        ]
    eve.send("JOIN #eve")
    for target in ("#eve", "ann", "nobody"):
        [answer] = eve.send(f"REDACT {target} {msgid}")
        assert answer.params[:4] == ("REDACT", "UNKNOWN_MSGID", target, msgid)


def test_a_server_operator_may_from_outside(harness: Harness) -> None:
    (ann,) = in_channel(harness, "ann")
    msgid = said(ann, "PRIVMSG #a :mine")
    oper = harness.connect("oper", *CAPS)
    oper.send("OPER root secret")
    assert shown(oper.send(f"REDACT #a {msgid}")) == [f"REDACT #a {msgid}"]
    assert shown(ann.take()) == [f"REDACT #a {msgid}"]


def test_a_direct_message_is_its_senders_to_take_back(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob", *CAPS)
    msgid = said(ann, "PRIVMSG bob :psst")
    [heard] = bob.take()
    assert heard.tags["msgid"] == msgid
    [answer] = bob.send(f"REDACT ann {msgid}")
    assert answer.params[1] == "REDACT_FORBIDDEN"
    bob.send("NICK robert")
    assert shown(ann.send(f"REDACT robert {msgid}")) == [f"REDACT robert {msgid}"]
    assert shown(bob.take()) == [f"REDACT robert {msgid}"]


def test_whoever_takes_the_nick_afterwards_is_told_nothing(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob", *CAPS)
    msgid = said(ann, "PRIVMSG bob :psst")
    harness.disconnect(bob)
    stranger = harness.connect("bob", *CAPS)
    [answer] = ann.send(f"REDACT bob {msgid}")
    assert answer.params[1] == "UNKNOWN_MSGID"
    assert stranger.take() == []


def test_an_account_takes_back_from_another_session(harness: Harness) -> None:
    ann = harness.connect_as("ann", "Ann", *CAPS)
    ann.send("JOIN #a")
    msgid = said(ann, "PRIVMSG #a :mine")
    harness.connect("keeper").send("JOIN #a")
    harness.disconnect(ann)
    again = harness.connect_as("other", "ann", *CAPS)
    again.send("JOIN #a")
    assert shown(again.send(f"REDACT #a {msgid}")) == [f"REDACT #a {msgid}"]


def test_the_window_binds_all_but_who_moderates(harness: Harness) -> None:
    harness.policy = replace(POLICY, redact_seconds=60)
    ann, bob = in_channel(harness, "ann", "bob")
    msgid = said(bob, "PRIVMSG #a :mine")
    harness.time += 61_000_000
    ann.take()
    [answer] = bob.send(f"REDACT #a {msgid}")
    assert answer.params[:5] == ("REDACT", "REDACT_WINDOW_EXPIRED", "#a", msgid, "60")
    assert shown(ann.send(f"REDACT #a {msgid}")) == [f"REDACT #a {msgid}"]


def test_who_loses_the_rank_meanwhile_is_refused(harness: Harness) -> None:
    ann, bob = in_channel(harness, "ann", "bob")
    msgid = said(bob, "PRIVMSG #a :mine")
    ann.send("MODE #a +o bob")
    bob.take()
    harness.held = True
    bob.send("MODE #a -o ann")
    ann.send(f"REDACT #a {msgid}")
    for client in (bob, ann):
        harness.commit(client.session.id)
    assert [message.command for message in ann.take()][-1] == "482"
    assert harness.erased == set()


def test_it_is_for_those_with_the_capability(harness: Harness) -> None:
    ann, _ = in_channel(harness, "ann", "bob")
    plain = harness.connect("plain", "message-tags")
    plain.send("JOIN #a")
    ann.take()
    msgid = said(ann, "PRIVMSG #a :mine")
    plain.take()
    ann.send(f"REDACT #a {msgid}")
    assert plain.take() == []
    assert shown(plain.send("REDACT #a x")) == ["421 plain REDACT Unknown command"]


def test_what_one_may_not_read_is_not_there_to_be_taken_back(harness: Harness) -> None:
    ann, bob = in_channel(harness, "ann", "bob")
    ann.send("MODE #a +i")
    msgid = said(ann, "PRIVMSG #a :before bob was operator")
    ann.send("INVITE cy #a")
    cy = harness.connect("cy", *CAPS)
    for client, line in ((ann, "INVITE cy #a"), (cy, "JOIN #a"), (ann, "MODE #a +h cy")):
        client.send(line)
    assert "UNKNOWN_MSGID" in shown(cy.send(f"REDACT #a {msgid}"))[-1]
    assert not harness.erased
    ann.send("MODE #a +h bob")
    bob.take()
    assert shown(bob.send(f"REDACT #a {msgid}"))[-1].startswith("REDACT #a")
