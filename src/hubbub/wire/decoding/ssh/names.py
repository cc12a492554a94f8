"""The numbers of SSH's messages and their names (IANA, SSH Protocol Parameters)."""

from __future__ import annotations

from typing import Final

DISCONNECT: Final = 1
IGNORE: Final = 2
UNIMPLEMENTED: Final = 3
DEBUG: Final = 4
SERVICE_REQUEST: Final = 5
SERVICE_ACCEPT: Final = 6
EXT_INFO: Final = 7
KEXINIT: Final = 20
NEWKEYS: Final = 21
USERAUTH_REQUEST: Final = 50
USERAUTH_FAILURE: Final = 51
USERAUTH_SUCCESS: Final = 52
USERAUTH_BANNER: Final = 53
USERAUTH_INFO_RESPONSE: Final = 61
GLOBAL_REQUEST: Final = 80
CHANNEL_OPEN: Final = 90
CHANNEL_OPEN_CONFIRMATION: Final = 91
CHANNEL_OPEN_FAILURE: Final = 92
CHANNEL_WINDOW_ADJUST: Final = 93
CHANNEL_DATA: Final = 94
CHANNEL_EXTENDED_DATA: Final = 95
CHANNEL_CLOSE: Final = 97
CHANNEL_REQUEST: Final = 98

_MESSAGES: Final = {
    DISCONNECT: "DISCONNECT",
    IGNORE: "IGNORE",
    UNIMPLEMENTED: "UNIMPLEMENTED",
    DEBUG: "DEBUG",
    SERVICE_REQUEST: "SERVICE_REQUEST",
    SERVICE_ACCEPT: "SERVICE_ACCEPT",
    EXT_INFO: "EXT_INFO",
    KEXINIT: "KEXINIT",
    NEWKEYS: "NEWKEYS",
    USERAUTH_REQUEST: "USERAUTH_REQUEST",
    USERAUTH_FAILURE: "USERAUTH_FAILURE",
    USERAUTH_SUCCESS: "USERAUTH_SUCCESS",
    USERAUTH_BANNER: "USERAUTH_BANNER",
    USERAUTH_INFO_RESPONSE: "USERAUTH_INFO_RESPONSE",
    GLOBAL_REQUEST: "GLOBAL_REQUEST",
    81: "REQUEST_SUCCESS",
    82: "REQUEST_FAILURE",
    CHANNEL_OPEN: "CHANNEL_OPEN",
    CHANNEL_OPEN_CONFIRMATION: "CHANNEL_OPEN_CONFIRMATION",
    CHANNEL_OPEN_FAILURE: "CHANNEL_OPEN_FAILURE",
    CHANNEL_WINDOW_ADJUST: "CHANNEL_WINDOW_ADJUST",
    CHANNEL_DATA: "CHANNEL_DATA",
    CHANNEL_EXTENDED_DATA: "CHANNEL_EXTENDED_DATA",
    96: "CHANNEL_EOF",
    CHANNEL_CLOSE: "CHANNEL_CLOSE",
    CHANNEL_REQUEST: "CHANNEL_REQUEST",
    99: "CHANNEL_SUCCESS",
    100: "CHANNEL_FAILURE",
}
# 30 to 49 and 60 to 79 mean what the method that was chosen says.
_ECDH: Final = {30: "KEX_ECDH_INIT", 31: "KEX_ECDH_REPLY"}
_HYBRID: Final = {30: "KEX_HYBRID_INIT", 31: "KEX_HYBRID_REPLY"}
_DH: Final = {30: "KEXDH_INIT", 31: "KEXDH_REPLY"}
_GEX: Final = {
    30: "KEX_DH_GEX_REQUEST_OLD",
    31: "KEX_DH_GEX_GROUP",
    32: "KEX_DH_GEX_INIT",
    33: "KEX_DH_GEX_REPLY",
    34: "KEX_DH_GEX_REQUEST",
}
_METHODS: Final = {
    "publickey": {60: "USERAUTH_PK_OK"},
    "password": {60: "USERAUTH_PASSWD_CHANGEREQ"},
    "keyboard-interactive": {60: "USERAUTH_INFO_REQUEST"},
}


def message_name(number: int, exchange: str = "", method: str = "") -> str:
    """Return a message's name, given the key exchange and the method of login in use."""
    name = _MESSAGES.get(number) or _METHODS.get(method, {}).get(number)
    return name or _exchange_names(exchange).get(number) or f"message {number}"


def _exchange_names(exchange: str) -> dict[int, str]:
    if "group-exchange" in exchange:
        return _GEX
    if "mlkem" in exchange or "sntrup" in exchange:
        return _HYBRID
    return _DH if exchange.startswith("diffie-hellman") else _ECDH
