"""What the client keeps between runs: certificates, preferences, what was seen and typed.

All files are readable by their owner only and are replaced whole, so that a crash leaves the old or
the new one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import platformdirs

from hubbub.client import preferences
from hubbub.client.errors import CertificateRefused, UsageError
from hubbub.client.network import trust
from hubbub.client.preferences import Preferences

_SERVERS: Final = 200
_LARGEST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """Name the directories: `config` for what a person decides, `state` for what only helps."""

    config: Path
    state: Path

    @property
    def known_servers(self) -> Path:
        """Return the file of pinned certificates."""
        return self.config / "known_servers"

    @property
    def history(self) -> Path:
        """Return the file of what was typed."""
        return self.state / "input_history"

    @property
    def tokens(self) -> Path:
        """Return the file of tokens with which this device logs in."""
        return self.config / "tokens.json"

    def load_preferences(self) -> Preferences:
        """Return what was set; the defaults where nothing can be read."""
        return preferences.load(read_text(self.config / "chat.json"))

    def save_preferences(self, changed: Preferences) -> None:
        """Keep what was set. Raises OSError."""
        replace_text(self.config / "chat.json", preferences.dump(changed))

    def load_seen(self, server: str) -> dict[str, float]:
        """Return when each room of a server was last seen, in seconds since 1970."""
        seen = self._seen().get(server)
        if not isinstance(seen, dict):
            return {}
        return {
            room: float(when)
            for room, when in seen.items()
            if isinstance(room, str) and isinstance(when, int | float)
        }

    def save_seen(self, server: str, seen: Mapping[str, float]) -> None:
        """Keep when each room of a server was last seen. Raises OSError."""
        everything = self._seen()
        everything.pop(server, None)
        everything[server] = dict(seen)
        kept = dict(list(everything.items())[-_SERVERS:])
        replace_text(self.state / "seen.json", json.dumps(kept, indent=1))

    def _seen(self) -> dict[str, object]:
        try:
            found = json.loads(read_text(self.state / "seen.json"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def default_profile() -> Profile:
    """Return the profile in the platform's directories.

    Raise UsageError where nobody knows this user's home directory: what was pinned would be
    forgotten, and whoever answers the next time be believed.
    """
    try:
        return Profile(
            Path(platformdirs.user_config_path("hubbub", appauthor=False)),
            Path(platformdirs.user_state_path("hubbub", appauthor=False)),
        )
    except RuntimeError:
        raise UsageError(
            f"no home directory is known of user {os.getuid()} (neither HOME nor an entry in "
            "passwd), where servers are remembered; set HOME to a directory of yours"
        ) from None


@dataclass(slots=True)
class KnownServers:
    """Remember certificates in a profile's known_servers; `expected` overrides what is there."""

    path: Path
    expected: str = ""
    place: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the file, for a person to find."""
        self.place = str(self.path)

    def known(self, server: str) -> str | None:
        """Return the fingerprint remembered for `HOST:PORT`. Raises CertificateRefused."""
        with self._refusing(server):
            return trust.lookup(read_text(self.path, strict=True), server)

    def remember(self, server: str, fingerprint: str) -> None:
        """Remember the fingerprint of `HOST:PORT`. Raises CertificateRefused."""
        with self._refusing(server):
            replace_text(
                self.path, trust.remember(read_text(self.path, strict=True), server, fingerprint)
            )

    @contextmanager
    def _refusing(self, server: str) -> Iterator[None]:
        """Refuse a server that can be known by nothing: it might be another one each time."""
        try:
            yield
        except OSError as error:
            raise CertificateRefused(
                f"the certificate of {server} cannot be remembered in {self.place}: "
                f"{error.strerror or error}; nothing was sent. Make that file yours to read and "
                "write, or set HOME to a directory of yours"
            ) from None


def make_private(path: Path) -> None:
    """Make a file that only its owner can read, where there is none. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def read_text(path: Path, strict: bool = False) -> str:
    """Return a file's text, "" where there is none; raise OSError only where `strict`."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError:
        if strict:
            raise
        return ""


def replace_text(path: Path, text: str) -> None:
    """Replace a file, which only its owner can read, by one with this text. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes files of mode 0600.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
