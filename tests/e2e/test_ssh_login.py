"""Who one is, coming in by SSH: by key, by password, as a guest; and not by what is not proved."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen

pytestmark = ssh.NEEDED

PASSWORD = "correct horse battery"
# What a server says before one is let in is not shown by default in these tests.
LOUD = "-oLogLevel=INFO"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("ssh") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def register(
    server: Server, name: str, *commands: str, key: Path | None = None, about: str = ""
) -> None:
    """Make an account, with a key perhaps, and do something more in its name."""
    with Client(server.ports["plain"]) as client:
        client.register(name)
        client.send(f"REGISTER * * :{PASSWORD}")
        client.until("REGISTER")
        if key is not None:
            ssh.add_key(client, key, about)
        client.send(*commands)
        client.sync()
        client.leave()


def me(server: Server, user: str, key: Path | None = None) -> str:
    """Return under which nick somebody comes in."""
    done = ssh.run(server.ports["ssh"], "who", user=user, key=key)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return next(row[0] for row in rows if row[3] == user)


def test_a_guest_has_the_name_that_was_asked_for(server: Server) -> None:
    assert me(server, "visitor") == "visitor"


def test_a_key_that_belongs_to_nobody_is_a_guests(server: Server, tmp_path: Path) -> None:
    assert me(server, "stranger", ssh.make_key(tmp_path)) == "stranger"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_is_its_accounts_under_a_name_that_is_nobodys(
    server: Server, tmp_path: Path, kind: str
) -> None:
    key = ssh.make_key(tmp_path, "key", kind)
    register(server, f"ann-{kind}", key=key, about="laptop")
    with Client(server.ports["plain"]) as witness:
        witness.register(f"wit-{kind}", "message-tags", "account-tag").join(f"#{kind}")
        done = ssh.run(server.ports["ssh"], f"post '#{kind}'", user="root", key=key, input="hi\n")
        assert done.returncode == 0, done.stderr
        assert f"your key is ann-{kind}'s, so you are ann-{kind} here" in done.stderr
        said = witness.until("PRIVMSG")
        assert said.nick == f"ann-{kind}"
        assert said.tags["account"] == f"ann-{kind}"


def test_a_key_is_not_another_account_than_the_one_that_was_asked_for(
    server: Server, tmp_path: Path
) -> None:
    port, key = server.ports["ssh"], ssh.make_key(tmp_path)
    register(server, "bob1", key=key)
    register(server, "ann1")
    done = ssh.run(
        port, LOUD, "-oBatchMode=yes", "post '#lobby'", user="ann1", key=key, input="x\n"
    )
    assert done.returncode == 255
    assert "This key is the account bob1's, and you asked for ann1" in done.stderr
    right = ssh.answering(tmp_path, PASSWORD)
    with Client(server.ports["plain"]) as witness:
        witness.register("wit1").join("#lobby")
        done = ssh.run(
            port, "post '#lobby'", user="ann1", key=key, input="mine\n", environment=right
        )
        assert done.returncode == 0, done.stderr
        assert witness.until("PRIVMSG").nick == "ann1"


def test_a_strangers_key_that_somebody_lists_makes_nobody_that_account(
    server: Server, tmp_path: Path
) -> None:
    key = ssh.make_key(tmp_path)
    with Client(server.ports["plain"]) as squatter:
        squatter.register("squat")
        squatter.send(f"REGISTER * * :{PASSWORD}", f"KEY ADD {ssh.fingerprint(key)}")
        squatter.until("KEY")
        assert me(server, "honest", key) == "honest"
        register(server, "honest", key=key)
        told = squatter.until("NOTICE")
        while "lists it no more" not in told.params[-1]:
            told = squatter.until("NOTICE")
    with Client(server.ports["plain"]) as witness:
        witness.register("wit2", "message-tags", "account-tag").join("#lobby")
        done = ssh.run(server.ports["ssh"], "post '#lobby'", user="honest", key=key, input="me\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert witness.until("PRIVMSG").tags["account"] == "honest"


def test_a_listed_key_takes_the_password_once(server: Server, tmp_path: Path) -> None:
    port, key = server.ports["ssh"], ssh.make_key(tmp_path)
    register(server, "lia", f"KEY ADD {ssh.fingerprint(key)} laptop")
    alone = ("-oBatchMode=yes", "post '#lobby'")
    assert ssh.run(port, *alone, user="lia", key=key, input="x\n").returncode == 255
    right = ssh.answering(tmp_path, PASSWORD)
    asked = ssh.run(port, "post '#lobby'", user="lia", key=key, input="x\n", environment=right)
    assert asked.returncode == 0, asked.stderr
    done = ssh.run(port, *alone, user="lia", key=key, input="x\n")
    assert done.returncode == 0, done.stderr


def test_a_newcomer_adds_the_key_that_ssh_has_shown(server: Server, tmp_path: Path) -> None:
    port, key = server.ports["ssh"], ssh.make_key(tmp_path)
    with SSHScreen(port, user="newton", key=key, columns=120) as screen:
        screen.wait_for("you are newton on")
        screen.enter("/register")
        for prompt in ("New password:", "The same again:"):
            screen.wait_for(prompt)
            screen.enter("quite-long-enough")
        screen.wait_for("the account newton is registered")
        screen.enter("/key add")
        screen.wait_for("the SSH key is added to your account")
        screen.enter("/quit")
        screen.wait_for_end()
    done = ssh.run(port, "-oBatchMode=yes", "post '#lobby'", user="newton", key=key, input="x\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_key_that_is_offered_and_not_proved_is_nobodys(server: Server, tmp_path: Path) -> None:
    # The private half is locked, so ssh can show the public one but sign nothing.
    key = ssh.make_key(tmp_path)
    register(server, "owner", key=key)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "locked", "-f", str(key)], check=True)
    offered = ssh.run(server.ports["ssh"], "-v", "-oLogLevel=DEBUG", "who", user="mallory", key=key)
    assert "Offering public key" in offered.stderr
    assert "Server accepts key" in offered.stderr
    assert me(server, "mallory", key) == "mallory"


def test_an_accounts_name_needs_its_password(server: Server) -> None:
    register(server, "bea")
    refused = ssh.run(server.ports["ssh"], "-oBatchMode=yes", "who", user="bea")
    assert refused.returncode == 255
    with SSHScreen(server.ports["ssh"], LOUD, user="bea") as screen:
        screen.process.expect("Password of bea: ")
        screen.enter("wrong")
        screen.process.expect("Wrong account name or password")
        screen.process.expect("Password of bea: ")
        screen.enter(PASSWORD)
        screen.wait_for("you are bea on")
        screen.enter("/whois bea")
        screen.wait_for("bea is logged in as bea")


def test_a_stolen_token_locks_nobody_out(server: Server, tmp_path: Path) -> None:
    with Client(server.ports["plain"]) as owner:
        owner.register("tess")
        owner.send(f"REGISTER * * :{PASSWORD}")
        owner.until("REGISTER")
        owner.send("TOKEN ADD phone")
        token = owner.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED").params[2]
        with SSHScreen(server.ports["ssh"], user="tess", columns=120) as screen:
            screen.process.expect("Password of tess: ")
            screen.enter(token)
            screen.wait_for("you are tess on")
            screen.enter("/2fa on")
            screen.wait_for("This takes your password once more:")
            screen.enter(token)
            screen.wait_for("This does not prove", "This takes your password once more:")
            screen.enter("")
            screen.wait_for("nothing was changed")
            owner.send("REVOKE ALL")
            owner.until("REVOKE")
            assert screen.wait_for_end() == 1
        owner.leave()


def test_a_token_for_one_purpose_does_no_more(server: Server, tmp_path: Path) -> None:
    with Client(server.ports["plain"]) as client:
        client.register("cy")
        client.send(f"REGISTER * * :{PASSWORD}")
        client.until("REGISTER")
        client.send("TOKEN ADD ci post:#lobby")
        token = client.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED").params[2]
        client.leave()
    answering = ssh.answering(tmp_path, token)
    refused = (("post '#other'", 5), ("history '#lobby'", 5), ("tail '#lobby'", 5), ("who", 5))
    for words, code in (("post '#lobby'", 0), *refused):
        done = ssh.run(
            server.ports["ssh"], words, user="cy", input="built\n", environment=answering
        )
        assert done.returncode == code, (words, done.stderr)
        told = "hat you logged in with is for post:#lobby only"
        assert (told in done.stderr) is (code != 0), done.stderr


def test_the_key_of_a_suspended_or_dropped_account_opens_nothing(
    server: Server, tmp_path: Path
) -> None:
    port, key = server.ports["ssh"], ssh.make_key(tmp_path)
    register(server, "sue", key=key)
    with Client(server.ports["plain"]) as boss:
        boss.register("boss")
        boss.send(f"REGISTER * * :{PASSWORD}")
        boss.until("REGISTER")
        boss.send(f"REDEEM {server.owner_code}")
        boss.sync()
        with SSHScreen(port, user="x", key=key) as screen:
            screen.wait_for("you are sue on")
            boss.send("ACCOUNT SUSPEND sue :spam")
            assert screen.wait_for_end() == 1
        assert ssh.run(port, "post '#lobby'", user="x", key=key, input="hi\n").returncode == 5
        with SSHScreen(port, user="x", key=key, columns=200) as screen:
            assert screen.wait_for_end() == 1
        assert screen.raw.count("This account is suspended: spam") == 1
        boss.send("ACCOUNT SURE DROP sue")
        boss.sync()
        boss.leave()
    assert me(server, "nobody", key) == "nobody"


def test_an_account_finds_its_channels_and_manages_its_keys(server: Server, tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path)
    other = ssh.fingerprint(ssh.make_key(tmp_path, "other"))
    register(server, "fay", "JOIN #team", "MODE #team +n", key=key)
    with SSHScreen(server.ports["ssh"], user="x", key=key, columns=120) as screen:
        screen.wait_for("you are in #team", "fay", end="#team>")
        screen.enter(f"/key add {other}")
        screen.wait_for("is added to your account")
        screen.enter("/key list")
        screen.wait_for(other)
        screen.enter("/quit")
        screen.wait_for_end()
        assert "#lobby" not in screen.raw


def test_a_key_for_one_purpose_does_no_more(server: Server, tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path)
    register(server, "robot", key=key, about="ci post:#lobby")
    for words, code in (("post '#lobby'", 0), ("post '#other'", 5), ("tail '#ops'", 5)):
        done = ssh.run(server.ports["ssh"], words, user="x", key=key, input="built\n")
        assert done.returncode == code, (words, done.stderr)
    with SSHScreen(server.ports["ssh"], user="x", key=key) as screen:
        screen.wait_for("what you logged in with is for post:#lobby only")
        assert screen.wait_for_end() == 5


def test_a_key_that_only_reads_hears_and_reads_back(server: Server, tmp_path: Path) -> None:
    port, key = server.ports["ssh"], ssh.make_key(tmp_path)
    register(server, "reader", key=key, about="logs read:#ops")
    with Client(server.ports["plain"]) as ann:
        ann.register("annr").join("#ops")
        command = ssh.command(port, "tail -n 1 '#ops'", user="x", key=key)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as tail:
            ann.until("JOIN")
            ann.send("PRIVMSG #ops :disk full")
            out, _ = tail.communicate(timeout=ssh.SECONDS)
        assert (tail.returncode, out) == (0, b"<annr> disk full\n")
        done = ssh.run(port, "history '#ops'", user="x", key=key)
        assert done.stdout.endswith("<annr> disk full\n"), done.stderr
        for words in ("post '#ops'", "tail '#lobby'", "who"):
            assert ssh.run(port, words, user="x", key=key, input="hi\n").returncode == 5
        ann.leave()


def test_too_many_attempts_end_the_connection(tmp_path: Path) -> None:
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_LIMITS__LOGIN_ATTEMPTS": "1"}
    with Server(tmp_path / "data", **settings) as server:
        register(server, "dan")
        with SSHScreen(server.ports["ssh"], user="dan") as screen:
            for _ in range(2):
                screen.process.expect("Password of dan: ")
                screen.enter("wrong")
            screen.process.expect("Too many attempts")


def test_a_closed_server_says_why(tmp_path: Path) -> None:
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_ACCESS": "closed"}
    with Server(tmp_path / "data", **settings) as server:
        done = ssh.run(server.ports["ssh"], LOUD, "who", user="stranger")
    assert done.returncode == 255
    assert "its operators make them" in done.stderr


def test_the_servers_password_is_asked_for(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
        "HUBBUB_PASSWORD": hash_password("sesame"),
    }
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["ssh"]
        right = ssh.answering(tmp_path, "sesame")
        done = ssh.run(port, "post '#lobby'", user="bob", input="in\n", environment=right)
        assert done.returncode == 0, done.stderr
        refused = ssh.answering(tmp_path, "simsalabim")
        done = ssh.run(port, LOUD, "help", user="bob", environment=refused)
        assert done.returncode == 255
        assert "not the password of this server" in done.stderr


def test_who_is_invited_gets_an_account_with_the_key(tmp_path: Path) -> None:
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_ACCESS": "invite"}
    key, another = ssh.make_key(tmp_path, "mine"), ssh.make_key(tmp_path, "another")
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["ssh"]
        wrong = ssh.answering(tmp_path, "AAAA-BBBB-CCCC-DDDD")
        refused = ssh.run(port, LOUD, "help", user="newbie", key=key, environment=wrong)
        assert refused.returncode == 255
        assert "An invite code makes one" in refused.stderr
        assert "Wrong account name or password" in refused.stderr
        right = ssh.answering(tmp_path, invite(server))
        keyless = ssh.run(port, LOUD, "help", user="newbie", environment=right)
        assert keyless.returncode == 255
        assert "you have shown none: make one (ssh-keygen)" in keyless.stderr
        # Somebody who is in lists the newcomer's key: that keeps nobody out.
        squat(server, ssh.fingerprint(key))
        asked = ssh.run(port, "post '#lobby'", user="newbie", key=key, environment=right)
        assert asked.returncode == 0, asked.stderr
        # The account is there, the key alone opens it, and the code is used up.
        assert ssh.run(port, "who", user="anything", key=key).stdout.startswith("newbie\t")
        assert ssh.run(port, "help", user="x", key=another, environment=right).returncode == 255


def squat(server: Server, fingerprint: str) -> None:
    """List somebody else's key."""
    with Client(server.ports["plain"]) as member:
        member.send("NICK member", "USER member 0 * :member")
        member.send(f"REGISTER * * {PASSWORD.replace(' ', '-')} {invite(server)}")
        member.until("001")
        member.send(f"KEY ADD {fingerprint}")
        member.until("KEY")
        member.leave()


def invite(server: Server) -> str:
    """Return a new invite code, as its operator makes one."""
    made = subprocess.run(
        [sys.executable, "-m", "hubbub", "invite", "add", "--data", str(server.directory)],
        capture_output=True,
        text=True,
        check=True,
    )
    return next(word for word in made.stdout.split() if word.count("-") >= 3)
