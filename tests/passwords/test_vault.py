"""Secrets of passwords, with SCRAM keys and without."""

from __future__ import annotations

import pytest
from scramp import ScramClient

from hubbub.passwords.vault import PasswordVault


@pytest.fixture
def vault() -> PasswordVault:
    return PasswordVault(b"disguise")


@pytest.mark.parametrize("scram", [False, True])
def test_a_secret_knows_its_password(vault: PasswordVault, scram: bool) -> None:
    secret = vault.make("correct-horse", scram)
    assert vault.check(secret, "correct-horse")
    assert not vault.check(secret, "wrong")
    assert "correct-horse" not in secret
    assert secret.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert ("SCRAM-SHA-256$" in secret) == scram


def test_who_does_not_exist_has_the_same_salt_at_every_start() -> None:
    answers = set()
    for _ in range(2):
        answer = PasswordVault(b"disguise").exchange("nobody", "").first("n,,n=nobody,r=x")
        assert answer is not None
        answers.add(answer.split(",")[1])
    assert len(answers) == 1


@pytest.mark.parametrize(("scram", "is_right"), [(True, True), (False, False)])
def test_an_exchange_is_led_with_the_keys_beside_the_hash_or_proves_nothing(
    vault: PasswordVault, scram: bool, is_right: bool
) -> None:
    exchange = vault.exchange("ann", vault.make("correct-horse", scram))
    proving = ScramClient(["SCRAM-SHA-256"], "ann", "correct-horse")
    first = exchange.first(proving.get_client_first())
    assert first is not None
    proving.set_server_first(first)
    assert (exchange.final(proving.get_client_final()) is not None) == is_right


def test_a_password_that_nobody_could_send_has_no_secret(vault: PasswordVault) -> None:
    with pytest.raises(ValueError, match="the password is empty"):
        vault.make("", True)
