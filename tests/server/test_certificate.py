"""The certificate of the TLS door, checked with openssl."""

import os
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from hubbub.server.certificate import (
    CertificateFiles,
    ServedCertificate,
    certificate_files,
    end_of,
    fingerprint,
)
from hubbub.settings import Settings, SettingsError


def settings(data: Path, **tls: Path) -> Settings:
    return Settings.model_validate(
        {"data_dir": str(data), "tls": {k: str(v) for k, v in tls.items()}}
    )


def openssl(*arguments: str) -> str:
    return subprocess.run(
        ["openssl", *arguments], check=True, capture_output=True, text=True, timeout=20
    ).stdout


def test_made_on_first_start(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        files = certificate_files(settings(tmp_path))
    finally:
        os.umask(umask)
    assert files.self_signed
    assert files.key.stat().st_mode & 0o777 == 0o600
    text = openssl("x509", "-in", str(files.certificate), "-noout", "-text")
    assert "NIST CURVE: P-256" in text
    assert "ecdsa-with-SHA256" in text
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"):
        assert name in text
    assert f"DNS:{socket.gethostname()}" in text
    assert "DNS:hubbub.localhost" in text
    ten_years = str(10 * 365 * 86400)
    openssl("x509", "-in", str(files.certificate), "-noout", "-checkend", ten_years)


def test_fingerprint_is_what_openssl_prints(tmp_path: Path) -> None:
    path = certificate_files(settings(tmp_path)).certificate
    printed = openssl("x509", "-in", str(path), "-noout", "-fingerprint", "-sha256")
    assert printed.strip().partition("=")[2] == fingerprint(path)


def test_kept_on_later_starts(tmp_path: Path) -> None:
    first = certificate_files(settings(tmp_path))
    before = first.certificate.read_bytes(), first.key.read_bytes()
    second = certificate_files(settings(tmp_path))
    assert (second.certificate.read_bytes(), second.key.read_bytes()) == before


def test_start_that_was_cut_short(tmp_path: Path) -> None:
    files = certificate_files(settings(tmp_path))
    files.certificate.unlink()
    files.key.with_suffix(".new").touch()
    assert certificate_files(settings(tmp_path)) == files


def test_lost_key_is_not_replaced_silently(tmp_path: Path) -> None:
    files = certificate_files(settings(tmp_path))
    files.key.unlink()
    with pytest.raises(SettingsError, match=r"key\.pem is missing.*restore it"):
        certificate_files(settings(tmp_path))


def test_shakes_hands(tmp_path: Path) -> None:
    files = certificate_files(settings(tmp_path))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=str(files.certificate))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for end in (near, far):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert near.version() == "TLSv1.3"


def test_the_end_is_that_of_the_certificate_that_is_shown(tmp_path: Path) -> None:
    served = ServedCertificate(certificate_files(settings(tmp_path)))
    end = served.end()
    assert end == end_of(served.files.certificate)
    # One that is refused: the one before is shown on.
    served.files.certificate.write_text("nothing of the kind")
    served.in_use.check()
    assert served.in_use.fault
    assert served.end() == end


class TestTheOperatorsOwn:
    """Files named in [tls]."""

    @pytest.fixture
    def made(self, tmp_path: Path) -> CertificateFiles:
        (tmp_path / "own").mkdir()
        return certificate_files(settings(tmp_path / "own"))

    def test_used(self, tmp_path: Path, made: CertificateFiles) -> None:
        own = settings(tmp_path, certificate=made.certificate, key=made.key)
        assert certificate_files(own) == CertificateFiles(made.certificate, made.key, False)
        assert not (tmp_path / "key.pem").exists()

    def test_missing(self, tmp_path: Path, made: CertificateFiles) -> None:
        own = settings(tmp_path, certificate=made.certificate, key=tmp_path / "none.pem")
        with pytest.raises(SettingsError, match=r"tls\.key .*none\.pem cannot be read: No such"):
            certificate_files(own)

    def test_not_a_pair(self, tmp_path: Path, made: CertificateFiles) -> None:
        other = certificate_files(settings(tmp_path))
        own = settings(tmp_path, certificate=made.certificate, key=other.key)
        with pytest.raises(SettingsError, match=r"KEY_VALUES_MISMATCH.*belong together"):
            certificate_files(own)

    def test_no_pem(self, tmp_path: Path, made: CertificateFiles) -> None:
        (tmp_path / "text").write_text("hello")
        own = settings(tmp_path, certificate=tmp_path / "text", key=made.key)
        with pytest.raises(SettingsError, match="must be PEM files"):
            certificate_files(own)

    def test_encrypted_key_does_not_ask(self, tmp_path: Path, made: CertificateFiles) -> None:
        locked = tmp_path / "locked.pem"
        openssl(
            "ec", "-in", str(made.key), "-aes256", "-passout", "pass:abcdef", "-out", str(locked)
        )
        own = settings(tmp_path, certificate=made.certificate, key=locked)
        with pytest.raises(SettingsError, match="the key is encrypted"):
            certificate_files(own)
