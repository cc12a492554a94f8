"""Which server the proxy passes secrets on to: a local one, a named one, one that verifies."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from hubbub.client.network.trust import display, parse_fingerprint
from hubbub.wire.address import WireAddress
from hubbub.wire.ends.tls import looking_context
from hubbub.wire.failures import NoAddress, NotAdmitted


@dataclass(frozen=True, slots=True)
class ServerTrust:
    """Say whether a server is the one that is meant.

    `fingerprint` is that of its certificate or host key, or "": then a server on this machine is
    trusted, and another has to verify, by the system's authorities or by `known_hosts`.
    """

    address: WireAddress
    fingerprint: str = ""
    known_hosts: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return what a client of the server's TLS takes for good."""
        if self.fingerprint or self.address.is_loopback:
            return looking_context()
        return ssl.create_default_context()

    def check_certificate(self, der: bytes) -> None:
        """Compare a certificate. Raise NotAdmitted."""
        shown = hashlib.sha256(der).hexdigest()
        if self.fingerprint and shown != parse_fingerprint(self.fingerprint):
            raise NotAdmitted(
                f"the server's certificate is another one (SHA-256 {display(shown)}): nothing was "
                "passed on"
            )

    def accepts_key(self, key: asyncssh.SSHKey) -> bool:
        """Say whether a host key is the server's."""
        if self.fingerprint:
            return key.get_fingerprint() == self.fingerprint
        if self.address.is_loopback:
            return True
        if self.known_hosts is None or not self.known_hosts.exists():
            return False
        known = asyncssh.match_known_hosts(
            str(self.known_hosts), self.address.host, "", self.address.port
        )
        return key.public_data in [each.public_data for each in known[0]]


def checked_fingerprint(text: str, scheme: str) -> str:
    """Return a fingerprint as its scheme has it. Raise NoAddress."""
    if scheme == "ssh":
        if text and not (text.startswith("SHA256:") and len(text) == 50):
            raise NoAddress("the fingerprint of a host key is SHA256: and 43 characters")
        return text
    try:
        return parse_fingerprint(text) if text else ""
    except ValueError as error:
        raise NoAddress(str(error)) from None
