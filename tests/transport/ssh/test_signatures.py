"""Signatures that `ssh-keygen -Y sign` makes: who made them, and that nobody else did."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.transport.ssh.signatures import KEY_BYTES, signer
from tests.e2e import ssh

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")

SPACE = "hubbub@hub.test"


def sign(key: Path, text: str, namespace: str = SPACE, *options: str) -> str:
    """Return the signature's base64, without the lines around it."""
    done = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", *options, "-n", namespace, "-f", str(key)],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return "".join(done.stdout.split("\n")[1:-2])


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_is_known_by_what_it_signed(tmp_path: Path, kind: str) -> None:
    key = ssh.make_key(tmp_path, kind=kind)
    assert signer("challenge", SPACE, sign(key, "challenge")) == ssh.fingerprint(key)
    # `echo` adds the end of a line.
    assert signer("challenge", SPACE, sign(key, "challenge\n")) == ssh.fingerprint(key)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_either_hash_will_do(tmp_path: Path, algorithm: str) -> None:
    key = ssh.make_key(tmp_path)
    signature = sign(key, "challenge", SPACE, "-O", f"hashalg={algorithm}")
    assert signer("challenge", SPACE, signature) == ssh.fingerprint(key)


def test_what_was_signed_for_something_else_proves_nothing(tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path)
    assert signer("challenge", SPACE, sign(key, "another")) == ""
    assert signer("challenge", SPACE, sign(key, "challenge", "file")) == ""
    assert signer("challenge", "hubbub@elsewhere", sign(key, "challenge")) == ""


def test_more_must_come_until_all_is_there_and_nothing_may_follow(tmp_path: Path) -> None:
    signature = sign(ssh.make_key(tmp_path), "challenge")
    for length in (0, 10, 100, len(signature) - 8):
        assert signer("challenge", SPACE, signature[:length]) is None
    more = base64.b64encode(base64.b64decode(signature) + b"x").decode()
    assert signer("challenge", SPACE, more) == ""


def field(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def test_a_key_that_is_longer_than_any_is_not_looked_at() -> None:
    algorithm = field(b"ssh-ed25519") + field(bytes(64))
    for key in (bytes(KEY_BYTES + 1), b"", field(b"ssh-ed25519")):
        parts = (key, SPACE.encode(), b"", b"sha512", algorithm)
        data = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(field, parts))
        assert signer("challenge", SPACE, base64.b64encode(data).decode()) == ""


@given(st.text(max_size=60) | st.binary(max_size=200).map(lambda data: base64.b64encode(
    b"SSHSIG\0\0\0\1" + data).decode()))  # fmt: skip
def test_nonsense_proves_nothing_and_does_no_harm(armored: str) -> None:
    assert signer("challenge", SPACE, armored) in ("", None)
