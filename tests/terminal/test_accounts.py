"""The client and accounts: registering, the device's token, two factors, on a real server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from hubbub.server.self_signed import make_self_signed

from . import servers
from .screen import Screen
from .servers import Running
from .test_pipe import say

PASSWORD = "correct horse".replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Closed:
    """Hold a server that lets in accounts only, and where its data is."""

    server: Running
    data: Path

    def command(self, *arguments: str) -> str:
        """Run one of the operator's commands on the server's machine."""
        command = [sys.executable, "-m", "hubbub", *arguments, "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def invite(self) -> str:
        """Return a new invite code."""
        found = re.search(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", self.command("invite", "add"))
        assert found is not None
        return found.group()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    """Run a server that lets in nobody without an account."""
    folder = tmp_path_factory.mktemp("closed")
    with servers.run("hubbub", folder, variables={"HUBBUB_ACCESS": "invite"}) as server:
        yield Closed(server, folder / "data")


def register(
    closed: Closed, home: Path, nick: str, channel: str, *arguments: str, rows: int = 24
) -> Screen:
    """Register an account with `--register`; return the client that is in the channel."""
    url = f"{closed.server.tls}/{channel}"
    screen = Screen(home, url, "--nick", nick, "--register", *arguments, rows=rows)
    try:
        _register(closed, screen, nick, channel)
    except BaseException:
        screen.process.close(force=True)
        raise
    return screen


def _register(closed: Closed, screen: Screen, nick: str, channel: str) -> None:
    for prompt in ("New password:", "The same again:"):
        screen.wait_for(prompt)
        screen.enter(PASSWORD)
    screen.wait_for("Invite code:")
    screen.enter(closed.invite())
    screen.wait_for(f"the account {nick} is registered", "this device logs in by itself")
    screen.wait_for(f"you are in {channel}")


def leave(screen: Screen) -> None:
    screen.enter("/quit")
    assert screen.wait_for_end() == 0


def tokens(home: Path) -> Path:
    return home / "config/hubbub/tokens.json"


def test_who_has_no_account_is_told_what_to_do_and_can_register(
    closed: Closed, tmp_path: Path
) -> None:
    with Screen(tmp_path, f"{closed.server.tls}/#new", "--nick", "newcomer") as screen:
        screen.wait_for("nobody without an account", "/login NAME", "/register")
        screen.enter(f"/register {closed.invite()}")
        screen.wait_for("New password:")
        screen.enter("short")
        screen.wait_for("a password has at least 8 letters", "New password:")
        screen.enter("long-enough")
        screen.wait_for("The same again:")
        screen.enter("other")
        screen.wait_for("the two differ", "New password:")
        for prompt in ("New password:", "The same again:"):
            screen.wait_for(prompt)
            screen.enter(PASSWORD)
        screen.wait_for("the account newcomer is registered", "you are in #new")
        assert PASSWORD not in screen.raw
        leave(screen)
    assert PASSWORD not in "".join(
        path.read_text() for path in tmp_path.rglob("*") if path.is_file()
    )


def test_a_device_logs_in_with_its_token_until_it_is_revoked(
    closed: Closed, tmp_path: Path
) -> None:
    url = f"{closed.server.tls}/#dev"
    with register(closed, tmp_path, "dora", "#dev") as first:
        leave(first)
    assert tokens(tmp_path).stat().st_mode & 0o077 == 0
    (held,) = json.loads(tokens(tmp_path).read_text()).values()
    token = held["dora"]["token"]
    assert token.startswith("hub_")
    with Screen(tmp_path, url) as again:
        again.wait_for("you are logged in as dora", "you are in #dev")
        again.enter("/devices")
        again.wait_for("(this device): chat, made", "session")
        again.enter("/token add other")
        again.wait_for("This takes your password once more:")
        again.enter("wrong-password")
        again.wait_for("This does not prove that dora is you", "once more:")
        again.enter(PASSWORD)
        again.wait_for("token other: hub_")
        again.enter("/revoke all")
        again.wait_for("are taken back")
        assert token not in again.raw
        leave(again)
    assert say(tmp_path, "from a script\n", url)[0] == 0
    elsewhere = tmp_path / "elsewhere"
    with Screen(elsewhere, url, "--account", "dora") as other:
        other.wait_for("Password of dora:")
        other.enter(PASSWORD)
        other.wait_for("you are in #dev", "this device logs in by itself")
        other.enter(f"/token remove {held['dora']['name']}")
        other.wait_for("the token is removed")
        code, _, err = say(tmp_path, "x", url)
        assert code == 5, err
        assert "not accepted any more" in err
        assert json.loads(tokens(tmp_path).read_text()) == {}
        with Screen(tmp_path, url, "--account", "dora") as asked:
            asked.wait_for("Password of dora:")
            asked.enter("wrong")
            asked.wait_for("Code of two-factor")
            asked.enter("")
            asked.wait_for("wrong account name", "Password of dora:")
            asked.enter(PASSWORD)
            asked.wait_for("you are in #dev")
            leave(asked)
        leave(other)


def test_a_script_is_let_in_with_the_variable_and_not_without(
    closed: Closed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{closed.server.tls}/#ci"
    code, _, err = say(tmp_path, "x", url, "--nick", "script")
    assert (code, "nobody without an account" in err) == (5, True), err
    code, _, err = say(tmp_path, "x", url, "--account", "script")
    assert (code, "HUBBUB_CHAT_ACCOUNT_PASSWORD" in err) == (5, True), err
    with register(closed, tmp_path / "person", "script", "#ci") as person:
        monkeypatch.setenv("HUBBUB_CHAT_ACCOUNT_PASSWORD", PASSWORD)
        code, _, err = say(tmp_path, "x", url, "--account", "script")
        assert code == 0, err
        person.wait_for("<@script> x")
        person.enter("/token add ci post:#ci")
        shown = person.wait_for("shown this once")
        found = re.search(r"hub_[a-z2-7]{32}", shown)
        assert found is not None
        monkeypatch.setenv("HUBBUB_CHAT_ACCOUNT_PASSWORD", found.group())
        code, _, err = say(tmp_path, "posted", url, "--account", "script", "--nick", "ci")
        assert code == 0, err
        person.wait_for("<@script> posted")
        monkeypatch.setenv("HUBBUB_CHAT_ACCOUNT_PASSWORD", "wrong")
        assert say(tmp_path, "x", url, "--account", "script")[0] == 5
        leave(person)
    closed.command("account", "suspend", "script", "holiday")
    monkeypatch.delenv("HUBBUB_CHAT_ACCOUNT_PASSWORD")
    code, _, err = say(tmp_path / "person", "x", url)
    assert (code, "This account is suspended: holiday" in err) == (5, True), err
    assert "script" in tokens(tmp_path / "person").read_text()
    assert not tokens(tmp_path).exists()


def test_two_factors_are_set_up_and_asked_for(closed: Closed, tmp_path: Path) -> None:
    url = f"{closed.server.tls}/#2fa"
    with register(closed, tmp_path, "totty", "#2fa", rows=40) as screen:
        screen.enter("/clear")
        screen.enter("/2fa on")
        shown = screen.wait_for("its key is", "Code that your app shows:")
        found = re.search(r"its key is ([A-Z2-7]{32})", shown.replace("\n", ""))
        assert found is not None
        key = pyotp.TOTP(found.group(1))
        screen.enter("000000")
        screen.wait_for("This code is wrong")
        screen.wait_for("Code that your app shows:")
        screen.enter(key.now())
        shown = screen.wait_for("two-factor authentication is on")
        codes = re.findall(r"(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}", shown)
        assert len(codes) == 8
        leave(screen)
    with Screen(tmp_path / "b", url, "--account", "totty") as other:
        other.wait_for("Password of totty:")
        other.enter(PASSWORD)
        other.wait_for("Code of two-factor authentication")
        other.enter(codes[0])
        other.wait_for("you are in #2fa", "this device logs in by itself")
        other.enter("/2fa off")
        other.wait_for("or a recovery code:")
        other.enter(codes[1])
        other.wait_for("two-factor authentication is off")
        leave(other)


def test_secrets_that_were_typed_do_not_come_back(closed: Closed, tmp_path: Path) -> None:
    with register(closed, tmp_path, "upkey", "#up") as screen:
        screen.enter("hello")
        screen.wait_for("<@upkey> hello")
        screen.enter("/join #more secretkey")
        screen.wait_for("you are in #more")
        screen.enter("/redeem AAAA-BBBB")
        screen.wait_for("code is not valid")
        screen.type("\x1b[A")
        screen.wait_for(end="> hello")
        screen.type("\x15")
        leave(screen)


def test_the_password_is_changed_and_one_logs_out(tmp_path: Path, hubbub: Running) -> None:
    url = f"{hubbub.tls}/#open"
    with Screen(tmp_path, url, "--nick", "changer") as screen:
        screen.wait_for("you are in #open")
        screen.enter("/token list")
        screen.wait_for("Log in first: /login NAME, or /register")
        screen.enter("/register")
        for prompt in ("New password:", "The same again:"):
            screen.wait_for(prompt)
            screen.enter(PASSWORD)
        screen.wait_for("the account changer is registered", "this device logs in by itself")
        screen.enter("/password")
        screen.wait_for("Old password:")
        screen.enter(PASSWORD)
        for prompt in ("New password:", "The same again:"):
            screen.wait_for(prompt)
            screen.enter("another-password")
        screen.wait_for("End everything else that is logged in")
        screen.enter("no")
        screen.wait_for("Your password is changed")
        screen.enter("/token add ci post:#open 30d")
        screen.wait_for("token ci: hub_", "shown this once")
        screen.enter("/logout")
        screen.wait_for("you are logged out")
        screen.enter("/login changer")
        screen.wait_for("Password of changer:")
        screen.enter("another-password")
        screen.wait_for("you are logged in as changer")
        leave(screen)


def test_a_certificate_logs_in_without_a_word(closed: Closed, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_bytes(b"".join(make_self_signed(["certy"], datetime.now(UTC))))
    with register(closed, tmp_path, "certy", "#cert", "--certificate", str(file)) as screen:
        screen.enter("/cert add")
        screen.wait_for("is added to your account")
        leave(screen)
    url = f"{closed.server.tls}/#cert"
    code, _, err = say(tmp_path / "b", "with a certificate", url, "--certificate", str(file))
    assert code == 0, err
    code, _, err = say(tmp_path / "b", "x", url, "--certificate", str(tmp_path / "none.pem"))
    assert (code, "none.pem" in err) == (2, True), err


def test_the_simple_mode_asks_without_showing(closed: Closed, tmp_path: Path) -> None:
    with register(closed, tmp_path, "simple", "#simple") as person:
        leave(person)
    url = f"{closed.server.tls}/#simple"
    dumb = {"TERM": "dumb"}
    with Screen(tmp_path / "b", url, "--account", "simple", variables=dumb) as screen:
        screen.wait_for("Password of simple:")
        screen.enter(PASSWORD)
        screen.wait_for("you are in #simple")
        assert PASSWORD not in screen.raw
        screen.enter("seen")
        screen.wait_for("<@simple> seen")
        leave(screen)


def test_an_answer_that_comes_late_is_taken_on_the_next_connection(
    tmp_path: Path,
) -> None:
    variables = {"HUBBUB_ACCESS": "invite", "HUBBUB_LIMITS__REGISTRATION_SECONDS": "1"}
    with servers.run("hubbub", tmp_path / "server", variables=variables) as server:
        closed = Closed(server, tmp_path / "server/data")
        with Screen(tmp_path, f"{server.tls}/#late", "--nick", "late") as screen:
            screen.wait_for("nobody without an account", "waiting for you")
            screen.enter(f"/register {closed.invite()}")
            for prompt in ("New password:", "The same again:"):
                screen.wait_for(prompt)
                screen.enter(PASSWORD)
            screen.wait_for("you are in #late")
            leave(screen)
