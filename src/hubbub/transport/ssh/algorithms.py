"""The algorithms that the SSH door speaks: modern ones only, the preferred first.

The client's order decides (RFC 4253 7.1). OpenSSH's puts ChaCha20 first, which costs this server
twice as much as AES-GCM; all versions that are alive know both, so it is offered only AES-GCM.
"""

from __future__ import annotations

from typing import Final

KEX: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
)
GCM: Final = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
ENCRYPTION: Final = (*GCM, "chacha20-poly1305@openssh.com")
# None of the ciphers needs one, but a list must not be empty.
MAC: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
CLIENT_KEYS: Final = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
NO_COMPRESSION: Final = ("none",)
COMPRESSION: Final = ("zlib@openssh.com", "none")
"""Only the one that begins after authentication."""
