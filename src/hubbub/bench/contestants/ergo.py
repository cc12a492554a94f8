"""Ergo, where the one who measures names its program; no system brings it as a package.

Written against its default.yaml and the command line of 2.17. It has never been run here.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from hubbub.bench.contestants.servers import Server
from hubbub.bench.errors import ServerFailed

_QUEUE: Final = "64M"
"""What it keeps for a client at most: as much as the others are let keep."""

_LIMITS: Final = {
    "nicklen": 32,
    "identlen": 20,
    "channellen": 64,
    "awaylen": 390,
    "kicklen": 390,
    "topiclen": 390,
    "monitor-entries": 100,
    "whowas-entries": 100,
    "chan-list-modes": 100,
    "registration-messages": 1024,
}


class Ergo(Server):
    """The server with services inside; fake lag, limits per address and history off."""

    name = "ergo"
    program: ClassVar[Path]

    @classmethod
    def version(cls) -> str | None:
        """Return what `ergo --version` says."""
        return version_of(cls.program)

    def configure(self) -> None:
        """Write ircd.yaml (JSON, which YAML contains), and make a database where there is none."""
        (self.folder / "ircd.yaml").write_text(json.dumps(self._settings(), indent=1))
        if not (self.folder / "ircd.db").exists():
            self._make_database()

    def _make_database(self) -> None:
        """Have it make the database that it does not start without."""
        made = subprocess.run(
            [str(self.program), "initdb", "--conf", "ircd.yaml", "--quiet"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            lines = (made.stderr or made.stdout).strip().splitlines()
            said = lines[-1] if lines else "it said nothing"
            raise ServerFailed(f"initdb ended with {made.returncode}: {said}")

    def command(self) -> Sequence[str]:
        """Return the command that stays in the foreground."""
        return (str(self.program), "run", "--conf", str(self.folder / "ircd.yaml"), "--quiet")

    def _doors(self) -> dict[str, Any]:
        tls = {"cert": str(self.certificate.certificate), "key": str(self.certificate.key)}
        return {
            "name": "bench.ergo.test",
            "listeners": {
                f"127.0.0.1:{self.address.plain}": {},
                f"127.0.0.1:{self.address.tls}": {"tls": tls, "min-tls-version": 1.2},
            },
            "casemapping": "ascii",
            "enforce-utf8": True,
            "lookup-hostnames": False,
            "check-ident": False,
            "coerce-ident": "~u",
            "max-sendq": _QUEUE,
            "ip-limits": {"count": False, "throttle": False},
            "ip-cloaking": {"enabled": True, "netname": "irc", "num-bits": 64},
        }

    def _settings(self) -> dict[str, Any]:
        return {
            "network": {"name": "bench"},
            "server": self._doors(),
            "accounts": {
                "authentication-enabled": True,
                "registration": {"enabled": False},
                "login-throttling": {"enabled": False},
                "multiclient": {"enabled": True, "allowed-by-default": True},
            },
            "channels": {"default-modes": "+nt", "max-channels-per-client": 100},
            "logging": [{"method": "stderr", "type": "*", "level": "error"}],
            "lock-file": str(self.folder / "ircd.lock"),
            "datastore": {"path": str(self.folder / "ircd.db"), "autoupgrade": True},
            "languages": {"enabled": False},
            "limits": _LIMITS,
            "fakelag": {"enabled": False},
            "history": {"enabled": False},
        }


def version_of(program: Path) -> str:
    """Return what a program says of its version. Raise ServerFailed where it cannot be run."""
    try:
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it does not answer --version"
        raise ServerFailed(f"{program} cannot be run: {reason}") from error
    lines = (done.stdout or done.stderr).strip().splitlines()
    if done.returncode or not lines:
        raise ServerFailed(f"{program} is no Ergo: it does not answer --version")
    return lines[0]


def ergo_at(program: Path) -> type[Ergo]:
    """Return the contestant whose program is there."""
    return type("ErgoThere", (Ergo,), {"program": program})
