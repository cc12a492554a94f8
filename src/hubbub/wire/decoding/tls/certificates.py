"""What a certificate says: whose it is, who signed it, until when, with which key (RFC 5280)."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from hubbub.wire.seen import Fact


def describe_certificate(der: bytes) -> list[tuple[str, Fact]]:
    """Return what a certificate says; of one that cannot be read its fingerprint and the reason."""
    fingerprint = hashlib.sha256(der).hexdigest().upper()
    pairs = ":".join(fingerprint[start : start + 2] for start in range(0, len(fingerprint), 2))
    facts: list[tuple[str, Fact]] = [("certificate", f"{len(der)} bytes"), ("SHA-256", pairs)]
    try:
        facts += _said(x509.load_der_x509_certificate(der))
    except Exception as error:
        # The library finds faults in many places, by many classes without a root of their own.
        facts.append(("cannot be read", str(error)))
    return facts


def _said(certificate: x509.Certificate) -> list[tuple[str, Fact]]:
    subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    signed_by = f"{issuer} (itself: self-signed)" if subject == issuer else issuer
    return [
        ("subject", subject),
        ("names", _names(certificate)),
        ("issuer", signed_by),
        ("valid from", certificate.not_valid_before_utc.isoformat()),
        ("valid until", certificate.not_valid_after_utc.isoformat()),
        ("key", _key(certificate)),
        ("signature", certificate.signature_algorithm_oid._name),
    ]


def _names(certificate: x509.Certificate) -> Fact:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return "none"
    return tuple(str(name.value) for name in found.value)


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'DSA'}, {key.key_size} bits"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA, {key.curve.name}"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519"
    return "Ed448" if isinstance(key, ed448.Ed448PublicKey) else type(key).__name__
