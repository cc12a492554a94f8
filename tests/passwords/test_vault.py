"""Secrets of passwords, with SCRAM keys and without."""

from __future__ import annotations

import pytest

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


def test_without_keys_an_exchange_proves_nothing(vault: PasswordVault) -> None:
    secret = vault.make("correct-horse", False)
    assert vault.exchange("ann", secret).first("n,,n=ann,r=x") is not None
