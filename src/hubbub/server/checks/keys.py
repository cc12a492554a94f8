"""The keys by which clients know the server again: there, usable, belonging together."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import read_shared
from hubbub.server.certificate import CertificateFiles, check_pair, files_of
from hubbub.server.checks.certificate import check_validity, read_validity, unreadable
from hubbub.server.checks.finding import Finding, error, ok, warning
from hubbub.server.identity import CLOAK_KEY, SSH_KEY, Identity
from hubbub.server.recovery import JOURNAL
from hubbub.server.welcome.owner_code import FILE as OWNER_CODE
from hubbub.settings import Settings, SettingsError
from hubbub.settings.sources import is_there
from hubbub.transport.errors import HostKeyError

_SUBJECT: Final = "keys"


def check_keys(settings: Settings, now: float) -> list[Finding]:
    """Look at the certificate with its key, the SSH host keys and the cloak key; make none."""
    files = files_of(settings)
    found = [*_missing(settings), *_host_keys(settings)]
    if not files.self_signed or is_there(files.certificate):
        found += _pair(files, settings.name, now)
    return found or [ok(_SUBJECT, "they will be made at the first start")]


def _missing(settings: Settings) -> list[Finding]:
    """Look for what a journal shows to have been here."""
    journal = settings.data_dir / JOURNAL
    identity = Identity(settings)
    try:
        if not _has_a_copy_to_fetch(settings):
            identity.check_journal(journal)
        # An empty one is what a first start has left that found no room.
        has_journal = is_there(journal) and journal.stat().st_size > 0
        identity.check_files([CLOAK_KEY] if has_journal else [])
    except SettingsError as failed:
        return [error(_SUBJECT, *_parted(failed))]
    except ClusterError as failed:
        return [error(_SUBJECT, *_parted(failed))]
    except OSError as failed:
        return [error(_SUBJECT, f"{journal} cannot be looked at: {failed.strerror}", "mend that")]
    mend = "restore it from a backup if it was here before"
    return [
        warning(_SUBJECT, f"{path} is missing; a start refuses, or makes a new one", mend)
        for path in (identity.missing() if has_journal else ())
    ]


def _has_a_copy_to_fetch(settings: Settings) -> bool:
    """Say whether a start without a journal has one from another member. Raise ClusterError."""
    shared = read_shared(settings.data_dir)
    return shared is not None and shared.begins


def _pair(files: CertificateFiles, name: str, now: float) -> list[Finding]:
    try:
        check_pair(files)
    except SettingsError as failed:
        return [error("certificate", *_parted(failed))]
    try:
        validity = read_validity(files.certificate)
    except (OSError, ValueError) as failed:
        return [unreadable(files.certificate, str(failed))]
    return check_validity(validity, name, now)


def _host_keys(settings: Settings) -> list[Finding]:
    paths = settings.ssh.host_keys
    made = settings.data_dir / SSH_KEY
    if not settings.doors.ssh or not (paths or is_there(made)):
        return []
    # Imported here, for its library takes long to load.
    from hubbub.transport.ssh.host_keys import load_host_keys

    try:
        keys = load_host_keys(paths, settings.data_dir)
    except HostKeyError as failed:
        return [error("ssh host key", *_parted(failed))]
    return [ok("ssh host key", f"{len(keys)} can be used")]


def _parted(failed: Exception) -> tuple[str, str]:
    """Return what an error says is wrong, and what it says to do."""
    what, _, mend = str(failed).partition("; ")
    return what, mend or "mend or restore it"


def secrets_of(settings: Settings) -> tuple[list[Path], list[Path]]:
    """Return the secret files in the data directory, and those that are kept elsewhere."""
    files = files_of(settings)
    mine = [settings.data_dir / name for name in (CLOAK_KEY, SSH_KEY, JOURNAL, OWNER_CODE)]
    kept = [*settings.ssh.host_keys]
    if settings.cloak_key_file is not None:
        kept.append(settings.cloak_key_file)
    (mine if files.self_signed else kept).append(files.key)
    return mine, kept
