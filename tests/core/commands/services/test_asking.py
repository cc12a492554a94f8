"""NickServ and ChanServ: the same commands, in other words, and nothing said to them is kept."""

from __future__ import annotations

import pytest

from hubbub.core import dispatch
from hubbub.core.records.messages import Said
from hubbub.core.world.service_nicks import SERVICES
from hubbub.irc.message import Message
from tests.core.world_harness import Client, Harness, shown

SOURCE = "NickServ!NickServ@hub.test"


def said(messages: list[Message]) -> list[str]:
    """Return what a service said, without its name and the nick of who asked."""
    return [message.params[1] for message in messages if message.command == "NOTICE"]


def ask(client: Client, text: str, service: str = "NickServ") -> list[str]:
    return said(client.send(f"PRIVMSG {service} :{text}"))


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return somebody who is logged in as Ann, and is operator of #a."""
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def operator(harness: Harness) -> Client:
    operator = harness.connect("oper")
    operator.send("OPER root secret")
    operator.take()
    return operator


# What is said to a service


@pytest.mark.parametrize("line", ["PRIVMSG NickServ :{}", "NS {}", "NICKSERV :{}", "ns :{}"])
def test_there_are_many_ways_to_speak_to_a_service(harness: Harness, line: str) -> None:
    harness.account("bob")
    guest = harness.connect("guest")
    told = guest.send(line.format("identify bob secret"))
    assert said(told) == ["You are now logged in as bob"]
    assert guest.user.account == "bob"


def test_nothing_that_is_said_to_a_service_is_kept_or_shown(harness: Harness, ann: Client) -> None:
    caps = ("echo-message", "message-tags", "labeled-response", "batch")
    talker = harness.attach(ann, *caps)
    before = len(harness.entries)
    told = talker.send("@label=x PRIVMSG NickServ :CERT LIST SECRET-WORD")
    assert ann.take() == []
    assert all("SECRET-WORD" not in param for message in told for param in message.params)
    assert len(harness.entries) == before
    talker.send("PRIVMSG NickServ :PASSWD secret another-password")
    assert not any(isinstance(entry.record, Said) for entry in harness.entries)
    assert ann.take() == []
    bodies = [entry.body.text for entry in harness.entries[before:] if entry.body is not None]
    assert bodies == ["hash:another-password"]


def test_a_notice_a_ctcp_and_typing_are_not_answered(harness: Harness, ann: Client) -> None:
    tagged = harness.attach(ann, "message-tags")
    for line in (
        "NOTICE NickServ :IDENTIFY x",
        "PRIVMSG NickServ :\x01VERSION\x01",
        "@+typing=active TAGMSG NickServ",
        "@+draft/react=x TAGMSG ChanServ",
    ):
        assert tagged.send(line) == []


def test_a_service_is_spoken_to_alone(harness: Harness, ann: Client) -> None:
    before = len(harness.entries)
    assert shown(ann.send("PRIVMSG #a,NickServ :IDENTIFY secret")) == [
        "407 ann #a,NickServ Too many targets"
    ]
    assert len(harness.entries) == before


def test_a_service_takes_no_batches(harness: Harness, ann: Client) -> None:
    writer = harness.attach(ann, "batch", "draft/multiline", "message-tags")
    [told] = shown(writer.send("BATCH +1 draft/multiline NickServ"))
    assert told.startswith("FAIL BATCH MULTILINE_INVALID")


def test_who_is_not_registered_cannot_speak_to_a_service(harness: Harness) -> None:
    stranger = harness.open()
    for line in ("PRIVMSG NickServ :HELP", "NS HELP"):
        assert [message.command for message in stranger.send(line)] == ["451"]


def test_what_a_service_is_asked_waits_its_turn(harness: Harness) -> None:
    bob = harness.connect("bob")
    harness.held = True
    bob.send("PRIVMSG NickServ :REGISTER correct-horse")
    bob.send("PRIVMSG NickServ :TOKEN ADD phone")
    harness.held = False
    harness.settle()
    bob.work()
    first, token, _ = said(bob.take())
    assert first == "bob: Account registered"
    assert token.startswith("phone: hub_")


def test_a_password_may_hold_blanks(harness: Harness) -> None:
    bob = harness.connect("bob")
    ask(bob, "REGISTER :correct horse")
    guest = harness.connect("other")
    assert ask(guest, "IDENTIFY bob :correct horse") == ["You are now logged in as bob"]


# What goes wrong


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("INDENTIFY secret", "That is no command of mine; did you mean IDENTIFY? "),
        ("hunter2hunter2", "That is no command of mine; /msg NickServ HELP lists them"),
        ("IDENTIFY", "This needs more: IDENTIFY [account] password"),
        ("REGISTER", "This needs more: REGISTER password [email] [invite-code]"),
        ("IDENTIFY Ann wrong", "Wrong account name or password"),
        ("IDENTIFY nobody wrong", "Wrong account name or password"),
        ("TOKEN LIST", "Log in first"),
        ("SET EMAIL a b", "That is a word of its own: EMAIL SET"),
        ("LIST", "This takes a server operator with the privilege accounts"),
        ("SAREGISTER x secret-word", "This takes a server operator"),
        ("GHOST nobody", "Nobody is here under this nick"),
        ("GHOST ann", "Log in first"),
        ("INFO nobody", "There is no such account"),
        ("REGISTER short", "A password has at least 8 letters"),
    ],
)
def test_a_guest_gets_a_helpful_answer(
    harness: Harness, ann: Client, asked: str, answer: str
) -> None:
    guest = harness.connect("guest")
    [told] = ask(guest, asked)
    assert told.startswith(answer)


# Help, and how services look to others


def test_help_lists_what_can_be_asked_and_explains_it(harness: Harness, operator: Client) -> None:
    guest = harness.connect("guest")
    for service, words in dispatch.SERVICES.words.items():
        lines = ask(guest, "HELP", service)
        listed = [line.split()[0] for line in lines[1:]]
        assert listed == [name for name, word in words.items() if not word.command.privilege]
        assert said(guest.send(service)) == lines
        assert len(ask(operator, "HELP", service)) == len(words) + 1
        for name, word in words.items():
            assert ask(guest, f"help {name}", service) == [word.usage, f"To {word.purpose}."]
    assert ask(guest, "HELP GHSOT")[0].startswith("That is no command of mine; did you mean GHOST")


def test_what_is_said_to_a_service_without_a_text_or_as_a_notice_is_no_message(
    harness: Harness, ann: Client
) -> None:
    before = len(harness.entries)
    assert shown(ann.send("PRIVMSG NickServ")) == ["412 ann No text to send"]
    assert shown(ann.send("PRIVMSG NickServ :")) == ["412 ann No text to send"]
    assert ann.send("NOTICE NickServ :HELP") == []
    assert ann.send("NOTICE NickServ") == []
    assert ann.send("@+typing=active TAGMSG NickServ") == []
    assert len(harness.entries) == before


def test_services_look_present(harness: Harness) -> None:
    bob = harness.connect("bob")
    assert shown(bob.send("WHOIS nickserv")) == [
        "311 bob NickServ NickServ hub.test * Accounts and what proves them",
        "312 bob NickServ hub.test test server",
        "320 bob NickServ is a service of this network",
        "318 bob nickserv End of WHOIS list",
    ]
    assert shown(bob.send("ISON nickserv nobody bob")) == ["303 bob NickServ bob"]
    assert shown(bob.send("USERHOST chanserv")) == ["302 bob ChanServ=+ChanServ@hub.test"]
    assert shown(bob.send("MONITOR + ChanServ,nobody")) == [
        "730 bob ChanServ!ChanServ@hub.test",
        "731 bob nobody",
    ]


@pytest.mark.parametrize("nick", SERVICES)
def test_nobody_takes_the_nick_of_a_service(harness: Harness, nick: str) -> None:
    bob = harness.connect("bob")
    assert [message.command for message in bob.send(f"NICK {nick.lower()}")] == ["432"]
