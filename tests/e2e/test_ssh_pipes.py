"""`ssh` without a terminal: commands for scripts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

pytestmark = ssh.NEEDED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("ssh") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def test_help_lists_the_commands(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "help")
    assert done.returncode == 0
    for name in ("post", "tail", "history", "who", "search"):
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize(
    "typed",
    ["", "sh -c id", "post", "history '#x' --since soon", "history bob", "tail -n 0 '#x'", "'"],
)
def test_what_is_no_command_says_what_there_is(server: Server, typed: str) -> None:
    done = ssh.run(server.ports["ssh"], *([typed] if typed else []))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("hubbub: ")


def test_search_says_that_it_comes_later(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "search 'deploy failed'")
    assert done.returncode == 2
    assert "later version" in done.stderr


def test_lines_that_come_together_are_posted_as_one_message(server: Server) -> None:
    with Client(server.ports["plain"]) as witness:
        witness.register("witness", "batch", "draft/multiline", "message-tags", "echo-message")
        witness.join("#ci")
        done = ssh.run(server.ports["ssh"], "post '#ci'", user="build", input="one\n\ntwo\n")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        opening = witness.until("BATCH")
        assert opening.params[1:] == ("draft/multiline", "#ci")
        lines = [witness.until("PRIVMSG") for _ in range(3)]
        assert [line.params[1] for line in lines] == ["one", "", "two"]
        assert lines[0].nick == "build"


def test_much_input_arrives_whole_and_in_order(server: Server) -> None:
    text = "".join(f"{number}\n" for number in range(500))
    with Client(server.ports["plain"]) as keeper:
        keeper.register("abe").join("#much")
        assert ssh.run(server.ports["ssh"], "post '#much'", input=text).returncode == 0
        done = ssh.run(server.ports["ssh"], "history --json '#much' --since 1h")
    said = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert "\n".join(said) + "\n" == text


def test_a_message_that_is_refused_is_no_success(server: Server) -> None:
    with Client(server.ports["plain"]) as keeper:
        keeper.register("bea").join("#quiet")
        keeper.send("MODE #quiet +m")
        keeper.sync()
        done = ssh.run(server.ports["ssh"], "post '#quiet'", input="may I?\n")
    assert done.returncode == 6
    assert "not confirmed: may I?" in done.stderr


def test_a_channel_that_lets_nobody_in_is_no_success(server: Server) -> None:
    with Client(server.ports["plain"]) as keeper:
        keeper.register("cal").join("#closed")
        keeper.send("MODE #closed +i")
        keeper.sync()
        done = ssh.run(server.ports["ssh"], "post '#closed'", input="hello?\n")
    assert done.returncode == 5
    assert "cannot join #closed" in done.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_tail_follows_a_channel(server: Server, as_json: bool) -> None:
    words = f"tail {'--json' if as_json else ''} '#ops'"
    command = ssh.command(server.ports["ssh"], words, user="tailer")
    with Client(server.ports["plain"]) as ann:
        ann.register("ann").join("#ops")
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as tail:
            ann.until("JOIN")
            ann.send("PRIVMSG #ops :disk \x1b[2J\x9bfull")
            assert tail.stdout is not None
            line = tail.stdout.readline().decode()
            tail.terminate()
        ann.leave()
    if as_json:
        found = json.loads(line)
        assert found["nick"] == "ann"
        assert found["target"] == "#ops"
        assert line.isascii()
    else:
        assert line.startswith("<ann> disk ")
        assert not set(line) & {"\x1b", "\x9b"}


def test_tail_ends_after_as_many_messages_as_are_wanted(server: Server) -> None:
    command = ssh.command(server.ports["ssh"], "tail -n 2 '#two'", user="counter")
    with Client(server.ports["plain"]) as ann:
        ann.register("ann2").join("#two")
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as tail:
            ann.until("JOIN")
            ann.send("PRIVMSG #two :one", "PRIVMSG #two :two", "PRIVMSG #two :three")
            out, _ = tail.communicate(timeout=ssh.SECONDS)
    assert (tail.returncode, out) == (0, b"<ann2> one\n<ann2> two\n")


def test_history_gives_what_was_said_since(server: Server) -> None:
    ssh.run(server.ports["ssh"], "post '#lobby'", user="ann", input="old news\n")
    done = ssh.run(server.ports["ssh"], "history '#lobby' --since 2h")
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("Z <ann> old news")


def test_a_history_that_is_not_whole_is_no_success(server: Server) -> None:
    with Client(server.ports["plain"]) as ann:
        ann.register("ann3").join("#long")
        ann.send(*(f"PRIVMSG #long :{number}" for number in range(2500)))
        ann.sync()
        done = ssh.run(server.ports["ssh"], "history --json '#long' --since 2h")
        ann.leave()
    assert done.returncode == 1
    assert "some is left out" in done.stderr
    found = [int(json.loads(line)["text"]) for line in done.stdout.splitlines()]
    assert found[:1000] == list(range(1000))
    assert found[-90:] == list(range(2410, 2500))


def test_a_history_of_nothing_ends(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "history '#nothing' --since 2h")
    assert (done.returncode, done.stdout) == (0, "")


def test_who_lists_who_is_here(server: Server) -> None:
    with Client(server.ports["plain"]) as ann:
        ann.register("hera").join("#here")
        done = ssh.run(server.ports["ssh"], "who '#here'", user="asker")
    assert done.returncode == 0
    assert done.stdout.split("\t")[0] == "hera"


def test_keys_are_exchanged_anew_in_the_middle(server: Server) -> None:
    text = "".join(f"{number:0400}\n" for number in range(200))
    often = ("-oRekeyLimit=16K", "-v", "-oLogLevel=DEBUG")
    with Client(server.ports["plain"]) as keeper:
        keeper.register("rex").join("#rekey")
        done = ssh.run(server.ports["ssh"], *often, "post '#rekey'", input=text)
        assert done.returncode == 0, done.stderr
        done = ssh.run(server.ports["ssh"], *often, "history --json '#rekey' --since 1h")
    said = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert "\n".join(said) + "\n" == text
    assert done.stderr.count("SSH2_MSG_NEWKEYS received") > 1
