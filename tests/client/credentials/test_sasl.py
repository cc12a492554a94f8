"""SASL's messages: what each mechanism says, in parts where it is long."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.credentials.sasl import CHUNK, External, Mechanism, Plain, chunks, decode
from hubbub.client.errors import ExchangeError
from hubbub.client.events import ConnectionRefused
from tests.client.door import Door
from tests.client.harness import Peer


@pytest.mark.parametrize("offered", ["sasl=PLAIN", "sasl=EXTERNAL,PLAIN", "sasl"])
def test_nothing_secret_is_said_where_others_can_read_it(offered: str) -> None:
    peer = Peer(f"batch {offered}")
    peer.session.state.login.credentials = Credentials("ann", "pw", "hub_x")
    peer.session.state.offered["sasl"] = ""
    peer.session.connected(peer.now)
    peer.sent()
    peer.receive(f":irc.test CAP * LS :{peer.capabilities}")
    peer.receive(":irc.test CAP * ACK :batch sasl", ":irc.test AUTHENTICATE +")
    assert not any("AUTHENTICATE" in line and "SCRAM" not in line for line in peer.sent()[1:2])
    if offered != "sasl":
        assert any(isinstance(event, ConnectionRefused) for event in peer.events)


def test_long_messages_go_and_come_in_parts() -> None:
    door = Door(Credentials("ann", "p" * 600))
    door.receive("AUTHENTICATE +")
    parts = [line.removeprefix("AUTHENTICATE ") for line in door.sent()[1:]]
    assert [len(part) for part in parts[:-1]] == [400, 400]
    assert base64.b64decode("".join(parts).rstrip("+")).endswith(b"p" * 600)


@pytest.mark.parametrize(
    ("exchange", "message"),
    [
        (Plain("ann", "päss"), "\0ann\0päss".encode()),
        (External("ann"), b"ann"),
        (External(""), b""),
    ],
)
def test_one_message_says_all_that_there_is(exchange: Mechanism, message: bytes) -> None:
    assert exchange.answer(b"") == message
    # These mechanisms have no way for the server to prove anything.
    assert exchange.is_proved


@given(st.binary(max_size=2 * CHUNK))
def test_parts_are_never_longer_than_a_chunk_and_the_last_one_is_shorter(message: bytes) -> None:
    parts = list(chunks(message))
    assert all(len(part) == CHUNK for part in parts[:-1])
    assert len(parts[-1]) < CHUNK
    assert base64.b64decode("".join(parts).removesuffix("+" if parts[-1] == "+" else "")) == message


def test_an_empty_message_and_a_full_chunk_end_with_a_plus() -> None:
    assert list(chunks(b"")) == ["+"]
    assert list(chunks(bytes(300))) == ["A" * CHUNK, "+"]


@pytest.mark.parametrize("text", ["!", "AAA", "AA=A", "ä"])
def test_a_challenge_that_is_no_base64_ends_the_exchange(text: str) -> None:
    with pytest.raises(ExchangeError, match="no base64"):
        decode(text)


@given(st.binary())
def test_a_challenge_is_what_was_encoded(challenge: bytes) -> None:
    assert decode(base64.b64encode(challenge).decode()) == challenge
