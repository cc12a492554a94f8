"""The server's side of SCRAM-SHA-256, against scramp's client."""

from __future__ import annotations

import base64

import pytest
from scramp import ScramClient

from hubbub.passwords.scram import ROUNDS, ScramExchange, make_keys

DISGUISE = b"d" * 32
FEW = 4096


def lead(exchange: ScramExchange, client: ScramClient) -> str | None:
    """Return the server's last message."""
    first = exchange.first(client.get_client_first())
    assert first is not None
    client.set_server_first(first)
    return exchange.final(client.get_client_final())


def client(password: str = "") -> ScramClient:
    return ScramClient(["SCRAM-SHA-256"], "ann", password or "secret")


@pytest.mark.parametrize("password", ["secret", "Grüße", "a\u00adb", "x,y=z"])
def test_who_knows_the_password_proves_it_and_the_server_too(password: str) -> None:
    proving = client(password)
    final = lead(ScramExchange("ann", make_keys(password, FEW), DISGUISE), proving)
    assert final is not None
    proving.set_server_final(final)


def test_a_wrong_password_proves_nothing() -> None:
    assert lead(ScramExchange("ann", make_keys("secret", FEW), DISGUISE), client("other")) is None


def test_who_has_no_keys_looks_as_if_and_never_gets_in() -> None:
    exchange = ScramExchange("nobody", "", DISGUISE)
    first = exchange.first(client().get_client_first())
    assert first is not None
    assert first.endswith(f",i={ROUNDS}")
    assert lead(ScramExchange("nobody", "", DISGUISE), client()) is None


def salt(account: str, disguise: bytes = DISGUISE) -> str:
    first = ScramExchange(account, "", disguise).first("n,,n=x,r=nonce")
    assert first is not None
    found = first.split(",")[1]
    assert len(base64.b64decode(found[2:])) == 16
    return found


def test_the_salt_of_who_has_none_stays_the_same() -> None:
    assert salt("nobody") == salt("nobody")
    assert salt("nobody") != salt("other")
    assert salt("nobody") != salt("nobody", b"e" * 32)


@pytest.mark.parametrize("first", ["", "x", "n,,", "p=tls-unique,,n=ann,r=x", "n,,n=ann", "\ud800"])
def test_what_is_no_first_message(first: str) -> None:
    exchange = ScramExchange("ann", make_keys("secret", FEW), DISGUISE)
    assert exchange.first(first) is None


@pytest.mark.parametrize("final", ["", "c=biws", "c=biws,r=other,p=AAAA", "c=biws,r=x,p=!", "p"])
def test_what_is_no_proof(final: str) -> None:
    exchange = ScramExchange("ann", make_keys("secret", FEW), DISGUISE)
    assert exchange.first("n,,n=ann,r=nonce") is not None
    assert exchange.final(final) is None


def test_a_replayed_proof_is_none() -> None:
    keys = make_keys("secret", FEW)
    honest = client()
    first = honest.get_client_first()
    heard = ScramExchange("ann", keys, DISGUISE)
    answer = heard.first(first)
    assert answer is not None
    honest.set_server_first(answer)
    final = honest.get_client_final()
    assert heard.final(final) is not None
    again = ScramExchange("ann", keys, DISGUISE)
    again.first(first)
    assert again.final(final) is None


def test_keys_take_the_rounds_that_the_field_asks_for() -> None:
    assert ROUNDS >= 600_000
    assert make_keys("secret", FEW) != make_keys("secret", FEW)
    assert make_keys("secret", FEW).startswith(f"SCRAM-SHA-256${FEW}:")
