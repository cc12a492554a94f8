"""The certificate that all servers show."""

import ssl
import stat
from pathlib import Path

from cryptography import x509

from hubbub.bench.contestants.certificate import make_certificate


def test_a_server_can_show_it_and_only_its_owner_read_its_key(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600


def test_it_is_of_localhost_and_for_a_day(tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(
        make_certificate(tmp_path).certificate.read_bytes()
    )
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts.total_seconds() == 25 * 3600


def test_no_two_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, two = make_certificate(tmp_path), make_certificate(tmp_path / "other")
    assert one.certificate.read_bytes() != two.certificate.read_bytes()
