"""What the members of a cluster share: by it a node is the same server as the others.

It is made of the files of a data directory, handed over when a node joins, and written into the
joiner's directory: first as one file, whole or not at all, then file by file from that.

    cloak.key, certificate.pem, key.pem, ssh_host_ed25519_key(.pub)   as on any server
    cluster/ca.pem, ca-key.pem        by which members know each other
    cluster/node.pem, node-key.pem    this member's own, made here
    cluster/shared.json               who the members are; written last
"""

from __future__ import annotations

import hashlib
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import (
    FOLDER,
    MOST_MEMBERS,
    Member,
    Shared,
    decode_member,
    read_shared,
    write_shared,
)
from hubbub.whole_files import FileUnusable, read_whole, write_whole

FORMAT: Final = 1
CLOAK_KEY: Final = "cloak.key"
AUTHORITY: Final = f"{FOLDER}/ca.pem"
AUTHORITY_KEY: Final = f"{FOLDER}/ca-key.pem"
OWN: Final = f"{FOLDER}/node.pem"
OWN_KEY: Final = f"{FOLDER}/node-key.pem"
RECEIVED: Final = f"{FOLDER}/bundle.json"
"""What was handed over and is not in its places yet."""
MOST_BYTES: Final = 1 << 18
"""How long an encoded bundle may be."""

_NEEDED: Final = (CLOAK_KEY, AUTHORITY, AUTHORITY_KEY)
_MAY: Final = ("certificate.pem", "key.pem", "ssh_host_ed25519_key", "ssh_host_ed25519_key.pub")
_PUBLIC: Final = frozenset({"certificate.pem", "ssh_host_ed25519_key.pub"})
_FILE_BYTES: Final = 1 << 15
_STRANGE: Final = "it is no bundle of a cluster, or of a newer hubbub; update this one"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Hold what is handed over: the secrets of a cluster, and whom it consists of.

    `files` are contents by their place in a data directory. Its text is shown to nobody.
    """

    journal: str
    msgid_key: str
    member: Member
    members: tuple[Member, ...]
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        """Show no secret, in whatever a log quotes."""
        return f"<bundle of {self.journal} for {self.member.name}>"

    @property
    def digest(self) -> str:
        """Return by what it is known again; what may be renewed is no part of it."""
        return digest_of(self.journal, self.msgid_key, *(self.files[name] for name in _LASTING))


_LASTING: Final = (CLOAK_KEY, AUTHORITY)


def digest_of(journal: str, msgid_key: str, cloak_key: bytes, authority: bytes) -> str:
    """Return what all nodes of one cluster have the same, and no others: 16 hex digits."""
    hashed = hashlib.sha256(b"hubbub cluster bundle")
    for part in (journal.encode(), msgid_key.encode(), cloak_key, authority):
        hashed.update(hashlib.sha256(part).digest())
    return hashed.hexdigest()[:16]


def collect(data_dir: Path, shared: Shared, member: Member, cloak_key: bytes) -> Bundle:
    """Return the bundle for a new member, of a data directory's files.

    The cloak key is handed in, for its file may lie elsewhere. Of certificates and host keys only
    those go along that the server made itself: the operator brings his own. Raise ClusterError.
    """
    files = {CLOAK_KEY: cloak_key}
    for name in (AUTHORITY, AUTHORITY_KEY, *_MAY):
        path = data_dir / name
        if name in _MAY and not path.exists():
            continue
        try:
            files[name] = read_whole(path, _FILE_BYTES)
        except FileUnusable as error:
            raise ClusterError(f"{path} {error}") from None
    members = shared.with_members([member]).members
    return Bundle(shared.journal, shared.msgid_key, member, members, files)


def encode(bundle: Bundle) -> bytes:
    """Return the text of a bundle."""
    files = {name: b64encode(content).decode() for name, content in bundle.files.items()}
    held = {
        "hubbub": "bundle",
        "format": FORMAT,
        "journal": bundle.journal,
        "msgid_key": bundle.msgid_key,
        "member": asdict(bundle.member),
        "members": [asdict(each) for each in bundle.members],
        "files": files,
        "digest": bundle.digest,
    }
    return json.dumps(held).encode()


def decode(data: bytes) -> Bundle:
    """Return a bundle of its text. Raise ClusterError where it is none, or was changed."""
    try:
        held: Any = json.loads(data)
        if held["hubbub"] != "bundle" or held["format"] != FORMAT:
            raise ClusterError(_STRANGE)
        files = {name: b64decode(text, validate=True) for name, text in held["files"].items()}
        members = tuple(map(decode_member, held["members"][:MOST_MEMBERS]))
        member = decode_member(held["member"])
        bundle = Bundle(str(held["journal"]), str(held["msgid_key"]), member, members, files)
        bytes.fromhex(bundle.msgid_key)
        is_whole = member in members and held["digest"] == bundle.digest
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise ClusterError(_STRANGE) from None
    # No name of another place is ever written to.
    if not is_whole or not set(_NEEDED) <= set(files) <= {*_NEEDED, *_MAY}:
        raise ClusterError(_STRANGE)
    return bundle


def check_empty(data_dir: Path, journal: str) -> None:
    """Raise ClusterError where a directory has been used by a server already."""
    there = [name for name in (journal, CLOAK_KEY, *_MAY) if (data_dir / name).exists()]
    if (data_dir / RECEIVED).exists():
        return
    known = read_shared(data_dir)
    if known is not None:
        raise ClusterError(
            f"{data_dir} is a member of a cluster already, number {known.number}; start it, or "
            "join with an empty directory"
        )
    if there:
        raise ClusterError(
            f"{data_dir} holds {', '.join(there)}: a server was here, and what it has would be "
            "gone. Join with an empty directory (--data DIR), or move that away"
        )


def keep(data_dir: Path, bundle: Bundle) -> None:
    """Write down a bundle that was handed over, whole or not at all. Raise OSError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data_dir / FOLDER).mkdir(mode=0o700, exist_ok=True)
    write_whole(data_dir / RECEIVED, encode(bundle), 0o600)


def received(data_dir: Path) -> Bundle | None:
    """Return what was handed over and not put in its places, None where nothing was."""
    path = data_dir / RECEIVED
    if not path.exists():
        return None
    try:
        return decode(read_whole(path, MOST_BYTES))
    except FileUnusable as error:
        raise ClusterError(f"{path} {error}") from None


def unpack(data_dir: Path, bundle: Bundle, hosts: Sequence[str], now: datetime) -> None:
    """Put a bundle that was kept in its places; doing it again after a fault does no harm.

    `hosts` are the names and addresses by which this member is reached. Raise OSError.
    """
    for name, content in bundle.files.items():
        write_whole(data_dir / name, content, 0o644 if name in _PUBLIC else 0o600)
    authority = bundle.files[AUTHORITY], bundle.files[AUTHORITY_KEY]
    write_own(data_dir, authority, bundle.member.name, hosts, now)
    member = bundle.member.number
    write_shared(data_dir, Shared(bundle.journal, bundle.msgid_key, member, bundle.members))
    # Last: until then another try goes on with it, and afterwards nothing holds all the keys twice.
    (data_dir / RECEIVED).unlink()


def write_own(
    data_dir: Path, authority: tuple[bytes, bytes], name: str, hosts: Sequence[str], now: datetime
) -> None:
    """Make this member's own certificate and key. Raise OSError."""
    # Imported here, for only a founder and a joiner make one.
    from hubbub.cluster.authority import make_member

    certificate, key = make_member(*authority, name, hosts, now)
    write_whole(data_dir / OWN_KEY, key, 0o600)
    write_whole(data_dir / OWN, certificate, 0o600)


def fingerprint(data_dir: Path) -> bytes:
    """Return the SHA-256 of this member's certificate (DER). Raise ClusterError."""
    try:
        text = read_whole(data_dir / OWN, _FILE_BYTES).decode("ascii")
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).digest()
    except (FileUnusable, ValueError) as error:
        raise ClusterError(f"{data_dir / OWN} {error}; restore it, or join anew") from None


def check_digest(own: str, other: str, name: str) -> None:
    """Raise ClusterError where a node of another bundle wrote to this cluster's order."""
    if other and other != own:
        raise ClusterError(
            f"node {name} is of another cluster (its bundle is {other}, this one's {own}): its "
            "keys are others, and people would not be known again. Have it join with a token of "
            "this cluster, in an empty directory"
        )
