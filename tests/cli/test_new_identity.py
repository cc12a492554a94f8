"""What clients know servers by, made once for several."""

from __future__ import annotations

import errno
import os
import ssl
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hubbub.cli import new_identity
from hubbub.cli.new_identity import make_identity
from hubbub.server.certificate import CertificateFiles, check_pair
from hubbub.settings import SettingsError, load_settings

MODES = {
    "certificate.pem": 0o644,
    "key.pem": 0o600,
    "ssh_host_ed25519_key": 0o600,
    "ssh_host_ed25519_key.pub": 0o644,
    "cloak.key": 0o600,
}


def modes(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}


def test_its_files_are_made_for_their_owner_only(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        make_identity(tmp_path / "new" / "identity", [])
    finally:
        os.umask(umask)
    assert modes(tmp_path / "new" / "identity") == MODES
    assert (tmp_path / "new" / "identity").stat().st_mode & 0o777 == 0o700


def test_its_settings_name_them_whatever_the_directory_is_called(tmp_path: Path) -> None:
    directory = tmp_path / 'a "strange"\\näme\n'
    made = make_identity(directory, [])
    path = tmp_path / "hubbub.toml"
    path.write_text(made.settings())
    assert tomllib.loads(made.settings())["cloak_key_file"] == str(directory / "cloak.key")
    settings = load_settings(path, None, {}, tmp_path)
    assert settings.cloak_key_file == directory / "cloak.key"
    assert settings.ssh.host_keys == (directory / "ssh_host_ed25519_key",)
    assert settings.tls.certificate is not None
    assert settings.tls.key is not None
    check_pair(CertificateFiles(settings.tls.certificate, settings.tls.key, self_signed=False))


def names_of(certificate: Path) -> set[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    (found,) = context.get_ca_certs() or [{}]
    decoded: Any = found or ssl._ssl._test_decode_cert(str(certificate))  # type: ignore[attr-defined]
    return {value for _, value in decoded["subjectAltName"]}


def test_its_certificate_is_for_the_names_that_were_asked_for(tmp_path: Path) -> None:
    make_identity(tmp_path, ["chat.example.org", "10.0.0.9", "fd00::9", "localhost"])
    names = names_of(tmp_path / "certificate.pem")
    assert {"chat.example.org", "10.0.0.9", "localhost"} <= names


@pytest.mark.parametrize("name", ["two words", "", "chat.example.org:6697", "-" * 64, "*"])
def test_what_is_no_name_makes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="neither a host name nor an address"):
        make_identity(tmp_path, [name])
    assert modes(tmp_path) == {}


@pytest.mark.parametrize("name", MODES)
def test_nothing_is_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(SettingsError, match=rf"holds {name} already, and nothing was made"):
        make_identity(tmp_path, [])
    assert list(modes(tmp_path)) == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_half_of_it_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(new_identity, "make_cloak_key", full)
    with pytest.raises(SettingsError, match="cannot take the keys: No space left on device"):
        make_identity(tmp_path, [])
    monkeypatch.undo()
    make_identity(tmp_path, [])
    assert modes(tmp_path) == MODES
