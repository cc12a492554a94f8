"""The chat screen on real pseudo-terminals: all of it the same in `hubbub chat` and through ssh."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.terminal.screen import Screen, profile
from tests.terminal.tmux import Tmux, needs_tmux

CHANNEL = "#room"
Open = Callable[..., Screen]
FLOOD = 1500
MOST = 150


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("screen") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


@pytest.fixture(params=["chat", pytest.param("ssh", marks=ssh.NEEDED)])
def enter(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Open:
    """Return what opens a screen through each door in turn, and goes to the channel."""

    def enter_by_chat(nick: str, columns: int = 80, rows: int = 24) -> Screen:
        url = f"ircs://127.0.0.1:{server.ports['tls']}/{CHANNEL}"
        return Screen(tmp_path / nick, url, "--nick", nick, columns=columns, rows=rows)

    def enter_by_ssh(nick: str, columns: int = 80, rows: int = 24) -> Screen:
        screen = SSHScreen(server.ports["ssh"], user=nick, columns=columns, rows=rows)
        screen.wait_for("you are in #lobby")
        screen.enter(f"/join {CHANNEL}")
        return screen

    def enter(nick: str, **size: int) -> Screen:
        screen = (
            enter_by_chat(nick, **size) if request.param == "chat" else enter_by_ssh(nick, **size)
        )
        screen.wait_for(f" {CHANNEL} (", nick, end=f"{CHANNEL}>")
        return screen

    return enter


@pytest.fixture
def friend(server: Server, numbers: Iterator[int]) -> Iterator[Client]:
    with Client(server.ports["plain"]) as client:
        yield client.register(f"friend{next(numbers)}", "echo-message").join(CHANNEL)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Count, so that no nick waits for somebody who is just leaving."""
    return count()


def type_while_messages_come(screen: Screen, friend: Client, keys: str) -> int:
    """Press a key for every piece of what is shown of a flood; return how many there were."""
    start, pressed = len(screen.raw), 0
    friend.send(*(f"PRIVMSG {CHANNEL} :flood {each}" for each in range(FLOOD)))
    while f"flood {FLOOD - 1}" not in screen.raw[start:]:
        screen.read()
        if pressed < MOST:
            screen.type(keys[pressed % len(keys)])
            pressed += 1
    return pressed


def test_no_key_is_shown_among_messages_that_come(enter: Open, friend: Client) -> None:
    with enter("keys", columns=200) as screen:
        pressed = type_while_messages_come(screen, friend, "Ж")
        screen.wait_for(end=f"{CHANNEL}> {'Ж' * pressed}")
        conversation = [*screen.scrollback, *screen.lines[:-1]]
        assert "Ж" not in "".join(conversation)


def test_no_key_of_a_password_is_ever_shown(enter: Open, friend: Client) -> None:
    with enter("secret", columns=200) as screen:
        screen.enter("/oper nobody")
        screen.wait_for(end="Password of nobody:")
        pressed = type_while_messages_come(screen, friend, "ЖЩЮ")
        screen.wait_for(end=f"Password of nobody: {'*' * pressed}")
        screen.enter("")
        screen.wait_for("the password is wrong", end=f"{CHANNEL}>")
        screen.type("\x1b[A!")
        screen.wait_for(end="!")
        assert not set("ЖЩЮ") & set(screen.raw)


def test_a_paste_asks_whatever_was_done_before(enter: Open, friend: Client) -> None:
    with enter("paster") as screen:
        for before, shown in (
            ("/clear\r", ""),
            ("\x0c", ""),
            ("/set colours off\r", "colours = off"),
            ("/oper x\r", "assword"),
            ("/set colours on\r", "colours = on"),
        ):
            screen.enter("/nonsense")
            screen.wait_for("there is no /nonsense", end=f"{CHANNEL}>")
            screen.raw = ""
            screen.type(before)
            if shown:
                screen.wait_for(shown)
            while not shown and "nonsense" in screen.text:
                screen.read()
            if "assword" in shown:
                screen.type("\r")
                screen.wait_for("", end=f"{CHANNEL}>")
            # Not even for a moment would a paste have been taken for keys.
            assert "\x1b[?2004l" not in screen.raw or before.startswith("/set")
            screen.paste("one\rtwo\r")
            screen.enter("")
            screen.wait_for("Say these 2 lines as one message? [y/n]")
            screen.enter("n")
            screen.wait_for("> one", end="two")
            screen.type("\x03")
        screen.enter("end")
        said = friend.until(
            lambda message: message.nick == "paster" and message.command == "PRIVMSG"
        )
        assert said.params[1] == "end"


def test_a_large_paste_is_said_in_as_many_messages_as_was_asked_and_not_cut_unnoticed(
    enter: Open,
) -> None:
    with enter("large", columns=200) as screen:
        screen.paste("\r".join(f"line {number}" for number in range(100)))
        screen.enter("")
        screen.wait_for("Say these 100 lines as 4 messages? [y/n]")
        screen.enter("y")
        screen.wait_for("line 99", end=f"{CHANNEL}>")
        shown = "\n".join([*screen.scrollback, *screen.lines])
        assert shown.count("large> line") == 4
        screen.paste("x" * 9000)
        screen.wait_for("there is no room for more")
        screen.enter("")
        screen.wait_for("Say this, without the end of the paste, for which there was no room?")


def test_who_is_thrown_out_while_typing_says_it_nowhere_else(
    enter: Open, friend: Client, numbers: Iterator[int]
) -> None:
    room = f"#own{next(numbers)}"
    friend.join(room)
    with enter("typist") as screen:
        screen.enter(f"/join {room}")
        screen.wait_for(f"you are in {room}", end=f"{room}>")
        screen.type("for them only")
        screen.wait_for(end="for them only")
        friend.send(f"PRIVMSG {CHANNEL} :news", f"KICK {room} typist")
        screen.wait_for(" kicked you\n", " no channel ", end="\n> for them only")
        screen.enter("")
        screen.wait_for("you are in no channel now, and this stays here", end="> for them only")
        screen.type("\x1ba")
        screen.wait_for(f"──── {CHANNEL} ────", end=f"{CHANNEL}> for them only")


def test_a_paste_without_an_end_takes_keys_for_a_moment_only(enter: Open, friend: Client) -> None:
    with enter("cut") as screen:
        screen.type("\x1b[200~left open\r")
        screen.wait_for("a paste did not end", end=f"{CHANNEL}> left open")
        screen.enter("")
        screen.wait_for(end="Say this? [y/n]")
        screen.enter("n")
        screen.wait_for(end=f"{CHANNEL}> left open")
        screen.type(" no more\x1b[201~")
        screen.enter("")
        screen.wait_for(end="Say this? [y/n]")
        screen.enter("y")
        said = friend.until(lambda message: message.nick == "cut" and message.command == "PRIVMSG")
        assert said.params[1] == "left open no more"


@pytest.mark.parametrize("sent", ["\x1b]0;title", "\x1bP1$r", "\x1b_G", "\x1b[1;", "\0"])
def test_a_sequence_without_an_end_takes_no_keys(enter: Open, sent: str) -> None:
    with enter("seq") as screen:
        screen.type(f"{sent}")
        screen.enter("")
        screen.enter("/nonsense")
        screen.wait_for("there is no /nonsense", end=f"{CHANNEL}>")


def test_what_is_shown_of_a_paste_is_what_is_sent(enter: Open, friend: Client) -> None:
    with enter("nul") as screen:
        screen.paste("a\0b\x1bc\x7f")
        screen.wait_for(end=f"{CHANNEL}> ab␛c␡")
        screen.enter("")
        said = friend.until(lambda message: message.nick == "nul" and message.command == "PRIVMSG")
        assert said.params[1] == "ab\x1bc\x7f"


def test_what_people_see_as_one_character_is_edited_as_one(enter: Open, friend: Client) -> None:
    # What was said tells it: the terminal of the tests draws a flag as two characters.
    with enter("flags") as screen:
        screen.enter("x🇩🇪👍🏽👩‍👩‍👧ẹ́\x7f\x7f\x7f")
        screen.enter("x🇩🇪\x7f!")
        for text in ("x🇩🇪", "x!"):
            said = friend.until(lambda m: m.nick == "flags" and m.command == "PRIVMSG")
            assert said.params[1] == text


def test_the_status_line_tells_who_is_away_and_is_never_cut(enter: Open) -> None:
    with enter("absent", columns=36) as screen:
        screen.wait_for("│ absent │ connected")
        screen.enter("/away lunch")
        screen.wait_for("│ absent │ away")
        assert not any("conne" in line for line in screen.lines[-2:])
        screen.enter("/away")
        screen.wait_for("│ absent │ connected")


def test_simple_mode_begins_and_ends_at_once(enter: Open, friend: Client) -> None:
    with enter("simple") as screen:
        screen.enter("/set plain on")
        screen.wait_for("simple mode")
        screen.raw = ""
        friend.send(f"PRIVMSG {CHANNEL} :news")
        screen.wait_for("> news")
        screen.enter("/oper nobody")
        screen.wait_for("Password of nobody:")
        screen.enter("sesame")
        screen.wait_for("the password is wrong")
        assert "\x1b" not in screen.raw
        assert "sesame" not in screen.raw
        screen.enter("/set plain off")
        screen.wait_for("connected", end=f"{CHANNEL}>")


LONG = "we talked about everything that anybody here could possibly want to know of resizing"


@needs_tmux
@pytest.mark.parametrize("door", ["chat", pytest.param("ssh", marks=ssh.NEEDED)])
def test_a_narrower_terminal_breaks_what_it_shows_between_words(
    server: Server, friend: Client, tmp_path: Path, door: str
) -> None:
    chat = f"ircs://127.0.0.1:{server.ports['tls']}/{CHANNEL}"
    command = {
        "chat": [sys.executable, "-m", "hubbub", "chat", chat, "--nick", "narrow"],
        "ssh": ssh.command(server.ports["ssh"], user="narrow"),
    }[door]
    with Tmux(tmp_path, *command, variables=profile(tmp_path)) as screen:
        screen.wait_until(lambda lines: "│ narrow │ connected" in "".join(lines[-2:]))
        screen.enter(f"/join {CHANNEL}")
        screen.wait_until(lambda lines: lines[-1] == f"{CHANNEL}>")
        friend.send(f"PRIVMSG {CHANNEL} :{LONG}")
        screen.wait_until(lambda lines: "resizing" in "".join(lines))
        screen.type(f"{LONG}!")
        screen.wait_until(lambda lines: lines[-1].endswith("resizing!"))
        screen.resize(40, 24)
        words = {*LONG.split(), "resizing!"}
        lines = screen.wait_until(
            lambda lines: len(lines) > 8 and words <= set(" ".join(lines[-9:]).split())
        )
        assert all(len(line) <= 40 for line in lines)
        # What stood there is in the scrollback, as the terminal broke it.
        screen.resize(80, 24)
        screen.type("?")
        lines = screen.wait_until(lambda lines: lines[-1].endswith("resizing!?"))
        assert sum(f" {CHANNEL} (" in line for line in lines) == 1


def test_a_renamed_channel_stays_on_the_screen_with_what_is_typed(
    enter: Open, friend: Client, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    old, new = f"#old{number}", f"#new{number}"
    friend.join(old)
    with enter("stayer") as screen:
        screen.enter(f"/join {old}")
        screen.wait_for(f"you are in {old}", end=f"{old}>")
        screen.type("half")
        friend.send(f"RENAME {old} {new} :better")
        screen.wait_for(f"~ {old} is now {new} (better)", end=f"{new}> half")
        screen.enter(" a line")
        friend.until("PRIVMSG")
        screen.wait_for("> half a line", end=f"{new}>")
