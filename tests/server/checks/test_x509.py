"""What is read of a certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hubbub.server.checks.x509 import facts_of
from hubbub.server.self_signed import make_self_signed

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_the_first_of_a_chain_counts() -> None:
    first, _ = make_self_signed(["a"], NOW)
    later, _ = make_self_signed(["b"], NOW + timedelta(days=30))
    assert facts_of(first + later) == facts_of(first)
    assert facts_of(later)[2] - facts_of(first)[2] == 30 * 86_400


def test_who_signed_it_and_what_its_subject_is_called() -> None:
    assert facts_of(make_self_signed(["a.org"], NOW)[0])[3]
    names, _, _, signs_itself = facts_of(signed_by_another())
    assert not signs_itself
    # Clients go by alternative names only.
    assert names == ()


def signed_by_another() -> bytes:
    """Return a certificate of an authority for a name that stands in its subject only."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        for name in ("chat.example.org", "An authority")
    )
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, NOW, NOW)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_no_certificate_says_nothing(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        facts_of(pem)
