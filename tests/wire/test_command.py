"""The command: what it takes, how it shows, how it ends; the rest is in ends/ and proxying/."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pexpect
import pytest

from hubbub.wire.failures import WireCode
from tests.e2e.server import Server
from tests.wire.looking import look, run

Capsys = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("address", "options", "said"),
    [
        ("example.org", {}, "is no address"),
        ("irc://x", {"identity": "key"}, "are for ssh:// only"),
        ("irc://x", {"compress": True}, "are for ssh:// only"),
        ("irc://x", {"nick": "1 2"}, "cannot be a nick"),
        ("ssh://x", {"nick": "a"}, "ssh://USER@HOST"),
        ("ssh://x", {"command": "a\x1bb"}, "no command can hold"),
        ("irc://x", {"fingerprint": "ab"}, "is for --proxy"),
        ("irc://x", {"proxy": "1", "typed": True}, "it is the client that acts"),
        ("irc://x", {"proxy": "nowhere"}, "nowhere to listen"),
        ("irc://x", {"proxy": "1", "fingerprint": "ab"}, "64 hexadecimal digits"),
    ],
)
def test_what_does_not_go_together_is_told(
    capsys: Capsys, address: str, options: dict[str, object], said: str
) -> None:
    shown = look(capsys, address, **options)
    assert (shown.code, said in shown.error, shown.things) == (WireCode.USAGE, True, [])


def test_what_is_typed_is_sent_and_pings_are_answered(hubbub: Server) -> None:
    typed = b"NICK typist\nUSER typist 0 * :x\nJOIN #t hunter2\nQUIT :done\n"
    code, out, error = run(f"irc://127.0.0.1:{hubbub.ports['plain']}", "--type", typed=typed)
    assert (code, error) == (0, "")
    assert "typist" in out
    assert "JOIN" in out
    assert "hunter2" not in out
    assert "ERROR" in out


def test_without_standard_input_nothing_can_be_typed() -> None:
    command = f"{sys.executable} -m hubbub wire irc://127.0.0.1:1 --type <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert (done.returncode, "which is closed" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        ("/dev/full", 1, "cannot write what was seen: No space left on device"),
        ("&-", 2, "standard output is closed"),
    ],
)
def test_what_cannot_be_written_is_told(hubbub: Server, where: str, code: int, said: str) -> None:
    address = f"irc://127.0.0.1:{hubbub.ports['plain']}"
    command = f"{sys.executable} -m hubbub wire {address} >{where}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert (done.returncode, done.stderr) == (code, f"hubbub: {said}{done.stderr[8 + len(said) :]}")
    assert done.stderr.count("\n") == 1


def test_what_is_typed_goes_to_a_command_of_ssh(hubbub: Server) -> None:
    address = f"ssh://guest-typist@127.0.0.1:{hubbub.ports['ssh']}"
    command = ("--type", "--command", "post --create '#typed'")
    code, out, error = run(address, *command, typed=b"hello\n")
    assert (code, error) == (0, "")
    assert "exit status: 0" in out


def test_lessons_explain_each_step_once(hubbub: Server) -> None:
    code, out, _ = run(f"ircs://127.0.0.1:{hubbub.ports['tls']}", "--lesson")
    assert code == 0
    assert out.count("| The client begins") == 1
    assert out.count("| TCP makes one stream") == 1
    assert out.count("| Servers answer with three digits") == 1


@pytest.mark.parametrize("scheme", ["ircs", "wss", "ssh"])
def test_there_is_a_lesson_for_each_step_of_a_visit(
    hubbub: Server, capsys: Capsys, scheme: str
) -> None:
    doors = {"ircs": "tls", "wss": "wss", "ssh": "ssh"}
    address = f"{scheme}://localhost:{hubbub.ports[doors[scheme]]}"
    shown = look(capsys, address, lesson=True, command="who" if scheme == "ssh" else None)
    explained = {
        "KEX" if thing["what"].startswith("KEX_") else thing["what"]
        for thing in shown.things
        if "lesson" in thing or thing["layer"] in ("irc", "hubbub")
    }
    steps = {"KEX" if thing["what"].startswith("KEX_") else thing["what"] for thing in shown.things}
    assert steps - explained == set()


def test_whoever_reads_no_more_ends_it(hubbub: Server) -> None:
    address = f"irc://127.0.0.1:{hubbub.ports['plain']}"
    command = [sys.executable, "-m", "hubbub", "wire", address, "--json", "--type"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["what"] == "connected"
        process.stdout.close()
        process.stdin.write(b"PING :x\n")
        process.stdin.flush()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize("plain", [False, True])
def test_colours_are_for_terminals_that_want_them(hubbub: Server, plain: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm"} | ({"NO_COLOR": "1"} if plain else {})
    arguments = ["-m", "hubbub", "wire", f"irc://127.0.0.1:{hubbub.ports['plain']}"]
    screen = pexpect.spawn(sys.executable, arguments, env=environment, timeout=20)
    screen.expect(pexpect.EOF)
    shown = screen.before or b""
    screen.close()
    assert screen.exitstatus == 0
    assert (b"\x1b[" in shown) is not plain


def test_nothing_of_it_is_loaded_by_another_command() -> None:
    code = "import sys, hubbub.cli.commands; print([n for n in sys.modules if 'hubbub.wire' in n])"
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out.strip() == "[]"
