"""Guesses of passwords at a real server: counted before they are checked, and nobody else waits."""

from __future__ import annotations

import base64
import selectors
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.node.auth.login_delays import LONGEST_SECONDS, PAIR_FREE, PAIR_SECONDS
from hubbub.passwords.argon2 import hash_password
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

GUESSES = 64
HOME, ABROAD, STRANGER = "203.0.113.9", "203.0.113.10", "198.51.100.66"
PASSWORD = "correct-horse"
LATER = int(LONGEST_SECONDS / PAIR_SECONDS)
"""How many guesses of a pair wait; the others are refused."""


def served(directory: Path, **settings: str) -> Server:
    """Return a server to which clients come from the address that a PROXY header tells."""
    for limit in ("CONNECTIONS_PER_ADDRESS", "UNAUTHENTICATED_PER_ADDRESS"):
        settings[f"HUBBUB_LIMITS__{limit}"] = str(GUESSES * 2)
    return Server(directory, HUBBUB_DOORS__PROXIES="127.0.0.1", **settings)


def came_from(server: Server, address: str) -> Client:
    client = Client(server.ports["plain"])
    client.send(f"PROXY TCP4 {address} 127.0.0.1 5000 6667")
    return client


def plain(account: str, password: str) -> str:
    return base64.b64encode(f"{account}\0{account}\0{password}".encode()).decode()


def ask_by_sasl(client: Client, number: int) -> None:
    client.send("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ann', f'no{number}')}")


def ask_by_pass(client: Client, number: int) -> None:
    client.send(f"PASS ann:no{number}", f"NICK guest{number}", "USER x 0 * :x")


def ask_by_server_password(client: Client, number: int) -> None:
    client.send(f"PASS no{number}", f"NICK g{number}", "USER x 0 * :x")


def log_in(client: Client, password: str = PASSWORD) -> str:
    """Log in as ann, and return the numeric that tells whether that was right."""
    client.send("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ann', password)}")
    return client.until(lambda m: m.command in ("903", "904")).command


def outcomes(clients: list[Client], count: int) -> dict[str, int]:
    """Wait until so many guesses were answered; return how many were wrong, and how many refused.

    Nothing comes meanwhile for the others.
    """
    found: dict[int, str] = {}
    with selectors.DefaultSelector() as selector:
        for number, client in enumerate(clients):
            selector.register(client.socket, selectors.EVENT_READ, number)
        until = time.monotonic() + 20
        while len(found) < count:
            assert time.monotonic() < until, found
            for key, _ in selector.select(1):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if b"TRY_AGAIN" in data:
                    found[key.data] = "refused"
                elif b" 904 " in data or b" 464 " in data:
                    found[key.data] = "wrong"
                if not data:
                    selector.unregister(key.fileobj)
    told = list(found.values())
    return {word: told.count(word) for word in ("wrong", "refused")}


@pytest.mark.parametrize("ask", [ask_by_sasl, ask_by_pass])
def test_guesses_at_once_are_counted_and_the_owner_logs_in_at_once(
    tmp_path: Path, ask: Callable[[Client, int], None]
) -> None:
    with served(tmp_path / "data") as server:
        with came_from(server, HOME) as owner:
            owner.register("ann", "draft/account-registration")
            owner.send(f"REGISTER * * {PASSWORD}")
            owner.until("900")
        clients = [came_from(server, STRANGER) for _ in range(GUESSES)]
        for number, client in enumerate(clients):
            ask(client, number)
        answered = outcomes(clients, GUESSES - LATER)
        assert answered == {"wrong": PAIR_FREE, "refused": GUESSES - LATER - PAIR_FREE}
        # Others do not wait for that: neither the owner, here or there, nor who is wrong elsewhere.
        began = time.monotonic()
        for address, password, outcome in (
            (HOME, PASSWORD, "903"),
            (ABROAD, PASSWORD, "903"),
            (ABROAD, "mistyped", "904"),
        ):
            with came_from(server, address) as client:
                assert log_in(client, password) == outcome
        # Even the right one, where strangers guess, is not let through before its turn.
        with came_from(server, STRANGER) as client:
            client.send("CAP REQ sasl", "AUTHENTICATE PLAIN")
            client.send(f"AUTHENTICATE {plain('ann', PASSWORD)}")
            assert "Too many wrong passwords; try again in" in client.until("FAIL").params[-1]
        assert time.monotonic() - began < PAIR_SECONDS / 3
        for client in clients:
            client.close()


def test_the_servers_password_too(tmp_path: Path) -> None:
    with served(tmp_path / "data", HUBBUB_PASSWORD=hash_password(PASSWORD)) as server:
        clients = [came_from(server, STRANGER) for _ in range(GUESSES)]
        for number, client in enumerate(clients):
            ask_by_server_password(client, number)
        answered = outcomes(clients, GUESSES - LATER)
        assert answered == {"wrong": PAIR_FREE, "refused": GUESSES - LATER - PAIR_FREE}
        with came_from(server, HOME) as client:
            client.send(f"PASS {PASSWORD}")
            client.register("ann")
        for client in clients:
            client.close()


def test_who_is_wrong_is_told_how_long_the_next_attempt_waits(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server, came_from(server, HOME) as client:
        client.send("CAP REQ sasl")
        for number in range(PAIR_FREE):
            client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('nobody', f'no{number}')}")
            client.until("904")
        (told,) = [m for m in client.seen if m.command == "NOTICE" and "attempt" in m.params[-1]]
        assert f"The next attempt waits {PAIR_SECONDS:.0f} seconds" in told.params[-1]
        assert client.seen.index(told) == len(client.seen) - 2


def test_one_device_with_an_old_password_makes_nobody_else_wait(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        with came_from(server, HOME) as owner:
            owner.register("ann", "draft/account-registration")
            owner.send(f"REGISTER * * {PASSWORD}")
            owner.until("900")
        with came_from(server, HOME) as old:
            old.send("CAP REQ sasl")
            for _ in range(PAIR_FREE * 5):
                old.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ann', 'as it was')}")
                old.until("904")
        began = time.monotonic()
        with came_from(server, HOME) as client:
            assert log_in(client) == "903"
        assert time.monotonic() - began < 4
