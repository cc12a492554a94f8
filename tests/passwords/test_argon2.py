"""Hashes of passwords."""

import pytest

from hubbub.passwords.argon2 import MAX_PASSWORD_BYTES, hash_password, verify_password

HASH = hash_password("correct horse")


def test_parameters() -> None:
    assert HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_salted() -> None:
    assert hash_password("correct horse") != HASH


def test_verified() -> None:
    assert verify_password(HASH, "correct horse")
    assert not verify_password(HASH, "Correct horse")
    assert not verify_password(HASH, "")
    assert not verify_password(HASH, "x" * 100_000)


def test_composed_and_decomposed_are_the_same() -> None:
    assert verify_password(hash_password("caf\u00e9"), "cafe\u0301")


@pytest.mark.parametrize("no_hash", ["", "plain", "$argon2id$v=19$m=19456", HASH[:-5] + "\u00e9"])
def test_no_hash(no_hash: str) -> None:
    assert not verify_password(no_hash, "correct horse")


@pytest.mark.parametrize("password", ["", "a\nb", "a\0b", "é" * (MAX_PASSWORD_BYTES // 2 + 1)])
def test_cannot_be_sent(password: str) -> None:
    with pytest.raises(ValueError, match="the password"):
        hash_password(password)
