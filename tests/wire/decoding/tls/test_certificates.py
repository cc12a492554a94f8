"""A certificate says whose it is; what is none says that it cannot be read."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from hubbub.server.self_signed import make_self_signed
from hubbub.wire.decoding.tls.certificates import describe_certificate
from tests.wire.cuts import damaged


@cache
def certificate() -> bytes:
    pem, _ = make_self_signed(["localhost", "127.0.0.1"], datetime(2026, 1, 2, tzinfo=UTC))
    return ssl.PEM_cert_to_DER_cert(pem.decode())


def test_it_says_whose_it_is_and_until_when() -> None:
    facts = dict(describe_certificate(certificate()))
    assert facts["names"] == ("localhost", "127.0.0.1")
    assert facts["valid from"] == "2026-01-01T00:00:00+00:00"
    assert facts["key"] == "ECDSA, secp256r1"
    assert "(itself: self-signed)" in str(facts["issuer"])
    assert str(facts["SHA-256"]).count(":") == 31


@given(st.binary(max_size=200))
def test_what_is_no_certificate_cannot_be_read(data: bytes) -> None:
    assert "cannot be read" in dict(describe_certificate(data))


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_one_is_stood(place: int, value: int) -> None:
    assert describe_certificate(damaged(certificate(), place, value))
