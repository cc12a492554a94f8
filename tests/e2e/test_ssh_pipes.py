"""`ssh` without a terminal: commands for scripts."""

from __future__ import annotations

import json
import select
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.ssh import commands
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.e2e.test_ssh_login import PASSWORD, register

pytestmark = ssh.NEEDED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("ssh") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def channels(server: Server) -> set[str]:
    """Return the channels that there are."""
    with Client(server.ports["plain"]) as client:
        client.register("lister").send("LIST")
        client.send("PING :listed")
        found = set()
        while (message := client.next()).command != "PONG":
            if message.command == "322":
                found.add(message.params[1])
        client.leave()
    return found


def tailing(
    server: Server, channel: str, user: str = "x", key: Path | None = None
) -> subprocess.Popen[str]:
    """Begin to follow a channel."""
    return subprocess.Popen(
        ssh.command(server.ports["ssh"], f"tail '{channel}'", user=user, key=key),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def listening(tail: subprocess.Popen[str], speaker: Client, channel: str) -> None:
    """Speak until it is heard: that somebody who is there anyway listens is not seen."""
    assert tail.stdout is not None
    while not select.select([tail.stdout], [], [], 0.1)[0]:
        speaker.send(f"PRIVMSG {channel} :listening?")


def test_help_lists_the_commands_that_there_are(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "help")
    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert listed == [*commands.BY_NAME, "help"]
    for name in commands.BY_NAME:
        refused = ssh.run(server.ports["ssh"], f"{name} -- nothing such", input="")
        assert "there is no command" not in refused.stderr


def test_a_key_for_one_purpose_is_told_what_it_is_for(server: Server, tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path)
    register(server, "poster", key=key, about="ci post:#ci")
    for typed in ("help", "nonsense"):
        done = ssh.run(server.ports["ssh"], typed, user="x", key=key)
        told = done.stdout + done.stderr
        assert "is for post:#ci only" in told
        assert "\n  post " in told
        assert "\n  tail " not in told


@pytest.mark.parametrize(
    "typed",
    [
        "", "sh -c id", "sudo 'deploy failed'", "'", "post", "post '#a,b'", "post '#a b'",
        "post 'a b'", "post ''", "post '#a' '#b'", "post --create bob", "tail '#a b'",
        "tail '#a,#b'", "tail bob", "tail -n 0 '#x'", "history '#x' --since soon", "history bob",
        "history '#a,#b'", "who '#a b'", "who 'a,b'", "who ''",
    ],
)  # fmt: skip
def test_what_is_no_command_says_what_there_is(server: Server, typed: str) -> None:
    done = ssh.run(server.ports["ssh"], *([typed] if typed else []), input="x\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("hubbub: ")
    assert channels(server) == {"#lobby"}


@pytest.mark.parametrize("typed", ["'\x1b[31m'", "post '\x1b]0;x\x07'", "tail '#\x1b[2J'"])
def test_what_was_typed_controls_no_terminal(server: Server, typed: str) -> None:
    done = ssh.run(server.ports["ssh"], typed)
    assert done.returncode == 2
    assert not set(done.stderr) & {"\x1b", "\x07"}
    assert "\u241b" in done.stderr


@pytest.mark.parametrize(
    "typed", ["post '#nope'", "tail '#nope'", "history '#nope'", "who '#nope'"]
)
@pytest.mark.parametrize("input", ["", "x\n"])
def test_no_channel_is_made_by_a_name_mistyped(server: Server, typed: str, input: str) -> None:
    done = ssh.run(server.ports["ssh"], typed, input=input)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.count("\n") == 1
    assert channels(server) == {"#lobby"}


def test_a_channel_is_made_by_who_says_so(server: Server) -> None:
    with Client(server.ports["plain"]) as bob:
        bob.register("bob6")
        post = ssh.command(server.ports["ssh"], "post --create '#meant'")
        with subprocess.Popen(post, stdin=subprocess.PIPE) as posting:
            while "#meant" not in channels(server):
                assert posting.poll() is None
            bob.join("#meant")
            posting.communicate(b"hi\n", timeout=ssh.SECONDS)
        assert posting.returncode == 0
        assert bob.until("PRIVMSG").params == ("#meant", "hi")


def test_a_channel_that_the_operator_names_is_there_from_the_start(server: Server) -> None:
    assert ssh.run(server.ports["ssh"], "post '#lobby'", input="hi\n").returncode == 0
    assert "hi" in ssh.run(server.ports["ssh"], "history '#lobby'").stdout


def test_what_passes_by_is_not_seen(server: Server, tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path)
    register(server, "cron", key=key)
    with Client(server.ports["plain"]) as witness:
        witness.register("calm", "away-notify", "extended-join").join("#calm")
        witness.send("MONITOR + cron,guest")
        witness.sync()
        for words in ("post '#calm'", "history '#calm'", "who '#calm'"):
            for user, given in (("guest", None), ("cron", key)):
                done = ssh.run(server.ports["ssh"], words, user=user, key=given, input="done\n")
                assert done.returncode == 0, done.stderr
        seen = [(m.nick, m.command, m.params[-1]) for m in witness.sync()]
    assert [one for one in seen if one[1] != "PONG"] == [
        ("guest", "PRIVMSG", "done"),
        ("cron", "PRIVMSG", "done"),
    ]


def test_an_account_that_is_there_neither_comes_back_nor_goes(
    server: Server, tmp_path: Path
) -> None:
    key = ssh.make_key(tmp_path)
    with Client(server.ports["plain"]) as witness:
        witness.register("calm2", "away-notify").join("#stay")
        register(server, "stayer", "JOIN #stay", key=key)
        witness.until("AWAY")
        done = ssh.run(server.ports["ssh"], "post '#stay'", user="x", key=key, input="done\n")
        assert done.returncode == 0, done.stderr
        seen = [(m.nick, m.command, m.params[-1]) for m in witness.sync()]
    assert [one for one in seen if one[1] != "PONG"] == [("stayer", "PRIVMSG", "done")]


@pytest.mark.parametrize("scope", ["", " ci post:#voice"])
def test_a_key_is_its_accounts_voice(server: Server, tmp_path: Path, scope: str) -> None:
    key, name = ssh.make_key(tmp_path), "voice" if scope else "voice2"
    with Client(server.ports["plain"]) as witness, Client(server.ports["plain"]) as ann:
        witness.register("ear").join("#voice")
        ann.register(name)
        ann.send(f"REGISTER * * :{PASSWORD}")
        ann.until("REGISTER")
        ssh.add_key(ann, key, scope)
        ann.join("#voice")
        witness.until("JOIN")
        done = ssh.run(server.ports["ssh"], "post '#voice'", user="x", key=key, input="built\n")
        assert done.returncode == 0, done.stderr
        said = witness.until("PRIVMSG")
        assert (said.nick, said.params[-1]) == (name, "built")


def test_tail_and_history_print_what_was_asked_for_and_nothing_else(
    server: Server, tmp_path: Path
) -> None:
    key = ssh.make_key(tmp_path)
    with Client(server.ports["plain"]) as bob:
        bob.register("bob").join("#one").join("#two")
        register(server, "eva", "JOIN #one", "JOIN #two", "MODE eva +w", key=key)
        bob.send("PRIVMSG #two :elsewhere", "PRIVMSG eva :in private", "PRIVMSG #one :said")
        bob.sync()
        done = ssh.run(server.ports["ssh"], "history '#one'", user="eva", key=key)
        assert [line.split("Z ")[1] for line in done.stdout.splitlines()] == ["<bob> said"]
        assert done.stderr == ""
        bob.send("TOPIC #one :topic", "MODE #one -n")
        with tailing(server, "#one", key=key) as tail:
            listening(tail, bob, "#one")
            bob.send("PRIVMSG #two :elsewhere", "PRIVMSG eva :in private", "NOTICE eva :eva!")
            bob.send("TOPIC #two :no", "MODE #two +m", "TOPIC #one :no", "INVITE eva #two")
            bob.send("KICK #two eva", "PRIVMSG #one :last", "KICK #one eva :enough")
            out, err = tail.communicate(timeout=ssh.SECONDS)
        assert set(out.splitlines()) == {"<bob> listening?", "<bob> last"}
        assert err.splitlines() == [
            "hubbub: your key is eva's, so you are eva here",
            "hubbub: not in #one any more: bob kicked you (enough)",
        ]
        assert tail.returncode == 1


def test_what_a_script_says_and_hears_reads_nothing_for_its_account(
    server: Server, tmp_path: Path
) -> None:
    key = ssh.make_key(tmp_path)
    register(server, "ida", key=key)
    with Client(server.ports["plain"]) as bob:
        bob.register("bob8").join("#idle")
        with tailing(server, "#idle", user="ida", key=key) as tail:
            bob.until("JOIN")
            bob.send("PRIVMSG ida :urgent")
            assert "kept, and shown on return" in bob.until("301").params[-1]
            done = ssh.run(server.ports["ssh"], "post bob8", user="ida", key=key, input="report\n")
            assert (done.returncode, done.stderr) == (0, "")
            assert bob.until("PRIVMSG").params[-1] == "report"
            tail.kill()
    with SSHScreen(server.ports["ssh"], user="ida", key=key) as screen:
        screen.wait_for("bob8 wrote to you while you were away (1): /msg bob8")
        screen.enter("/msg bob8")
        screen.wait_for("urgent")


def test_tail_ends_when_the_channel_has_another_name(server: Server) -> None:
    with Client(server.ports["plain"]) as bob:
        bob.register("bob3").join("#old")
        with tailing(server, "#old", user="renamed") as tail:
            bob.until("JOIN")
            bob.send("RENAME #old #new :moved")
            _, err = tail.communicate(timeout=ssh.SECONDS)
    assert (tail.returncode, "not in #old any more" in err) == (1, True), err


def test_tail_and_post_end_with_the_server(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as server,
        Client(server.ports["plain"]) as bob,
    ):
        bob.register("bob").join("#a")
        post = ssh.command(server.ports["ssh"], "post '#a'", user="poster")
        with (
            tailing(server, "#a", user="tailer") as tail,
            subprocess.Popen(post, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as posting,
        ):
            bob.until("JOIN")
            assert posting.stdin is not None
            posting.stdin.write(b"one\n")
            posting.stdin.flush()
            bob.until("PRIVMSG")
            server.stop()
            _, err = tail.communicate(timeout=ssh.SECONDS)
            assert (tail.returncode, "Server is stopping" in err) == (1, True), err
            _, told = posting.communicate(timeout=ssh.SECONDS)
            assert (posting.returncode, b"Server is stopping" in told) == (1, True), told


def test_an_interrupt_leaves_nothing_behind(server: Server) -> None:
    with Client(server.ports["plain"]) as bob:
        bob.register("bob4").join("#int")
        with tailing(server, "#int", user="brief") as tail:
            bob.until("JOIN")
            tail.send_signal(signal.SIGINT)
            tail.communicate(timeout=ssh.SECONDS)
        assert bob.until("QUIT").nick == "brief"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"no end", ["no end"]),
        (b"dos\r\nlines\r\n", ["dos", "lines"]),
        (b"\xff\xfe\x00bin\xc3", ["\ufffd\ufffdbin\ufffd"]),
        (b"\x01VERSION\x01\n", ["VERSION\x01"]),
        (("\u00e9" * 40_000).encode(), None),
    ],
)
def test_whatever_comes_in_can_be_posted(
    server: Server, given: bytes, said: list[str] | None
) -> None:
    with Client(server.ports["plain"]) as bob:
        bob.register("bob5").join("#bytes")
        done = subprocess.run(
            ssh.command(server.ports["ssh"], "post '#bytes'"),
            input=given, capture_output=True, timeout=ssh.SECONDS, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        heard = [m.params[-1] for m in bob.sync() if m.command == "PRIVMSG"]
        bob.leave()
    assert heard == said if said is not None else "".join(heard) == given.decode()


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
    post = "post '#lobby'"
    ssh.run(server.ports["ssh"], post, user="ann", input="old news\n")
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
    with Client(server.ports["plain"]) as keeper:
        keeper.register("kit").join("#nothing")
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
