"""SCRAM, led against a real server of it: no password is sent, and the server proves itself."""

from __future__ import annotations

import base64

import pytest
from scramp import ScramMechanism

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.credentials.scram import ScramSHA256
from hubbub.client.errors import ExchangeError
from hubbub.client.events import ConnectionRefused
from tests.client.door import FAILED, Door
from tests.client.harness import CAPABILITIES


def scram_server(password: str, rounds: int = 4096) -> object:
    mechanism = ScramMechanism("SCRAM-SHA-256")
    info = mechanism.make_auth_info(password, iteration_count=rounds)
    return mechanism.make_server(lambda name: info)


def exchange(door: Door, server: object, rounds: int = 0) -> None:
    """Lead a SCRAM exchange up to the server's proof."""
    door.receive("AUTHENTICATE +")
    first = decoded(door)
    server.set_client_first(first)  # type: ignore[attr-defined]
    reply = server.get_server_first()  # type: ignore[attr-defined]
    if rounds:
        reply = reply.replace("i=4096", f"i={rounds}")
    door.receive("AUTHENTICATE " + base64.b64encode(reply.encode()).decode())


def decoded(door: Door) -> str:
    return base64.b64decode(door.sent()[-1].removeprefix("AUTHENTICATE ")).decode()


SCRAM = f"{CAPABILITIES} sasl=PLAIN,SCRAM-SHA-256"


def test_scram_never_sends_the_password_and_proves_the_server() -> None:
    door = Door(Credentials("ann", "pw"), SCRAM)
    assert door.sent() == ["AUTHENTICATE SCRAM-SHA-256"]
    server = scram_server("pw")
    exchange(door, server)
    server.set_client_final(decoded(door))  # type: ignore[attr-defined]
    final = server.get_server_final()  # type: ignore[attr-defined]
    door.receive("AUTHENTICATE " + base64.b64encode(final.encode()).decode())
    assert door.sent() == ["AUTHENTICATE +"]
    door.accept()
    assert door.sent() == ["CAP END"]


def test_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    door = Door(Credentials("ann", "pw"), SCRAM)
    exchange(door, scram_server("pw"))
    door.accept()
    assert "did not prove" in str(door.last(ConnectionRefused))
    door = Door(Credentials("ann", "pw"), SCRAM)
    exchange(door, scram_server("pw"))
    door.receive("AUTHENTICATE " + base64.b64encode(b"v=AAAA").decode())
    assert "does not know the password" in str(door.last(ConnectionRefused))
    assert door.sent()[-1] == "AUTHENTICATE *"


@pytest.mark.parametrize("rounds", [1, 4095, 100_000_000])
def test_a_server_cannot_choose_how_cheap_or_dear_hashing_is(rounds: int) -> None:
    door = Door(Credentials("ann", "pw"), SCRAM)
    exchange(door, scram_server("pw"), rounds)
    assert f"{rounds} rounds" in str(door.last(ConnectionRefused))


def test_an_account_without_scram_keys_is_tried_with_plain() -> None:
    door = Door(Credentials("ann", "pw"), SCRAM)
    exchange(door, scram_server("other"))
    door.sent()
    door.receive(FAILED)
    assert door.sent() == ["AUTHENTICATE PLAIN"]


SALT = base64.b64encode(b"salt").decode()


@pytest.mark.parametrize(
    ("challenge", "why"),
    [
        (b"r=nonceserver,s=" + SALT.encode() + b",i=4095", "asks for 4095 rounds"),
        (b"r=nonceserver,s=" + SALT.encode(), "asks for no rounds"),
        (b"r=nonceserver,s=" + SALT.encode() + b",i=" + b"9" * 30, "asks for 9{20} rounds"),
        (b"r=other,s=" + SALT.encode() + b",i=4096", "does not know the password"),
        (b"\xff\xfe", "does not know the password"),
        (b"i=4096", "does not know the password"),
    ],
)
def test_a_challenge_that_is_no_scram_ends_the_exchange(challenge: bytes, why: str) -> None:
    scram = ScramSHA256("ann", "pw", "nonce")
    scram.answer(b"")
    with pytest.raises(ExchangeError, match=why):
        scram.answer(challenge)
    assert not scram.is_proved


def test_a_password_that_scram_cannot_say_is_refused_at_once() -> None:
    with pytest.raises(ExchangeError, match="the password cannot be used"):
        ScramSHA256("ann", "\ue000\0", "nonce").answer(b"")
