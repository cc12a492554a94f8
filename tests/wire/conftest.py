"""Servers to look at: Hubbub with all its doors, OpenSSH's, OpenSSL's, ngircd."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.server.self_signed import make_self_signed
from tests.e2e.server import Server
from tests.terminal import servers

SSHD = "/usr/sbin/sshd"


@pytest.fixture(scope="package")
def hubbub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with all its doors."""
    doors = {f"HUBBUB_DOORS__{kind}": '["127.0.0.1:0"]' for kind in ("SSH", "WEBSOCKET", "WSS")}
    with Server(tmp_path_factory.mktemp("wire") / "data", **doors) as server:
        yield server


@pytest.fixture(scope="package")
def ngircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Running]:
    """Run ngircd."""
    if why := servers.missing("ngircd"):
        pytest.skip(why)
    with servers.run("ngircd", tmp_path_factory.mktemp("ngircd")) as running:
        yield running


@dataclass(frozen=True, slots=True)
class SSHServer:
    """Name a running sshd: where it is, and who may come in with which key."""

    port: int
    user: str
    identity: str
    fingerprint: str

    @property
    def address(self) -> str:
        """Return where to look."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}"


@pytest.fixture(scope="package")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    """Run OpenSSH's server."""
    if not Path(SSHD).exists() or shutil.which("ssh-keygen") is None:
        pytest.skip("sshd is not installed (apt install openssh-server)")
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host", "user"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True)
    (folder / "authorized_keys").write_bytes((folder / "user.pub").read_bytes())
    if os.geteuid() == 0:
        # Debian's start script makes it, which nobody has run here.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = servers.free_port()
    process = subprocess.Popen(_sshd_command(folder, port), stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        while b"Server listening" not in (line := process.stderr.readline()):
            assert line, "sshd did not start"
        listed = subprocess.check_output(["ssh-keygen", "-l", "-f", str(folder / "host.pub")])
        fingerprint = listed.decode().split()[1]
        yield SSHServer(port, getpass.getuser(), str(folder / "user"), fingerprint)
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def _sshd_command(folder: Path, port: int) -> list[str]:
    settings = {
        "ListenAddress": "127.0.0.1",
        "AuthorizedKeysFile": str(folder / "authorized_keys"),
        "StrictModes": "no",
        "PidFile": "none",
        "UsePAM": "no",
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    host = ["-h", str(folder / "host"), "-p", str(port)]
    return [SSHD, "-D", "-e", "-f", "/dev/null", *host, *options]


@dataclass(frozen=True, slots=True)
class OpenSSL:
    """Start `openssl s_server` with a certificate, and with options."""

    folder: Path

    def start(self, *options: str) -> tuple[subprocess.Popen[bytes], int]:
        """Return the process, and the port that it listens on."""
        port = servers.free_port()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", *options]
        command += ["-cert", str(self.folder / "both.pem"), "-key", str(self.folder / "both.pem")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        while b"ACCEPT" not in (line := process.stdout.readline()):
            assert line, "openssl did not start"
        return process, port


@pytest.fixture
def s_server(tmp_path: Path) -> OpenSSL:
    """Offer servers of OpenSSL."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate, key = make_self_signed(["localhost"], datetime.now(UTC))
    (tmp_path / "both.pem").write_bytes(certificate + key)
    return OpenSSL(tmp_path)
