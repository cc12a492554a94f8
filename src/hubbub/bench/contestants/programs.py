"""Hubbub, ngircd and InspIRCd, each with flood control and look-ups turned off."""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

from hubbub import CODE
from hubbub.bench.contestants.servers import Server

_SBIN: Final = "/usr/sbin:/usr/local/sbin:/sbin"


def _find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=_SBIN)


def _first_line(program: str | None, option: str) -> str | None:
    if program is None:
        return None
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else program


class Hubbub(Server):
    """This project's server, with its journal at full durability."""

    name = "hubbub"
    has_ssh = True
    has_flood_control = True

    @classmethod
    def version(cls) -> str | None:
        """Return the installed version of Hubbub, which twin it is, and the Python that runs it."""
        python = ".".join(str(part) for part in sys.version_info[:3])
        return f"hubbub {metadata.version('hubbub')}, {CODE}, Python {python}"

    def configure(self) -> None:
        """Make the data directory; everything else comes by the environment."""
        (self.folder / "data").mkdir(mode=0o700, exist_ok=True)

    def command(self) -> Sequence[str]:
        """Return the command that serves from this server's own data directory."""
        return (sys.executable, "-m", "hubbub", "serve", "--data", str(self.folder / "data"))

    def environment(self) -> dict[str, str]:
        """Return the settings: doors on loopback, the shared certificate, and no flood control."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
        return inherited | {
            "HUBBUB_DOORS__TLS": json.dumps([f"127.0.0.1:{self.address.tls}"]),
            "HUBBUB_DOORS__PLAIN": json.dumps([f"127.0.0.1:{self.address.plain}"]),
            "HUBBUB_DOORS__SSH": json.dumps(
                [f"127.0.0.1:{self.address.ssh}"] if self.opens_ssh else []
            ),
            "HUBBUB_LIMITS__UNAUTHENTICATED": "100000",
            "HUBBUB_LIMITS__SSH_UNAUTHENTICATED": "1000",
            "HUBBUB_TLS__CERTIFICATE": str(self.certificate.certificate),
            "HUBBUB_TLS__KEY": str(self.certificate.key),
            "HUBBUB_LIMITS__FLOOD": json.dumps(self.controls_flood),
        }


class Ngircd(Server):
    """The small C server; penalties off, no DNS, no ident, no PAM."""

    name = "ngircd"
    # Its queue of connections to accept holds ten; others are dropped and try again in a second.
    at_once = 10

    @classmethod
    def version(cls) -> str | None:
        """Return the first line of `ngircd -V`."""
        return _first_line(_find("ngircd"), "-V")

    def configure(self) -> None:
        """Write ngircd.conf."""
        # Started by root it would become "nobody", who cannot read the key.
        user = pwd.getpwuid(os.getuid()).pw_name
        group = grp.getgrgid(os.getgid()).gr_name
        (self.folder / "ngircd.conf").write_text(
            f"""[Global]
Name = bench.ngircd.test
Info = bench
Listen = 127.0.0.1
Ports = {self.address.plain}
MotdPhrase = "bench"
ServerUID = {user}
ServerGID = {group}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {self.certificate.certificate}
KeyFile = {self.certificate.key}
Ports = {self.address.tls}
"""
        )

    def command(self) -> Sequence[str]:
        """Return the command that stays in the foreground."""
        return (_find("ngircd") or "ngircd", "-n", "-f", str(self.folder / "ngircd.conf"))


class Inspircd(Server):
    """The fast C++ server; fake lag off, wide queues, no look-ups."""

    name = "inspircd"

    @classmethod
    def version(cls) -> str | None:
        """Return the first line of `inspircd --version`."""
        return _first_line(_find("inspircd"), "--version")

    def configure(self) -> None:
        """Write inspircd.conf."""
        provider = "gnutls" if _inspircd_module("ssl_gnutls") else "openssl"
        (self.folder / "inspircd.conf").write_text(
            f"""<server name="bench.inspircd.test" description="bench" network="bench" id="0BB">
<admin name="bench" nick="bench" email="bench@localhost">
<module name="ssl_{provider}">
<sslprofile name="bench" provider="{provider}"
    certfile="{self.certificate.certificate}" keyfile="{self.certificate.key}">
<bind address="127.0.0.1" port="{self.address.plain}" type="clients">
<bind address="127.0.0.1" port="{self.address.tls}" type="clients" sslprofile="bench">
<connect name="bench" allow="*" maxchans="100" timeout="60" pingfreq="60m"
    hardsendq="64M" softsendq="32M" recvq="1M" threshold="1000000" commandrate="100000000"
    fakelag="no" localmax="100000" globalmax="100000" maxconnwarn="no"
    resolvehostnames="no" useident="no" limit="100000">
<performance netbuffersize="65534" somaxconn="4096" softlimit="100000"
    clonesonconnect="no" quietbursts="yes">
<options defaultmodes="nt">
<limits maxnick="30">
<path configdir="{self.folder}" datadir="{self.folder}" logdir="{self.folder}"
    runtimedir="{self.folder}">
<log method="file" type="*" level="sparse" target="inspircd.log">
"""
        )

    def command(self) -> Sequence[str]:
        """Return the command that stays in the foreground."""
        config = str(self.folder / "inspircd.conf")
        root = ("--runasroot",) if os.getuid() == 0 else ()
        return (_find("inspircd") or "inspircd", "--nofork", "--nopid", *root, "--config", config)


def _inspircd_module(name: str) -> bool:
    roots = (Path("/usr/lib/inspircd/modules"), Path("/usr/local/lib/inspircd/modules"))
    return any((root / f"m_{name}.so").exists() for root in roots)


CONTESTANTS: Final[dict[str, type[Server]]] = {
    server.name: server for server in (Hubbub, Ngircd, Inspircd)
}
"""Every server that can be measured, by name; Hubbub first."""
