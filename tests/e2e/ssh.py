"""The real `ssh`, without anything that the person who runs the tests has configured."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client

SECONDS = 30.0
NEEDED = pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")


def command(port: int, *arguments: str, user: str = "guest", key: Path | None = None) -> list[str]:
    """Return the command line of `ssh USER@127.0.0.1 ARGUMENTS`; options may stand first."""
    options = [
        *("-F", "none", "-p", str(port), "-o", "LogLevel=ERROR"),
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
        *("-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"),
        *(("-i", str(key)) if key else ("-o", "PubkeyAuthentication=no")),
    ]
    at = next((at for at, word in enumerate(arguments) if not word.startswith("-")), None)
    own = list(arguments[:at])
    rest = [] if at is None else list(arguments[at:])
    # Of an option that is given twice the first counts.
    return ["ssh", *own, *options, f"{user}@127.0.0.1", *rest]


def run(
    port: int,
    *arguments: str,
    user: str = "guest",
    key: Path | None = None,
    input: str = "",
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `ssh` to its end."""
    return subprocess.run(
        command(port, *arguments, user=user, key=key),
        input=input,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def make_key(directory: Path, name: str = "id", kind: str = "ed25519") -> Path:
    """Make a key without a passphrase, as people do."""
    path = directory / name
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(path)], check=True
    )
    return path


def fingerprint(key: Path) -> str:
    """Return a key's fingerprint."""
    command = ["ssh-keygen", "-l", "-f", str(key)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def add_key(client: Client, key: Path, about: str = "") -> None:
    """List a key in the account that a client is logged in to, and prove it as the manual says."""
    client.send(f"KEY ADD {fingerprint(key)} {about}")
    told = client.until(lambda m: m.command == "KEY" and m.params[0] == "CHALLENGE")
    namespace = f"hubbub@{told.source}"
    signed = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key)],
        input=told.params[1],
        capture_output=True,
        text=True,
        check=True,
    )
    body = "".join(signed.stdout.split("\n")[1:-2])
    client.send(*(f"KEY PROVE {body[at : at + 400]}" for at in range(0, len(body), 400)))
    client.until(lambda m: m.command == "KEY" and m.params[0] == "PROVED")


def answering(directory: Path, answer: str) -> dict[str, str]:
    """Return the variables with which ssh gives this answer to whatever it is asked."""
    program = directory / "answer"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o700)
    return {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force"}
