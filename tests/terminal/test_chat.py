"""The client on a terminal: what is on the screen."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from hubbub.client.errors import UsageError
from hubbub.client.network import address as addresses
from hubbub.terminal import chat
from hubbub.terminal.tokens import KeptToken, Tokens
from hubbub.ui.exit_code import ExitCode

from . import servers
from .screen import Screen, profile
from .servers import Running
from .tmux import Tmux, needs_tmux
from .witness import Witness


@pytest.mark.parametrize("door", ["tls", "plain"])
def test_two_people_talk(server: Running, tmp_path: Path, door: str) -> None:
    url = f"{getattr(server, door)}/#talk{door}"
    with Screen(tmp_path / "ann", url, "--nick", "ann") as ann:
        ann.wait_for(f"you are in #talk{door}")
        bob = Screen(tmp_path / "bob", url, "--nick", "bob")
        bob.wait_for(f"you are in #talk{door}", "(2)")
        ann.wait_for("(2)")
        ann.type("not sent yet")
        ann.wait_for("> not sent yet")
        bob.enter("Grüße 日本語 👍")
        bob.wait_for("<bob> Grüße 日本語 👍")
        ann.wait_for("<bob> Grüße 日本語 👍", end="> not sent yet")
        ann.type("\x15")
        ann.enter("/me waves")
        bob.wait_for("ann waves")
        ann.enter("/quit")
        assert ann.wait_for_end() == 0
        bob.wait_for("ann quit")
        bob.process.close(force=True)


def test_what_others_send_cannot_touch_the_terminal(server: Running, tmp_path: Path) -> None:
    url = f"{server.tls}/#safe"
    with Screen(tmp_path, url, "--nick", "ann") as ann, Witness(server.plain, "#safe") as witness:
        ann.wait_for("you are in #safe", "(2)")
        witness.send("PRIVMSG #safe :\x1b]0;owned\x07\x1b[2J \u202eabc \u009b31m\x02 end")
        ann.wait_for("␛]0;owned␇␛[2J <U+202E>abc <U+009B>31m end")
        assert "\x1b]0;owned" not in ann.raw
        assert not {"\u202e", "\u009b", "\x07"} & set(ann.raw)


def test_history_is_loaded_with_a_rule_where_one_left(hubbub: Running, tmp_path: Path) -> None:
    url = f"{hubbub.tls}/#lobby"
    with Witness(hubbub.plain, "#lobby") as witness:
        with Screen(tmp_path / "ann", url, "--nick", "eve") as ann:
            ann.wait_for("you are in #lobby", "(2)")
            witness.send("PRIVMSG #lobby :before")
            ann.wait_for("<witness> before")
            ann.enter("/quit")
            assert ann.wait_for_end() == 0
        witness.all_until("QUIT")
        witness.send("PRIVMSG #lobby :meanwhile", "PING :kept")
        witness.all_until("PONG")
        with Screen(tmp_path / "ann", url, "--nick", "ann") as ann:
            screen = ann.wait_for("before", "new since you left", "meanwhile")
            places = [screen.index(text) for text in ("before", "new since you left", "meanwhile")]
            assert places == sorted(places)


def test_a_paste_of_several_lines_is_asked_about_and_sent_as_one(
    hubbub: Running, tmp_path: Path
) -> None:
    with Screen(tmp_path, f"{hubbub.tls}/#paste", "--nick", "ann") as ann:
        ann.wait_for("you are in #paste")
        ann.enter("\x1b[200~first\nsecond\x1b[201~")
        ann.wait_for("Say these 2 lines as one message? [y/n]")
        ann.enter("n")
        # Nothing of it is lost, and it is still a paste.
        ann.wait_for("> first", end="second")
        ann.enter("")
        ann.wait_for("Say these 2 lines as one message? [y/n]")
        ann.enter("y")
        ann.wait_for("<@ann> first")


def test_tab_completes_and_unknown_commands_are_explained(hubbub: Running, tmp_path: Path) -> None:
    with Screen(tmp_path, f"{hubbub.tls}/#tab", "--nick", "ann") as ann:
        ann.wait_for("you are in #tab")
        ann.type("/jo\t#t\t")
        ann.wait_for(end="> /join #tab")
        ann.enter("\x15/nmaes")
        ann.wait_for("there is no /nmaes; did you mean /names?")


def test_input_history_and_settings_survive_and_are_private(
    hubbub: Running, tmp_path: Path
) -> None:
    url = f"{hubbub.tls}/#kept"
    with Screen(tmp_path, url, "--nick", "ann") as ann:
        ann.wait_for("you are in #kept")
        ann.enter("/set bell off")
        ann.wait_for("bell = off")
        ann.enter("/join #other secretkey")
        ann.wait_for("you are in #other")
        ann.type("\x04")
        assert ann.wait_for_end() == 0
    with Screen(tmp_path, url, "--nick", "ann") as ann:
        ann.wait_for("you are in #kept")
        ann.type("\x1b[A")
        ann.wait_for(end="> /set bell off")
        ann.enter("\x15/set bell")
        ann.wait_for("bell = off (mention, all, off)")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        *("known_servers", "chat.json", "input_history", "seen.json"),
    }
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert "secretkey" not in (tmp_path / "state/hubbub/input_history").read_text()


def test_the_password_of_an_operator_is_not_seen(hubbub: Running, tmp_path: Path) -> None:
    with Screen(tmp_path, f"{hubbub.tls}/#oper", "--nick", "ann") as ann:
        ann.wait_for("you are in #oper")
        ann.enter("/oper ann")
        ann.wait_for("Password of ann:")
        ann.enter("sesame")
        ann.enter("/clear")
        ann.enter("done")
        ann.wait_for("<@ann> done")
        assert "you are in #oper" not in ann.text
        assert "sesame" not in ann.raw
        ann.enter("/quit")
        assert ann.wait_for_end() == 0
    assert "sesame" not in (tmp_path / "state/hubbub/input_history").read_text()


def test_a_terminal_that_cannot_move_its_cursor_shows_everything_too(
    hubbub: Running, tmp_path: Path
) -> None:
    with (
        Witness(hubbub.plain, "#dumb") as witness,
        Screen(tmp_path, f"{hubbub.tls}/#dumb", "--nick", "ann", variables={"TERM": "dumb"}) as ann,
    ):
        ann.wait_for("simple mode", "you are in #dumb")
        ann.enter("/names")
        ann.wait_for("2 in #dumb: @witness, ann")
        ann.enter("hello")
        ann.wait_for("<ann> hello")
        witness.send("PART #dumb :away")
        ann.wait_for("← witness left (away)")
        witness.send("JOIN #dumb")
        ann.wait_for("→ witness joined")
        ann.enter("/quit until later")
        assert ann.wait_for_end() == 0
        assert "\x1b" not in ann.raw
        assert "until later" in witness.all_until("QUIT")[-1].params[-1]


def test_no_colour_when_none_is_wanted(hubbub: Running, tmp_path: Path) -> None:
    url = f"{hubbub.tls}/#grey"
    for variables, coloured in (({"NO_COLOR": "1"}, False), ({}, True)):
        with (
            Screen(tmp_path, url, "--nick", "dora", variables=variables) as dora,
            Witness(hubbub.plain, "#grey") as witness,
        ):
            dora.wait_for("you are in #grey")
            witness.send("PRIVMSG #grey :\x0304red")
            dora.wait_for("witness> red")
            shown = re.search(r"\x1b\[[0-9;]*(38;|9[0-7]m)", dora.raw) is not None
            assert shown is coloured
            dora.enter("/quit")
            assert dora.wait_for_end() == 0


def test_another_room_is_counted_and_shown_when_one_goes_there(
    hubbub: Running, tmp_path: Path
) -> None:
    url = f"{hubbub.tls}/#one,#two"
    with (
        Screen(tmp_path, url, "--nick", "flo") as flo,
        Witness(hubbub.plain, "#two") as witness,
    ):
        flo.wait_for("you are in #one", "you are in #two", "connected")
        witness.send("PRIVMSG #two :over here")
        flo.wait_for("#two 1")
        assert "over here" not in flo.text
        witness.send("PRIVMSG #two :flo: look")
        flo.wait_for("witness> flo: look", "#two 2!")
        flo.type("\x1ba")
        flo.wait_for("──── #two ────", "witness> over here", end="#two>")


def test_a_lost_server_is_come_back_to(tmp_path: Path) -> None:
    ports = (servers.free_port(), servers.free_port())
    with servers.run("hubbub", tmp_path / "server", ports) as server:
        screen = Screen(tmp_path, f"{server.tls}/#lobby", "--nick", "ann")
        screen.wait_for("you are in #lobby", "connected")
        server.stop()
        screen.wait_for("the server closed the connection: Server is stopping")
        screen.wait_for("connection refused", "not connected, trying again in")
        screen.enter("typed meanwhile")
        screen.wait_for("… typed meanwhile")
        screen.wait_until(lambda: screen.raw.count("│ connecting") > 3)
        # Told once, and each reason once.
        assert screen.text.count("the server closed the connection") == 1
        assert screen.text.count("connection refused") == 1
    with screen, servers.run("hubbub", tmp_path / "server", ports):
        screen.wait_for("you are in #lobby again", "<ann> typed meanwhile")
        assert screen.text.count("typed meanwhile") == 1


def test_nobody_there_is_said_and_ends_it(tmp_path: Path) -> None:
    with Screen(tmp_path, f"ircs://127.0.0.1:{servers.free_port()}/#c") as screen:
        assert screen.wait_for_end() == 3
        assert "is a server running here? `hubbub serve` starts one" in "".join(screen.lines)


def test_a_line_on_a_terminal_is_no_wider_than_the_terminal(
    hubbub: Running, tmp_path: Path
) -> None:
    with Screen(tmp_path, f"{hubbub.tls}/#narrow", "--nick", "gus", columns=24) as gus:
        gus.wait_for("you are in #narrow")
        gus.type("日本語 wide")
        gus.wait_for(end="#narrow> 日本語 wide")
        # What is least important is left out whole.
        assert " #narrow (1) │ gus" in gus.lines


@needs_tmux
def test_resizing_leaves_no_old_status_line_behind(hubbub: Running, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hubbub", "chat", f"{hubbub.tls}/#resized", "--nick", "hal")
    with Tmux(tmp_path, *command, variables=profile(tmp_path)) as screen:
        screen.wait_until(lambda lines: "connected" in "".join(lines[-2:]))
        screen.enter("/help")
        screen.enter("/set")
        screen.wait_until(lambda lines: len(lines) > 20)
        screen.type("a text that is longer than 30 columns")
        screen.wait_until(lambda lines: lines[-1].endswith("columns"))
        for columns in (30, 80):
            screen.resize(columns, 24)
            lines = screen.wait_until(
                lambda lines: "hal" in "".join(lines) and lines[-1].endswith("columns")
            )
            lines = screen.wait_until(
                lambda lines: sum("#resized (" in line for line in lines) == 1
            )
            assert sum("#resized>" in line for line in lines) == 1


def test_long_lines_hang_below_their_text(hubbub: Running, tmp_path: Path) -> None:
    with (
        Screen(tmp_path, f"{hubbub.tls}/#hang", "--nick", "ida", columns=40) as ida,
        Witness(hubbub.plain, "#hang") as witness,
    ):
        ida.wait_for("you are in #hang", "(2)")
        witness.send(f"PRIVMSG #hang :{'word ' * 9}end")
        lines = ida.wait_for("end").split("\n")
        assert "        word word word word word end" in lines


def test_plain_mode_can_be_chosen_and_left_at_once(hubbub: Running, tmp_path: Path) -> None:
    url = f"{hubbub.tls}/#chosen"
    with Screen(tmp_path, url, "--nick", "jon") as jon:
        jon.wait_for("you are in #chosen")
        jon.enter("/set plain on")
        jon.wait_for("plain = on", "simple mode")
        jon.raw = ""
        jon.enter("simple")
        jon.wait_for("<@jon> simple")
        assert "\x1b" not in jon.raw
        jon.enter("/quit")
        assert jon.wait_for_end() == 0
    with Screen(tmp_path, url, "--nick", "jon") as jon:
        jon.wait_for("simple mode", "you are in #chosen")
        assert "\x1b" not in jon.raw
        jon.enter("/set plain off")
        jon.wait_for("plain = off", "connected", end="#chosen>")


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be somebody with an empty profile."""
    for name, value in profile(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(chat.ACCOUNT_PASSWORD_VARIABLE, raising=False)
    return tmp_path


URL = "ircs://irc.test/#c"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"url": "http://irc.test"}, ExitCode.USAGE, "irc"),
        ({"url": "irc://irc.test"}, ExitCode.USAGE, "or say --allow-plain-text"),
        ({"url": URL, "nick": "a b"}, ExitCode.USAGE, "'a b' cannot be a nick"),
        ({"url": URL, "nick": "\x1b[2J"}, ExitCode.USAGE, "cannot be a nick"),
        ({"url": URL, "fingerprint": "x"}, ExitCode.USAGE, "fingerprint"),
        ({"url": URL, "register": True}, ExitCode.USAGE, "takes a terminal"),
        ({"url": URL, "certificate": "/nowhere.pem"}, ExitCode.USAGE, "No such file"),
    ],
)
def test_what_is_not_understood_is_one_line_and_a_code(
    at_home: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: dict[str, object],
    code: int,
    words: str,
) -> None:
    assert chat.main(**arguments) == code  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert words in said
    assert said.startswith("hubbub: ")
    assert "\x1b" not in said


def test_where_nobody_listens_one_is_told_how_to_start_a_server(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"ircs://127.0.0.1:{servers.free_port()}/#c"
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert chat.main(url) == ExitCode.CANNOT_CONNECT
    assert "is a server running here? `hubbub serve` starts one" in capsys.readouterr().err


def options(url: str, nick: str = "", account: str = "", register: bool = False) -> Any:
    return chat._options(addresses.parse(url), nick, account, "", register)


def test_the_account_used_last_is_who_one_is(at_home: Path) -> None:
    tokens = Tokens(options(URL).profile.tokens, "irc.test:6697")
    tokens.keep(KeptToken("ann", "chat@here", "hub_x"))
    found = options(URL)
    assert (found.nick, found.named) == ("ann", False)
    assert (found.credentials.account, found.credentials.token) == ("ann", "hub_x")
    # Another name is another account, and another server knows neither.
    assert options(URL, "bob").credentials.token == ""
    assert options("ircs://elsewhere.test/#c").credentials.token == ""


def test_the_password_is_taken_from_the_environment_for_the_named_account(
    at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(chat.ACCOUNT_PASSWORD_VARIABLE, "sesame")
    found = options(URL, "bob").credentials
    assert (found.account, found.password, found.secure) == ("bob", "sesame", True)
    assert options(URL, "bob", "ann").credentials.account == "ann"
    assert not options("irc://far.test/#c", "bob").credentials.secure
    assert options("irc://127.0.0.1/#c", "bob").credentials.secure


def test_secrets_may_stand_in_files(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, secret in ((chat.ACCOUNT_PASSWORD_VARIABLE, "sesame"), (chat.PASSWORD_VARIABLE, "x")):
        (at_home / name).write_text(f"{secret}\n")
        monkeypatch.setenv(f"{name}_FILE", str(at_home / name))
    found = options(URL, "bob")
    assert (found.credentials.password, found.password) == ("sesame", "x")
    monkeypatch.setenv(chat.PASSWORD_VARIABLE, "y")
    with pytest.raises(UsageError, match="PASSWORD and HUBBUB_CHAT_PASSWORD_FILE are both set"):
        options(URL, "bob")
    monkeypatch.delenv(chat.PASSWORD_VARIABLE)
    monkeypatch.setenv(f"{chat.PASSWORD_VARIABLE}_FILE", "/nowhere")
    with pytest.raises(UsageError, match="PASSWORD_FILE /nowhere cannot be read: No such file"):
        options(URL, "bob")


def test_who_is_called_nothing_that_a_nick_can_be_is_a_guest(
    at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "1")
    assert options(URL).nick == "guest"
    monkeypatch.setattr("getpass.getuser", lambda: "j.doe")
    assert options(URL).nick == "jdoe"


def test_lines_of_a_file_are_said_and_confirmed(
    hubbub: Running, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = at_home / "script"
    script.write_text("one\ntwo\n")
    with Witness(hubbub.plain, "#file") as witness, script.open() as lines:
        monkeypatch.setattr(sys, "stdin", lines)
        assert chat.main(f"{hubbub.tls}/#file", nick="filer") == ExitCode.DONE
        heard = [witness.until("PRIVMSG") for _ in range(2)]
    assert [each.params[1] for each in heard] == ["one", "two"]
