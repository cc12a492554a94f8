"""The keys by which clients know this server again."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import asyncssh
import pytest

from hubbub.transport.errors import HostKeyError
from hubbub.transport.ssh.host_keys import MADE, fingerprint, load_host_keys


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "key"
    broken.write_text("no key")
    with pytest.raises(HostKeyError, match="key is no private key"):
        load_host_keys([broken], tmp_path)
    with pytest.raises(HostKeyError, match="cannot be read"):
        load_host_keys([tmp_path / "none"], tmp_path)
    load_host_keys([], tmp_path)
    made = tmp_path / "ssh_host_ed25519_key"
    with pytest.raises(HostKeyError, match="two keys of one kind"):
        load_host_keys([made, made], tmp_path)
    locked = asyncssh.generate_private_key("ssh-ed25519")
    broken.write_bytes(locked.export_private_key("pkcs8-pem", passphrase="x"))
    with pytest.raises(HostKeyError, match="without passphrase"):
        load_host_keys([broken], tmp_path)


def test_a_key_is_made_once_private_and_with_its_public_half(tmp_path: Path) -> None:
    (made,) = load_host_keys([], tmp_path)
    (again,) = load_host_keys([], tmp_path)
    assert fingerprint(made) == fingerprint(again)
    path = tmp_path / MADE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for each in (path, path.with_suffix(".pub")):
        command = ["ssh-keygen", "-l", "-f", str(each)]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert listed.split()[1] == fingerprint(made)
    # Nothing else is left behind.
    assert len(list(tmp_path.iterdir())) == 2


def test_several_keys_of_different_kinds_are_taken_in_their_order(tmp_path: Path) -> None:
    paths = []
    for kind in ("ecdsa-sha2-nistp256", "ssh-ed25519"):
        paths.append(tmp_path / kind)
        paths[-1].write_bytes(asyncssh.generate_private_key(kind).export_private_key())
    assert [key.get_algorithm() for key in load_host_keys(paths, tmp_path)] == [
        "ecdsa-sha2-nistp256",
        "ssh-ed25519",
    ]
    assert not (tmp_path / MADE).exists()


def test_where_no_key_can_be_written_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(HostKeyError, match="cannot be written: No such file or directory"):
        load_host_keys([], tmp_path / "nowhere")


def test_half_a_key_of_an_earlier_start_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{MADE}.new").write_text("half a k")
    assert len(load_host_keys([], tmp_path)) == 1
    assert not (tmp_path / f"{MADE}.new").exists()
