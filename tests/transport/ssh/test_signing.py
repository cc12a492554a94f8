"""What is signed with a host key, OpenSSH verifies; what OpenSSH signs, we do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest

from hubbub.transport.errors import HostKeyError
from hubbub.transport.ssh.signing import fingerprint_at, sign, signer_of

MESSAGE = b"what was said"
SPACE = "hubbub-transcript"


@pytest.fixture(params=["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = asyncssh.generate_private_key(request.param)
    made.write_private_key(tmp_path / "key")
    made.write_public_key(tmp_path / "key.pub")
    return tmp_path / "key"


def test_who_signed_is_known(key: Path) -> None:
    signature = sign(key, SPACE, MESSAGE)
    known = fingerprint_at(key.with_suffix(".pub"))
    assert known.startswith("SHA256:")
    assert signer_of(signature, SPACE, MESSAGE) == known
    assert signer_of(signature, SPACE, MESSAGE + b".") is None
    assert signer_of(signature, "file", MESSAGE) is None


def test_openssh_and_we_understand_each_other(key: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("no ssh-keygen")
    key.chmod(0o600)
    public = key.with_suffix(".pub").read_text()
    (key.parent / "allowed").write_text(f"server {public}")
    (key.parent / "sig").write_text(sign(key, SPACE, MESSAGE))
    who = ["-I", "server", "-n", SPACE, "-f", str(key.parent / "allowed")]
    verify = [program, "-Y", "verify", *who, "-s", str(key.parent / "sig")]
    done = subprocess.run(verify, input=MESSAGE, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    signing = [program, "-Y", "sign", "-n", SPACE, "-f", str(key)]
    theirs = subprocess.run(signing, input=MESSAGE, capture_output=True, check=True).stdout
    assert signer_of(theirs.decode(), SPACE, MESSAGE) == fingerprint_at(key.with_suffix(".pub"))


@pytest.mark.parametrize("text", ["", "AAAA", "U1NIU0lHAAAAAQ==", "U1NIU0lHAAAAAf////8=", "é"])
def test_what_is_no_signature_is_nobodys(text: str) -> None:
    assert signer_of(text, SPACE, MESSAGE) is None


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    for path, why in ((tmp_path / "x", "is no public key"), (tmp_path / "no", "cannot be read")):
        with pytest.raises(HostKeyError, match=why):
            fingerprint_at(path)
