"""Numbers of TLS have the names that the registry gives them."""

from __future__ import annotations

import ssl

from hubbub.wire.decoding.tls import names


def test_what_this_library_offers_has_a_name() -> None:
    """OpenSSL's numbers are the registry's, in their lower two bytes."""
    suites = ssl.create_default_context().get_ciphers()
    named = [names.cipher_name(suite["id"] & 0xFFFF) for suite in suites]
    assert len(named) > 5
    assert all(name.startswith("TLS_") for name in named)
    assert {suite["name"] for suite in suites if suite["protocol"] == "TLSv1.3"} <= set(named)


def test_what_has_no_name_is_a_number() -> None:
    assert names.cipher_name(0x1234) == "0x1234"
    assert names.message_name(99) == "0x63"
    assert names.group_name(0x2A2A) == "GREASE 0x2a2a"
    assert names.extension_name(0x2A3A) == "0x2a3a"


def test_each_table_is_asked() -> None:
    assert names.version_name(0x0304) == "TLS 1.3"
    assert names.content_type(22) == "handshake"
    assert names.alert_name(40) == "handshake_failure"
    assert names.signature_name(0x0807) == "ed25519"
    assert names.extension_name(51) == "key_share"
