"""The client in a pipe: lines in, lines out, exit codes."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC
from pathlib import Path

import pytest

from hubbub.client.commands.context import Console
from hubbub.client.events import ChatMessage, SearchResult, Speech
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.message import parse
from hubbub.terminal import pipe as local_pipe
from tests.ssh.harness import WELCOME

from . import servers
from .screen import profile
from .servers import Running
from .witness import Witness


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "hubbub", "chat", *arguments],
        env={**os.environ, **profile(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def say(home: Path, text: str, *arguments: str) -> tuple[int, str, str]:
    process = start(home, *arguments)
    out, err = process.communicate(text, timeout=60)
    return process.returncode, out, err


def lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == last:
            return lines
    raise AssertionError(lines)


def put(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.flush()


def test_lines_in_are_said_and_lines_of_others_come_out(server: Running, tmp_path: Path) -> None:
    url = f"{server.tls}/#ci"
    with Witness(server.plain, "#ci") as witness:
        reader = start(tmp_path, url, "--nick", "reader")
        put(reader, "here\n")
        witness.all_until("PRIVMSG", text="here")
        witness.send("PRIVMSG #ci :\x1b[2Jhello", "NOTICE #ci :\x02take\x02 note")
        assert lines_until(reader, "-witness- take note") == [
            "<witness> ␛[2Jhello",
            "-witness- take note",
        ]
        code, out, err = say(tmp_path, "/etc/motd\n\n\x1b[2Jdone", url, "--nick", "ci")
        assert (code, out) == (0, ""), err
        said = [m.params[-1] for m in witness.all_until("PRIVMSG", text="\x1b[2Jdone")]
        assert "/etc/motd" in said
        _, err = reader.communicate("bye\n", timeout=30)
        assert reader.returncode == 0, err
        witness.all_until("PRIVMSG", text="bye")


def test_exit_codes_tell_what_went_wrong(server: Running, tmp_path: Path) -> None:
    url = f"{server.tls}/#codes"
    assert say(tmp_path, "", url, "--nick", "ann")[0] == 0
    nobody = f"ircs://127.0.0.1:{servers.free_port()}/#codes"
    assert say(tmp_path, "x", nobody)[0] == 3
    assert say(tmp_path, "x", "irc://chat.example/#c")[0] == 2
    assert say(tmp_path, "x", url, "--nick", "9 lives")[0] == 2
    code, _, err = say(tmp_path, "x", url, "--fingerprint", "ab" * 32)
    assert code == 4
    assert "nothing was sent" in err


def test_a_nick_that_is_taken_is_not_replaced(server: Running, tmp_path: Path) -> None:
    with Witness(server.plain, "#taken"):
        code, _, err = say(tmp_path, "x", f"{server.tls}/#taken", "--nick", "witness")
    assert code == 5, err
    assert "you cannot be witness here" in err


def test_the_wrong_door_is_named(hubbub: Running, tmp_path: Path) -> None:
    code, _, err = say(tmp_path, "x", f"{hubbub.plain.replace('irc:', 'ircs:')}/#door")
    assert (code, "try irc://" in err) == (3, True), err
    code, _, err = say(tmp_path, "x", f"{hubbub.tls.replace('ircs:', 'irc:')}/#door")
    assert (code, "try ircs://" in err) == (3, True), err


def test_a_refusal_has_its_own_exit_code(server: Running, tmp_path: Path) -> None:
    with Witness(server.plain, "#shut") as witness:
        witness.send("MODE #shut +m")
        witness.all_until("MODE")
        code, _, err = say(tmp_path, "x", f"{server.tls}/#shut", "--nick", "ann")
        assert code == 6, err
        assert "not confirmed: x" in err
        witness.send("MODE #shut +i")
        witness.all_until("MODE")
        code, _, err = say(tmp_path, "x", f"{server.tls}/#shut", "--nick", "ann")
        assert code == 5, err
        assert "cannot join #shut" in err


def test_long_lines_arrive_whole(server: Running, tmp_path: Path) -> None:
    text = "né 日本 👩‍👩‍👧 " * 25
    with Witness(server.plain, "#long") as witness:
        code, _, err = say(tmp_path, f"{text}\nend\n", f"{server.tls}/#long", "--nick", "ann")
        assert code == 0, err
        said = [
            m.params[-1] for m in witness.all_until("PRIVMSG", text="end") if m.command == "PRIVMSG"
        ]
        # Some servers take blanks from the end of a line.
        assert "".join(said[:-1]).replace(" ", "") == text.replace(" ", "")
        assert len(said) > 2


def test_a_changed_certificate_is_refused_and_a_named_one_is_taken(tmp_path: Path) -> None:
    ports = (servers.free_port(), servers.free_port())
    with servers.run("hubbub", tmp_path / "one", ports) as server:
        assert say(tmp_path, "x", f"{server.tls}/#lobby")[0] == 0
    with servers.run("hubbub", tmp_path / "two", ports) as server:
        code, _, err = say(tmp_path, "x", f"{server.tls}/#lobby")
        assert code == 4
        assert "HAS CHANGED" in err
        shown = err.partition("shown now:")[2].split()[0]
        code, _, err = say(tmp_path, "x", f"{server.tls}/#lobby", "--fingerprint", shown)
        assert code == 0, err
        assert say(tmp_path, "x", f"{server.tls}/#lobby")[0] == 0


def test_every_line_is_kept_once_although_the_server_is_killed(tmp_path: Path) -> None:
    ports = (servers.free_port(), servers.free_port())
    count = 300
    with servers.run("hubbub", tmp_path / "server", ports) as server:
        sender = start(tmp_path, f"{server.tls}/#lobby", "--nick", "sender")
        with Witness(server.plain, "#lobby") as witness:
            put(sender, "".join(f"line {number}\n" for number in range(count // 2)))
            witness.all_until("PRIVMSG", text="line 20")
            server.kill()
    with servers.run("hubbub", tmp_path / "server", ports) as server:
        put(sender, "".join(f"line {number}\n" for number in range(count // 2, count)))
        _, err = sender.communicate(timeout=60)
        assert sender.returncode == 0, err
        wanted = ("batch", "message-tags", "server-time", "draft/chathistory")
        with Witness(server.plain, "#lobby", *wanted) as witness:
            assert _kept(witness) == [f"line {number}" for number in range(count)]


def _kept(witness: Witness) -> list[str]:
    said: list[str] = []
    after = "timestamp=2020-01-01T00:00:00.000Z"
    while True:
        witness.send(f"CHATHISTORY AFTER #lobby {after} 100", "PING :page")
        page = [m for m in witness.all_until("PONG") if m.command == "PRIVMSG"]
        if not page:
            return said
        said += [message.params[-1] for message in page]
        after = f"msgid={page[-1].tags['msgid']}"


def test_an_interrupt_ends_it(hubbub: Running, tmp_path: Path) -> None:
    with Witness(hubbub.plain, "#brief") as witness:
        process = start(tmp_path, f"{hubbub.tls}/#brief", "--nick", "brief")
        put(process, "x\n")
        witness.all_until("PRIVMSG", text="x")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_what_is_said_at_once_is_all_that_others_see(hubbub: Running, tmp_path: Path) -> None:
    with Witness(hubbub.plain, "#calm", "away-notify") as witness:
        text = "".join(f"{number}\n" for number in range(40))
        code, _, err = say(tmp_path, text, f"{hubbub.tls}/#calm", "--nick", "cron")
        assert (code, err) == (0, "") or "first use" in err, err
        witness.send("PING :now")
        seen = witness.all_until("PONG")[:-1]
        assert [(m.nick, m.command, m.params[-1]) for m in seen] == [
            ("cron", "PRIVMSG", str(number)) for number in range(40)
        ]


def test_a_name_mistyped_makes_no_channel(hubbub: Running, tmp_path: Path) -> None:
    code, _, err = say(tmp_path, "x", f"{hubbub.tls}/#typo")
    assert code == 5
    assert "cannot join #typo: there is no such channel" in err
    assert err.rstrip().endswith("--create makes it")
    process = start(tmp_path, f"{hubbub.tls}/#typo")
    assert process.wait(30) == 5, "also where the input goes on"
    process.communicate()
    with Witness(hubbub.plain, "#other") as witness:
        witness.send("LIST #typo")
        assert "322" not in [m.command for m in witness.all_until("323")]
    assert say(tmp_path, "x", f"{hubbub.tls}/#meant", "--create")[0] == 0
    assert say(tmp_path, "x", f"{hubbub.tls}/#lobby")[0] == 0


def test_only_what_is_said_in_the_named_channels_comes_out(server: Running, tmp_path: Path) -> None:
    with Witness(server.plain, "#one") as witness:
        witness.send("JOIN #two", "JOIN #three")
        reader = start(tmp_path, f"{server.tls}/#one,#two", "--nick", "reader")
        put(reader, "here\n")
        witness.all_until("PRIVMSG", text="here")
        witness.send("PRIVMSG reader :psst", "PRIVMSG #three :reader: not here")
        witness.send("PRIVMSG #two :reader: b", "PRIVMSG #one :a", "PRIVMSG #two :end")
        assert lines_until(reader, "#two <witness> end") == [
            "#two <witness> reader: b",
            "#one <witness> a",
            "#two <witness> end",
        ]
        reader.communicate(timeout=30)
        assert reader.returncode == 0


def test_who_is_kicked_ends(server: Running, tmp_path: Path) -> None:
    with Witness(server.plain, "#kick") as witness:
        reader = start(tmp_path, f"{server.tls}/#kick", "--nick", "reader")
        put(reader, "here\n")
        witness.all_until("PRIVMSG", text="here")
        witness.send("KICK #kick reader :enough")
        assert reader.wait(30) == 1
        assert "not in #kick any more: witness kicked you (enough)" in reader.communicate()[1]


def test_a_reader_that_has_had_enough_ends_it(hubbub: Running, tmp_path: Path) -> None:
    with Witness(hubbub.plain, "#head") as witness:
        reader = start(tmp_path, f"{hubbub.tls}/#head", "--nick", "reader")
        put(reader, "here\n")
        witness.all_until("PRIVMSG", text="here")
        assert reader.stdout is not None
        reader.stdout.close()
        reader.stdout = None
        witness.send("PRIVMSG #head :one")
        assert reader.wait(30) == 0
        assert "Traceback" not in reader.communicate()[1]


def test_hubbub_chat_waits_for_nothing_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pipe, "LOOK", 0.001)
    monkeypatch.setattr(local_pipe, "ANSWER", 0.01)

    async def wait(prepare: Callable[[ClientSession], None]) -> int:
        session = ClientSession(Wishes("ann"), lambda: "n", {})
        prepare(session)
        view = View(Transcript(None), str.lower, Preferences())  # type: ignore[arg-type]
        joined = local_pipe.Pipe(Console(session, view, Preferences()), "#a", False, None)  # type: ignore[arg-type]
        waiting: Coroutine[None, None, None] = joined.speak(lambda: None)
        monkeypatch.setattr(local_pipe, "_read_lines", asyncio.Queue)
        speaking = asyncio.create_task(waiting)
        await joined.over.wait()
        speaking.cancel()
        return joined.code

    def welcome(session: ClientSession) -> None:
        session.connected(0.0)
        for line in WELCOME:
            session.receive(parse(f":hub.test {line}".encode()), 0.0)

    assert asyncio.run(wait(lambda session: None)) == 1


def test_what_a_person_searches_for_comes_out() -> None:
    async def shown() -> str:
        session = ClientSession(Wishes("ann"), lambda: "n", {})
        view = View(Transcript(UTC), str.lower, Preferences())
        out = io.StringIO()
        joined = local_pipe.Pipe(Console(session, view, Preferences()), "#a", True, out)
        said = ChatMessage("#b", "bob", "a disk", Speech.MESSAGE, 60.0, old=True)
        joined.events([SearchResult((said,), 1, 0.0)])
        return out.getvalue()

    assert asyncio.run(shown()) == "  1 1970-01-01 00:01 #b <bob> a disk\n"
