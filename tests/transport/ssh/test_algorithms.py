"""The algorithms of the SSH door: what clients know today, and nothing that is known to be weak."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from hubbub.transport.ssh import algorithms

LISTS = {
    "kex": algorithms.KEX,
    "cipher": algorithms.ENCRYPTION,
    "mac": algorithms.MAC,
    "key-sig": algorithms.CLIENT_KEYS,
}


def test_nothing_that_is_known_to_be_weak_is_spoken() -> None:
    spoken = " ".join(name for names in LISTS.values() for name in names)
    assert not re.search(r"sha1\b|cbc|arcfour|3des|dss|md5|group1-|ssh-rsa\b", spoken)


def test_what_openssh_is_given_first_is_offered_to_all() -> None:
    assert algorithms.ENCRYPTION[: len(algorithms.GCM)] == algorithms.GCM


def test_compression_begins_after_the_login_only() -> None:
    assert set(algorithms.COMPRESSION) == {"zlib@openssh.com", *algorithms.NO_COMPRESSION}


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
@pytest.mark.parametrize("kind", LISTS)
def test_openssh_knows_some_of_each(kind: str) -> None:
    known = subprocess.run(["ssh", "-Q", kind], capture_output=True, text=True, check=True).stdout
    assert set(known.split()) & set(LISTS[kind])
