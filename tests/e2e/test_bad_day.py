"""The pages for a bad day: every command of theirs, in order, against a real server."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.e2e.irc_client import PATIENCE, Client
from tests.e2e.mail_server import MailServer
from tests.e2e.server import Server
from tests.e2e.test_email import sasl

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
FAIL2BAN = Path(__file__).parents[2] / "deploy" / "fail2ban"
PASSWORD = "correct-horse"


def run(server: Server, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments, "--data", str(server.directory)],
        cwd=server.directory.parent,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def done(server: Server, *arguments: str) -> str:
    """Run a command that succeeds and says something; return what it prints."""
    ran = run(server, *arguments)
    assert ran.returncode == 0, f"{arguments}: {ran.stderr}"
    assert ran.stdout, arguments
    return ran.stdout


def commands_of(page: str) -> list[list[str]]:
    """Return the commands in the code blocks of a page, without the program's name."""
    lines = (PAGES / page).read_text().splitlines()
    blocks = [line.strip() for line in lines if line.startswith("    hubbub-admin ")]
    return [shlex.split(line, comments=True)[1:] for line in blocks]


def test_no_command_of_a_page_is_left_out() -> None:
    for page in ("bad-day.md", "somebody-leaves.md"):
        mentioned = re.findall(r"^ {4}\S*hubbub\S* (.*)$", (PAGES / page).read_text(), re.M)
        assert len([line for line in mentioned if "/opt/" not in line]) == len(commands_of(page))


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as mails:
        yield mails


@pytest.fixture
def server(tmp_path: Path, mails: MailServer) -> Iterator[Server]:
    settings = {
        "HUBBUB_ACCESS": "open",
        "HUBBUB_ACCOUNTS__EMAIL": "optional",
        "HUBBUB_MAIL__HOST": "127.0.0.1",
        "HUBBUB_MAIL__PORT": str(mails.port),
        "HUBBUB_MAIL__SECURITY": "none",
        "HUBBUB_MAIL__SENDER": "chat@example.org",
    }
    with Server(tmp_path / "data", **settings) as server:
        yield server


def join_as(server: Server, nick: str, email: str = "*", invite: str = "") -> Client:
    """Return a client that has registered an account."""
    client = Client(server.ports["tls"], tls=True).register(
        nick, "draft/message-redaction", "message-tags", "echo-message"
    )
    client.send(f"REGISTER {nick} {email} {PASSWORD} {invite}".rstrip())
    client.until("REGISTER")
    return client


def token_of(client: Client, words: str) -> str:
    client.send(f"TOKEN ADD {words}")
    return client.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED").params[-1]


def test_the_page_for_a_bad_day(server: Server, mails: MailServer) -> None:
    port = server.ports["tls"]
    code = done(server, "invite", "add", "--uses", "5").strip()
    bob, carol, eve = (join_as(server, name) for name in ("bob", "carol", "eve"))
    mallory, ann = join_as(server, "mallory"), join_as(server, "ann").join("#lobby")
    frank = join_as(server, "frank", invite=code)
    grace = join_as(server, "grace", "wrong@example.org")
    stolen, phone = token_of(bob, "thief"), token_of(carol, "phone")
    done(server, "account", "add", "olga")
    for name in ("olga", "mallory"):
        done(server, "operator", "set", name, "owner")
    mallory.send("INVITECODE ADD", "ACCOUNT OPERATOR carol admin")
    mallory.until(lambda m: m.command == "ACCOUNT" and m.params[0] == "SET")
    for name in ("hiedi", "nobody-came"):
        done(server, "account", "add", name)
    eve.join("#lobby").send("PRIVMSG #lobby :buy", "PRIVMSG ann :buy", "PRIVMSG #lobby :now")
    eve.sync()
    answers = {}
    for words in commands_of("bad-day.md"):
        given = [code if word == "CODE" else word for word in words]
        answers[" ".join(words)] = done(server, *given)
    assert sasl(server.ports["plain"], "bob", stolen) == "904"
    assert sasl(server.ports["plain"], "carol", phone) == "904"
    assert "1 codes that it made end" in answers["account suspend mallory acted against us"]
    assert "carol (admin)" in answers["account suspend mallory acted against us"]
    assert "INVITECODE ADD" in answers["audit --by mallory -n 200"]
    assert "the server's machine" not in answers["audit --by mallory -n 200"], "only what he did"
    assert "carol" not in answers["operator list"]
    assert "2 in #lobby" in answers["purge --by eve --since 1h --in #lobby --yes"]
    assert "1 in direct messages" in answers["purge --by eve --since 1h --yes"]
    ann.sync()
    redacted = [m.params[0] for m in ann.seen if m.command == "REDACT"]
    assert redacted == ["#lobby", "#lobby", "ann"]
    assert "frank" in answers["invite show CODE"]
    assert "suspended" not in done(server, "account", "list", "frank")
    assert mails.next()["X-Envelope"].endswith("wrong@example.org")
    assert mails.next()["X-Envelope"].endswith("postmaster@example.org")
    assert sasl(server.ports["plain"], "grace", PASSWORD) == "903"
    assert "heidi" in done(server, "account", "list", "h*")
    history = Client(port, tls=True).register("late", "draft/chathistory", "batch").join("#lobby")
    history.send("CHATHISTORY LATEST #lobby * 50")
    assert not [m for m in history.sync() if m.command == "PRIVMSG"]
    for client in (bob, carol, eve, mallory, ann, frank, grace, history):
        client.close()


def test_the_page_for_somebody_who_leaves(server: Server) -> None:
    ivan, judy = join_as(server, "ivan"), join_as(server, "judy")
    for name in ("#team", "#ci"):
        ivan.join(name).send(f"CHANNEL REGISTER {name}")
        ivan.until("NOTE")
    token = token_of(ivan, "robot post:#ci")
    answers = [done(server, *words) for words in commands_of("somebody-leaves.md")]
    assert re.search(r"^#team +owner; next in line: nobody$", answers[0], re.M)
    assert "judy has 1 channels and 0 tokens" in answers[2]
    assert "judy has 1 channels and 1 tokens" in answers[3]
    assert sasl(server.ports["plain"], "ivan", token) == "903"
    assert done(server, "account", "channels", "judy").count("owner") == 2
    for client in (ivan, judy):
        client.close()


def test_what_destroys_asks_first(server: Server) -> None:
    with join_as(server, "ann") as ann, join_as(server, "eve") as eve:
        eve.join("#lobby").send("PRIVMSG #lobby :buy")
        eve.sync()
        for words in (
            ("account", "drop", "ann"),
            ("account", "revoke", "ann", "--all"),
            ("account", "password", "ann", "--code", "--revoke-all"),
            ("purge", "--by", "eve", "--since", "1h"),
        ):
            ran = run(server, *words)
            assert ran.returncode == 1, words
            assert "It would" in ran.stderr
            assert "add --yes" in ran.stderr
        assert "password: " in done(server, "account", "show", "ann")
        ann.sync()  # still connected
    assert run(server, "account", "revoke", "ann").returncode == 2
    assert run(server, "purge", "--by", "nobody-at-all", "--since", "soon").returncode == 2
    nothing = done(server, "purge", "--by", "ann", "--since", "1h", "--yes")
    assert "no message" in nothing


def test_a_person_is_asked(server: Server) -> None:
    done(server, "account", "add", "ann")
    done(server, "account", "password", "ann", "--code")
    words = ["-m", "hubbub", "account", "revoke", "ann", "--all", "--data", str(server.directory)]
    for answer, said, code in (("n", "nothing was done", 1), ("y", "Nothing logs in to it", 0)):
        person = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=PATIENCE)
        person.expect("It would take away all that proves it .1 reset. and end its connections")
        person.expect("Do it")
        person.sendline(answer)
        person.expect(said)
        person.expect(pexpect.EOF)
        person.close()
        assert person.exitstatus == code


def test_a_mail_server_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = {
        "HUBBUB_ACCESS": "open",
        "HUBBUB_ACCOUNTS__EMAIL": "optional",
        "HUBBUB_MAIL__HOST": "127.0.0.1",
        "HUBBUB_MAIL__PORT": str(port),
        "HUBBUB_MAIL__SECURITY": "none",
        "HUBBUB_MAIL__SENDER": "chat@example.org",
    }
    with Server(tmp_path / "data", **settings) as server:
        ran = run(server, "mail", "test", "ann@example.org")
        assert ran.returncode == 1
        why = f"127.0.0.1:{port}: SMTPConnectError: Connection refused"
        assert ran.stderr == f"hubbub: It was not sent: {why}\n"
        ran = run(server, "mail", "test", "ann")
        assert (ran.returncode, ran.stderr) == (1, "hubbub: Give an e-mail address\n")


@pytest.mark.parametrize("form", ["console", "json"])
def test_guesses_are_logged_for_fail2ban_and_told(tmp_path: Path, form: str) -> None:
    with Server(tmp_path / "data", HUBBUB_ACCESS="open", HUBBUB_LOG__FORMAT=form) as server:
        with join_as(server, "ann"):
            pass
        for account in ("ann", "ANN", "my-secret-password"):
            assert sasl(server.ports["plain"], account, "wrong-guess") == "904"
        server.logged("login failed")
        with Client(server.ports["plain"]) as guest:
            guest.register("guest").send(f"IDENTIFY ann {PASSWORD}")
            told = guest.until(lambda m: m.command == "NOTICE" and "failed since" in str(m))
        assert told.params[-1].startswith("2 logins to your account failed since your last one")
        assert "by the door plain" in told.params[-1]
        assert "failed logins: 2, 0 of them" in done(server, "account", "show", "ann")
        assert "3 since the start" in done(server, "status")
        hostile = "x y[1]: z [warning  ] login failed  [a.b] address=198.51.100.7 door=ssh"
        done(server, "ban", "add", "203.0.113.5", hostile)
        hostile = '"address": "198.51.100.7", "event": "login failed"'
        done(server, "ban", "add", "203.0.113.6", hostile)
    log = server.log.read_text()
    assert "198.51.100.7" in log
    assert "my-secret-password" not in log, "what is no account's name may be a password"
    assert "wrong-guess" not in log
    lines = [line for line in log.splitlines() if "login failed" in line]
    found = [match.group("host") for line in lines for match in matches(line)]
    assert found == ["127.0.0.1"] * 3, "nobody has an address banned by what he types"
    assert sum("ann" in line for line in lines) == 2


def matches(line: str) -> Iterator[re.Match[str]]:
    """Return what the filter's expressions find, as fail2ban reads them."""
    text = (FAIL2BAN / "filter.d" / "hubbub.conf").read_text()
    block = re.search(r"^failregex = (.*?)^\s*$", text, re.M | re.S)
    assert block is not None
    for expression in block.group(1).split("\n"):
        if expression.strip():
            found = re.match(expression.strip().replace("<HOST>", r"(?P<host>[0-9a-f.:]+)"), line)
            if found is not None:
                yield found
