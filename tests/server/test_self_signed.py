"""A certificate that signs itself: whom it is for, how long it lasts, and what it may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hubbub.server.self_signed import make_self_signed

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HOSTS = ("chat.example.org", "192.0.2.1", "2001:db8::1", "*.example.org")


@pytest.fixture(scope="module")
def made() -> tuple[x509.Certificate, bytes]:
    pem, key = make_self_signed(HOSTS, NOW)
    return x509.load_pem_x509_certificate(pem), key


def test_names_are_names_and_addresses_are_addresses(made: tuple[x509.Certificate, bytes]) -> None:
    names = made[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["chat.example.org", "*.example.org"]
    addresses = names.get_values_for_type(x509.IPAddress)
    assert addresses == [ip_address("192.0.2.1"), ip_address("2001:db8::1")]


def test_it_lasts_longer_than_clients_pin_it_and_clocks_may_differ(
    made: tuple[x509.Certificate, bytes],
) -> None:
    certificate = made[0]
    assert certificate.not_valid_before_utc < NOW - timedelta(hours=12)
    assert certificate.not_valid_after_utc > NOW + timedelta(days=19 * 365)


def test_it_is_of_the_key_that_comes_with_it_and_signs_nothing_else(
    made: tuple[x509.Certificate, bytes],
) -> None:
    certificate, pem = made
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(certificate)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_no_two_are_the_same() -> None:
    (one, key), (two, other) = (make_self_signed(HOSTS, NOW) for _ in range(2))
    assert key != other
    serials = {x509.load_pem_x509_certificate(pem).serial_number for pem in (one, two)}
    assert len(serials) == 2
