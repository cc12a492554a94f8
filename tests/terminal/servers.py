"""Real servers on the loopback: Hubbub, and ngircd and InspIRCd where they are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hubbub.server.self_signed import make_self_signed
from tests.e2e.server import Server

_READY_SECONDS = 20.0
_SBIN = "/usr/sbin:/usr/local/sbin"
INSPIRCD_MODULES = Path("/usr/lib/inspircd/modules")


@dataclass(frozen=True, slots=True)
class Running:
    """Name the doors of a server that runs, and how it ends: in good order, or all at once."""

    tls: str
    plain: str
    stop: Callable[[], object]
    kill: Callable[[], object]


def missing(kind: str) -> str:
    """Return why a kind of server cannot be tested with here, or ""."""
    if kind != "hubbub" and shutil.which(kind, path=f"{os.environ['PATH']}:{_SBIN}") is None:
        return f"{kind} is not installed (apt install {kind})"
    return ""


@contextmanager
def run(
    kind: str,
    directory: Path,
    ports: tuple[int, int] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Run a server of this kind until the block ends, with what it keeps in `directory`."""
    tls, plain = ports or (free_port(), free_port())
    directory.mkdir(parents=True, exist_ok=True)
    running = _hubbub if kind == "hubbub" else _foreign(kind)
    with running(directory, tls, plain, variables or {}) as (stop, kill):
        yield Running(f"ircs://127.0.0.1:{tls}", f"irc://127.0.0.1:{plain}", stop, kill)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


_Ends = tuple[Callable[[], object], Callable[[], object]]


@contextmanager
def _hubbub(directory: Path, tls: int, plain: int, variables: Mapping[str, str]) -> Iterator[_Ends]:
    doors = {
        "HUBBUB_DOORS__TLS": f"127.0.0.1:{tls}",
        "HUBBUB_DOORS__PLAIN": f"127.0.0.1:{plain}",
    }
    with Server(directory / "data", **doors, **variables) as server:
        yield server.stop, server.kill


def _foreign(
    kind: str,
) -> Callable[[Path, int, int, Mapping[str, str]], AbstractContextManager[_Ends]]:
    @contextmanager
    def running(
        directory: Path, tls: int, plain: int, variables: Mapping[str, str]
    ) -> Iterator[_Ends]:
        command = _COMMANDS[kind](directory, tls, plain)
        with (directory / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        try:
            for port in (tls, plain):
                _wait_for(port, process, directory / "log")
            yield process.terminate, process.kill
        finally:
            process.kill()
            process.wait()

    return running


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text(errors="replace"))


def _certificate(directory: Path) -> tuple[Path, Path]:
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    if not certificate.exists():
        shown, secret = make_self_signed(["localhost", "127.0.0.1"], datetime.now(UTC))
        certificate.write_bytes(shown)
        key.write_bytes(secret)
    return certificate, key


def _ngircd(directory: Path, tls: int, plain: int) -> list[str]:
    certificate, key = _certificate(directory)
    (directory / "ngircd.conf").write_text(
        f"""[Global]
Name = irc.ngircd.test
Info = test
Listen = 127.0.0.1
Ports = {plain}
ServerUID = {os.getuid()}
ServerGID = {os.getgid()}
[Options]
PAM = no
Ident = no
DNS = no
[SSL]
CertFile = {certificate}
KeyFile = {key}
Ports = {tls}
"""
    )
    path = shutil.which("ngircd", path=f"{os.environ['PATH']}:{_SBIN}") or "ngircd"
    return [path, "-n", "-f", str(directory / "ngircd.conf")]


def _inspircd(directory: Path, tls: int, plain: int) -> list[str]:
    certificate, key = _certificate(directory)
    wanted = (
        *("ircv3", "ircv3_batch", "ircv3_capnotify", "ircv3_ctctags", "ircv3_echomessage"),
        *("ircv3_labeledresponse", "ircv3_msgid", "ircv3_servertime", "chanhistory", "cap"),
        *("namesx", "uhnames", "ssl_gnutls"),
    )
    modules = "\n".join(
        f'<module name="{name}">' for name in wanted if (INSPIRCD_MODULES / f"m_{name}.so").exists()
    )
    (directory / "inspircd.conf").write_text(
        f"""<server name="irc.inspircd.test" description="test" network="Test" id="0TT">
<admin name="test" nick="test" email="test@localhost">
{modules}
<sslprofile name="test" provider="gnutls" certfile="{certificate}" keyfile="{key}">
<bind address="127.0.0.1" port="{plain}" type="clients">
<bind address="127.0.0.1" port="{tls}" type="clients" sslprofile="test">
<connect name="test" allow="*" timeout="60" pingfreq="60m" fakelag="no" localmax="1000"
    globalmax="1000" commandrate="1000000" threshold="10000" resolvehostnames="no" useident="no">
<options defaultmodes="not">
<limits maxnick="30">
<path configdir="{directory}" datadir="{directory}" logdir="{directory}" runtimedir="{directory}">
<log method="file" type="*" level="sparse" target="inspircd.log">
"""
    )
    path = shutil.which("inspircd", path=f"{os.environ['PATH']}:{_SBIN}") or "inspircd"
    root = ["--runasroot"] if os.getuid() == 0 else []
    config = str(directory / "inspircd.conf")
    return [path, "--nofork", "--nopid", *root, "--config", config]


_COMMANDS = {"ngircd": _ngircd, "inspircd": _inspircd}
KINDS = ("hubbub", *_COMMANDS)
