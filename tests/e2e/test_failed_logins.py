"""Whatever can be guessed at a door is counted when it was wrong, and logged where it came from."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from hubbub.passwords.argon2 import hash_password
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_bad_day import matches
from tests.e2e.test_health import HEALTH, run_with, scraped

PASSWORD = "correct-horse"
NOT_THESE = "not-the-password"
CODE = "AAAA-BBBB-CCCC-DDDD"
SERVERS = "everybodys-word"


@pytest.fixture(scope="module", params=["", SERVERS], ids=["no-password", "servers-password"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Yield a server with an account, an operator of the settings, and a password of its own."""
    directory = tmp_path_factory.mktemp("failed")
    password = f'password = "{hash_password(SERVERS)}"\n' if request.param else ""
    text = f'{password}[operators]\nroot = "{hash_password(PASSWORD)}"\n'
    (directory / "hubbub.toml").write_text(text)
    with Server(directory / "data", HUBBUB_ACCESS="open", **HEALTH) as server:
        run_with(server, "account", "add", "ann", "--password", given=f"{PASSWORD}\n")
        yield server


def counted(server: Server) -> float:
    return scraped(server)["hubbub_logins_total", "plain", "failed"]


def sasl(account: str, given: str) -> list[str]:
    plain = base64.b64encode(f"\0{account}\0{given}".encode()).decode()
    return ["CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain}"]


OUTSIDE = {
    "PASS": [f"PASS ann:{NOT_THESE}", "NICK zoe", "USER zoe 0 * :zoe"],
    "PASS nobody's": [f"PASS {NOT_THESE}:{NOT_THESE}", "NICK zoe", "USER zoe 0 * :zoe"],
    "SASL PLAIN": sasl("ann", NOT_THESE),
    "SASL nobody's": sasl(NOT_THESE, NOT_THESE),
    "a token": sasl("ann", f"hubbub_{'A' * 26}"),
}
INSIDE = (
    f"IDENTIFY ann {NOT_THESE}",
    f"PRIVMSG NickServ :IDENTIFY ann {NOT_THESE}",
    f"OPER root {NOT_THESE}",
    f"OPER {NOT_THESE} {NOT_THESE}",
    f"RESETPASS ann {CODE} new-{PASSWORD}",
    f"VERIFY ann {CODE}",
)
LOGGED_IN = (
    f"REAUTH :{NOT_THESE}",
    f"PASSWD {NOT_THESE} new-{PASSWORD}",
    f"UNREGISTER ann {NOT_THESE} SURE",
    f"REDEEM {CODE}",
)


@pytest.mark.parametrize("way", OUTSIDE)
def test_who_is_not_in_yet(server: Server, way: str) -> None:
    before = counted(server)
    with Client(server.ports["plain"]) as client:
        client.send(*OUTSIDE[way])
        client.until(lambda m: m.command in ("464", "904"))
    assert counted(server) == before + 1


def inside(server: Server, nick: str) -> Client:
    client = Client(server.ports["plain"])
    client.send(f"PASS {SERVERS}")
    return client.register(nick)


@pytest.mark.parametrize("line", INSIDE)
def test_who_is_in(server: Server, line: str) -> None:
    before = counted(server)
    with inside(server, "zoe") as client:
        client.send(line)
        client.sync()
        assert counted(server) == before + 1
        client.leave()


@pytest.mark.parametrize("line", LOGGED_IN)
def test_who_is_logged_in(server: Server, line: str) -> None:
    with inside(server, "ann2") as client:
        client.send(f"IDENTIFY ann {PASSWORD}")
        client.until("900")
        before = counted(server)
        client.send(line)
        client.sync()
        assert counted(server) == before + 1
        client.leave()


def test_the_log_has_a_line_for_each_and_nothing_that_was_typed(server: Server) -> None:
    before = counted(server)
    with inside(server, "zoe") as client:
        client.send(f"OPER root {NOT_THESE}", f"OPER {NOT_THESE} {NOT_THESE}")
        client.sync()
        client.leave()
    assert counted(server) == before + 2
    log = server.log.read_text()
    assert NOT_THESE not in log, "what is no operator's name may be a password in the wrong place"
    lines = [line for line in log.splitlines() if "login failed" in line]
    assert len(lines) == before + 2
    assert [m["host"] for line in lines for m in matches(line)] == ["127.0.0.1"] * len(lines)
