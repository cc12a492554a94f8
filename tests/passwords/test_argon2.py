"""Hashes of passwords."""

import pytest

from hubbub.passwords.argon2 import MAX_PASSWORD_BYTES, hash_password, verify_password

HASH = hash_password("correct horse")


def test_a_hash_costs_what_the_field_asks_for() -> None:
    assert HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_has_another_hash_each_time() -> None:
    assert hash_password("correct horse") != HASH


def test_a_hash_knows_its_password_and_no_other() -> None:
    assert verify_password(HASH, "correct horse")
    assert not verify_password(HASH, "Correct horse")
    assert not verify_password(HASH, "")
    assert not verify_password(HASH, "x" * 100_000)


def test_it_does_not_matter_how_a_keyboard_makes_a_letter() -> None:
    assert verify_password(hash_password("caf\u00e9"), "cafe\u0301")


@pytest.mark.parametrize(
    "no_hash",
    ["", "plain", "$argon2id$v=19$m=19456", pytest.param(HASH[:-5] + "\u00e9", id="not ASCII")],
)
def test_what_is_no_hash_knows_no_password(no_hash: str) -> None:
    assert not verify_password(no_hash, "correct horse")


@pytest.mark.parametrize("password", ["", "a\nb", "a\0b", "é" * (MAX_PASSWORD_BYTES // 2 + 1)])
def test_a_password_that_no_client_could_send_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="the password"):
        hash_password(password)
