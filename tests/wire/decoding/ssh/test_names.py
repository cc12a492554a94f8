"""Messages have their names, those of a method as the method has them."""

from __future__ import annotations

import pytest

from hubbub.wire.decoding.ssh.names import message_name


@pytest.mark.parametrize(
    ("number", "exchange", "method", "name"),
    [
        (20, "", "", "KEXINIT"),
        (30, "curve25519-sha256", "", "KEX_ECDH_INIT"),
        (31, "mlkem768x25519-sha256", "", "KEX_HYBRID_REPLY"),
        (31, "diffie-hellman-group-exchange-sha256", "", "KEX_DH_GEX_GROUP"),
        (31, "diffie-hellman-group14-sha256", "", "KEXDH_REPLY"),
        (60, "", "publickey", "USERAUTH_PK_OK"),
        (60, "", "keyboard-interactive", "USERAUTH_INFO_REQUEST"),
        (60, "", "", "message 60"),
        (200, "", "", "message 200"),
    ],
)
def test_each_has_its_name(number: int, exchange: str, method: str, name: str) -> None:
    assert message_name(number, exchange, method) == name
