"""Secrets go on to this machine, to a server that is named, or to one that verifies."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import asyncssh
import pytest

from hubbub.wire.address import parse_address
from hubbub.wire.failures import NoAddress, NotAdmitted
from hubbub.wire.proxying.trust import ServerTrust, checked_fingerprint

FAR, NEAR = parse_address("ssh://example.org:2222"), parse_address("ssh://localhost")


def test_certificates_elsewhere_have_to_verify() -> None:
    assert ServerTrust(FAR).context().verify_mode is ssl.CERT_REQUIRED
    assert ServerTrust(FAR).context().check_hostname
    assert ServerTrust(NEAR).context().verify_mode is ssl.CERT_NONE
    assert ServerTrust(FAR, "ab" * 32).context().verify_mode is ssl.CERT_NONE


def test_a_named_certificate_has_to_be_that_one() -> None:
    named = ServerTrust(FAR, hashlib.sha256(b"der").hexdigest())
    named.check_certificate(b"der")
    with pytest.raises(NotAdmitted, match="another one"):
        named.check_certificate(b"other")


def test_host_keys_elsewhere_have_to_be_known(tmp_path: Path) -> None:
    key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    known = tmp_path / "known_hosts"
    assert ServerTrust(NEAR).accepts_key(key)
    assert not ServerTrust(FAR, known_hosts=known).accepts_key(key)
    known.write_text(f"[example.org]:2222 {key.export_public_key().decode()}")
    assert ServerTrust(FAR, known_hosts=known).accepts_key(key.convert_to_public())
    assert not ServerTrust(FAR, known_hosts=known).accepts_key(other)
    assert ServerTrust(FAR, key.get_fingerprint()).accepts_key(key)
    assert not ServerTrust(NEAR, key.get_fingerprint()).accepts_key(other)


def test_fingerprints_are_checked_before_anything_is_done() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    assert checked_fingerprint(key, "ssh") == key
    assert checked_fingerprint("AB:" * 31 + "AB", "ircs") == "ab" * 32
    assert checked_fingerprint("", "ircs") == checked_fingerprint("", "ssh") == ""
    for text, scheme in ((key, "ircs"), ("ab" * 32, "ssh")):
        with pytest.raises(NoAddress):
            checked_fingerprint(text, scheme)
