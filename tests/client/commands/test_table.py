"""Tests of what a person types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubbub.client.commands.table import TABLE
from tests.client.desk import Desk
from tests.client.harness import line


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("hello", "PRIVMSG #c :hello"),
        ("//etc/motd", "PRIVMSG #c :/etc/motd"),
        ("/nick anna", "NICK anna"),
        ("/whois bob", "WHOIS bob"),
        ("/away lunch time", "AWAY :lunch time"),
        ("/away", "AWAY"),
        ("/list #t*", "LIST #t*"),
        ("/quote WHO #c", "WHO #c"),
        ("/w bob", "WHOIS bob"),
        ("/raw WHO #c :%a b", "WHO #c :%a b"),
        ("/list", "LIST"),
        ("/list team", "LIST #team"),
        ("/list *team", "LIST *team"),
        ("/list >10", "LIST >10"),
        ("/exit bye", ""),
    ],
)
def test_commands_send(typed: str, sent: str) -> None:
    lines, _ = Desk().type(typed)
    assert [text.rpartition("label=n1 ")[2] for text in lines] == ([sent] if sent else [])


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("/part team", "to leave #c for this reason: /part #c team"),
        ("/part bye all", "to leave #c for this reason: /part #c bye all"),
        ("/part #team", "you are not in #team"),
        ("/mode team", "modes of what?"),
        ("/mode team +i", "/mode #team +i"),
        ("/mode b", "/mode +b"),
        ("/invite #d dan", "usage: /invite NICK [CHANNEL]"),
        ("/msg #d hi there", ""),
        ("/msg bob,carl hi", "one is written to at a time"),
        ("/msg bob!u@h hi", "one is written to at a time"),
        ("/msg #d", "you are not in #d"),
        ("/notice bob,carl hi", "one is written to at a time"),
        ("/join #a b c", "usage: /join"),
        ("/join #a:b\u200b", "a channel's name is"),
        ("/join ,", "a channel's name is"),
        ("/history many", "usage: /history [COUNT]"),
        ("/history 0", "usage: /history [COUNT]"),
        ("/ignore -", "usage: /ignore"),
        ("/ignore - bob", "usage: /ignore"),
        ("/logout bob", "usage: /logout"),
        ("/clear all", "usage: /clear"),
        ("/devices x", "usage: /devices"),
        ("/password secret", "usage: /password"),
        ("/login ann secret", "usage: /login [ACCOUNT]"),
        ("/oper ann secret", "usage: /oper NAME"),
        ("/whois bob carl", "usage: /whois NICK"),
        ("/list a b", "usage: /list"),
        ("/nick a b", "usage: /nick NICK"),
        ("/names #c #d", "usage: /names"),
        ("/names c,d", "one at a time"),
        ("/help a b", "usage: /help"),
        ("/verify ann", "usage: /verify"),
        ("/token remove", "/token remove NAME"),
        ("/token list all", "usage: /token"),
        ("/key remove", "/key remove SHA256"),
        ("/cert frob", "usage: /cert"),
        ("/kick #c", "usage: /kick"),
    ],
)
def test_what_may_mean_something_else_is_refused(typed: str, advice: str) -> None:
    desk = Desk()
    sent, shown = desk.type(typed)
    if advice:
        assert sent == []
        assert any(advice in text for text in shown)
        assert "secret" not in "".join(shown)
    assert desk.console.view.current == "#c"
    assert desk.peer.session.state.rooms.get("#c") is not None


def test_every_command_refuses_more_than_it_takes() -> None:
    desk = Desk()
    for command in TABLE:
        for name in (command.name, *command.aliases):
            if command.most is not None:
                words = " ".join("xyz" for _ in range(command.most + 1))
                sent, shown = desk.type(f"/{name} {words}")
                assert (sent, shown) == ([], [f"usage: {command.form}"])
            for count in range(command.needs):
                sent, shown = desk.type(f"/{name} {' '.join('xyz' for _ in range(count))}")
                assert (sent, shown) == ([], [f"usage: {command.form}"])


def test_every_command_is_listed_on_one_screen_and_has_its_help() -> None:
    desk = Desk()
    _, shown = desk.type("/help")
    assert len(shown) <= 22
    assert all(len(text) <= 78 for text in shown)
    names = " ".join(shown).split()
    for command in TABLE:
        assert f"/{command.name}" in names
        for name in (command.name, *command.aliases):
            form, *rest = desk.type(f"/help {name}")[1]
            assert form == command.form
            assert rest[0].strip() == command.summary
            assert all(len(text) <= 78 for text in rest)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/nmaes", "did you mean /names? /help lists the commands"),
        ("/mute bob", "/ignore NICK for you; /help lists the commands"),
        ("/\x1b[2J", "there is no /␛[2J"),
        ("/join", "usage: /join CHANNEL"),
        ("/nick 9", "a nick has letters"),
        ("/part #nowhere", "you are not in #nowhere"),
        ("/topic", "there is no topic"),
        ("/set nothing 1", "there is no setting nothing"),
        ("/set bell loud", "bell is one of mention, all, off"),
        ("/raw :", "a line needs a command"),
        ("/search nowhere", "nothing found"),
    ],
)
def test_what_cannot_be_done_is_explained(typed: str, shown: str) -> None:
    sent, lines = Desk().type(typed)
    assert sent == []
    assert any(shown in text for text in lines)


def test_settings_and_ignored_take_effect_at_once() -> None:
    desk = Desk()
    desk.type("/set highlights lunch, cake")
    desk.type("/set times on")
    desk.type("/ignore troll")
    assert desk.console.preferences.highlights == ("lunch", "cake")
    assert desk.peer.session.state.wishes.highlights == ("lunch", "cake")
    assert desk.console.view.transcript.times
    desk.peer.receive(line(1, "x", "troll"), line(2, "cake!"))
    assert [text for _, text, _ in desk.peer.said()] == ["cake!"]
    desk.type("/ignore -troll")
    assert desk.console.preferences.ignored == ()


def test_the_password_of_an_operator_is_never_typed_in_the_open() -> None:
    desk = Desk()
    assert desk.type("/oper ann secret")[0] == []
    assert desk.peer.session.question is None
    desk.type("/oper ann")
    question = desk.peer.session.question
    assert question is not None
    assert (question.prompt, question.shown) == ("Password of ann: ", False)
    desk.peer.session.answer("sesame")
    assert desk.peer.sent() == ["OPER ann sesame"]


def test_quit_leaves_its_reason() -> None:
    desk = Desk()
    desk.type("/quit see you")
    assert desk.console.quitting == "see you"


def documented() -> list[str]:
    """Return every command of the client that a page tells people to type."""
    pages = sorted((Path(__file__).parents[3] / "docs").glob("**/*.md"))
    names = "|".join(re.escape(command.name) for command in TABLE)
    typed = re.compile(rf"`(/(?:{names})\b[^`]*)`")
    stand_in = {"COMMAND": "ban", "COUNT": "5", "NUMBER": "1"}
    found = {
        " ".join(stand_in.get(word, word) for word in text.split())
        for page in pages
        if page.parent.name != "reference"
        for text in typed.findall(page.read_text())
        if not text.startswith("/set irc.")  # WeeChat's.
    }
    return sorted(found)


def test_what_the_pages_tell_to_type_can_be_typed() -> None:
    assert "/key add SHA256:... ci post:#ci" in documented()
    for text in documented():
        # A word alone names a command, whatever it takes.
        if " " in text:
            _, shown = Desk().type(text)
            assert not [each for each in shown if "usage: " in each or "there is no /" in each], (
                text
            )
