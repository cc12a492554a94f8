"""SIGKILL right after an answer: what was said of an account holds at the next start."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pyotp
import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_stranger import PASSWORD, plain, until


class House:
    """Hold a server that is killed, and those who talk to it."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.server = Server(directory, HUBBUB_ACCESS="invite")
        self._stack = stack
        stack.callback(self._stop)
        self.server.start()

    def _stop(self) -> None:
        self.server.stop()
        assert "Traceback" not in self.server.log.read_text()

    def open(self) -> Client:
        """Return a connection that negotiates."""
        client = self._stack.enter_context(Client(self.server.ports["plain"]))
        client.send("CAP LS 302")
        return client

    def registered(self, name: str, code: str = "") -> Client:
        """Register with an invite code, or the owner's; return the connection as it is then."""
        client = self.open()
        client.send(f"NICK {name}", f"USER {name} 0 * :{name}")
        client.send(f"REGISTER * * {PASSWORD} {code or self.server.owner_code}")
        assert until(client, "REGISTER", "FAIL").params[0] == "SUCCESS"
        return client

    def member(self, name: str) -> Client:
        """Return somebody who came in."""
        client = self.registered(name)
        client.send("CAP END")
        until(client, "376", "422")
        return client

    def attempt(self, password: str, account: str = "ann") -> str:
        """Return how a login ends."""
        return plain(self.open(), account, password)

    def kill(self) -> None:
        """Kill the server, and start it anew."""
        self.server.kill()
        self.server.start()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path / "data", stack)


def test_a_registration_and_the_code_it_used(house: House) -> None:
    owner = house.member("owner")
    owner.send("INVITECODE ADD 1 1h")
    code = owner.until("INVITECODE").params[2]
    house.registered("ann", code)
    house.kill()
    assert "owner code" not in house.server.banner
    assert house.attempt(PASSWORD) == "903"
    assert house.attempt(PASSWORD, "owner") == "903"
    thief = house.open()
    thief.send("NICK thief", f"REGISTER * * {PASSWORD} {code}")
    assert until(thief, "REGISTER", "FAIL").params[1] == "INVALID_INVITE"


def test_a_login_with_a_one_time_password(house: House) -> None:
    ann = house.member("ann")
    ann.send("TOTP BEGIN")
    totp = pyotp.TOTP(ann.until("TOTP").params[1])
    code = totp.now()
    ann.send(f"TOTP CONFIRM {code}")
    told = ann.until(lambda m: m.command == "TOTP" and m.params[0] == "RECOVERY")
    used, unused, *_ = told.params[1].split()
    assert house.attempt(f"{PASSWORD}:{used}") == "903"
    house.kill()
    assert house.attempt(f"{PASSWORD}:{used}") == "904"
    assert house.attempt(f"{PASSWORD}:{code}") == "904"
    assert house.attempt(PASSWORD) == "904"
    assert house.attempt(f"{PASSWORD}:{unused}") == "903"


def test_what_was_revoked_and_changed(house: House) -> None:
    ann = house.member("ann")
    ann.send("TOKEN ADD phone", "TOKEN ADD desk")
    phone, desk = (
        ann.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED").params[2]
        for _ in range(2)
    )
    ann.send("TOKEN DEL phone")
    ann.until(lambda m: m.command == "TOKEN" and m.params[0] == "REMOVED")
    ann.send(f"PASSWD {PASSWORD} another-password")
    ann.until("PASSWD")
    house.kill()
    assert house.attempt(phone) == "904"
    assert house.attempt(desk) == "903"
    assert house.attempt(PASSWORD) == "904"
    assert house.attempt("another-password") == "903"
    house.server.stop()
    kept = b"".join(file.read_bytes() for file in house.server.directory.glob("journal.sqlite*"))
    assert kept.count(b"$argon2id$") == 1, "of the old password nothing is left"
    with closing(sqlite3.connect(house.server.directory / "journal.sqlite")) as journal:
        (count,) = journal.execute(
            "SELECT count(*) FROM record WHERE data LIKE '%$argon2%'"
        ).fetchone()
        (snapshots,) = journal.execute(
            "SELECT count(*) FROM snapshot WHERE instr(data, CAST('$argon2' AS BLOB))"
        ).fetchone()
        (bodies,) = journal.execute(
            "SELECT count(*) FROM record WHERE body LIKE '%$argon2%'"
        ).fetchone()
    assert (count, snapshots, bodies) == (0, 0, 1), "a secret is a body, and nothing else"


@pytest.mark.parametrize(("command", "refusal"), [("SUSPEND", "902"), ("SURE DROP", "904")])
def test_an_account_that_was_closed(house: House, command: str, refusal: str) -> None:
    owner = house.member("owner")
    owner.send(f"ACCOUNT ADD ann {PASSWORD}")
    assert until(owner, "ACCOUNT", "FAIL").command == "ACCOUNT"
    # Of one that was used, nobody else gets the name.
    assert house.attempt(PASSWORD) == "903"
    owner.send(f"ACCOUNT {command} ann")
    assert until(owner, "ACCOUNT", "FAIL").command == "ACCOUNT"
    house.kill()
    assert house.attempt(PASSWORD) == refusal
    other = house.open()
    assert plain(other, "owner", PASSWORD) == "903"
    other.send("NICK owner", "USER x 0 * :x", "CAP END", "NICK ann")
    assert until(other, "433", "NICK").command == "433"


def test_who_stays_is_there_and_away(house: House) -> None:
    house.member("owner").join("#lobby")
    house.kill()
    back = house.open()
    assert plain(back, "owner", PASSWORD) == "903"
    back.send("NICK owner", "USER x 0 * :x", "CAP END")
    assert until(back, "JOIN").params[0] == "#lobby"
