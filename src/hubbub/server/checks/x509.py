"""What stands in a certificate; apart from its checks, because the library takes long to load."""

from __future__ import annotations

from cryptography import x509


def facts_of(pem: bytes) -> tuple[tuple[str, ...], float, float, bool]:
    """Return for which names and addresses the first certificate of a PEM file is, and until when.

    That is from when and until when, in seconds since 1970, and last whether it signed itself.
    Raise ValueError where it is none.
    """
    certificate = x509.load_pem_x509_certificate(pem)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    signs_itself = certificate.issuer == certificate.subject
    return _names(certificate), begins.timestamp(), ends.timestamp(), signs_itself


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return its alternative names; what its subject is called, clients no longer go by."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = [str(each) for each in found.get_values_for_type(x509.IPAddress)]
    return (*found.get_values_for_type(x509.DNSName), *addresses)
