"""A certificate that is renewed, and settings that change, while the server runs."""

from __future__ import annotations

import hashlib
import os
import signal
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from hubbub.server.self_signed import make_self_signed
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

PAIR = ("certificate", "key")
"""How the settings call the two files."""


def shown(server: Server) -> str:
    """Return the fingerprint of the certificate that a client is shown."""
    with Client(server.ports["tls"], tls=True) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        certificate = client.socket.getpeercert(binary_form=True)
        assert certificate is not None
        return hashlib.sha256(certificate).hexdigest()


def renew(directory: Path) -> str:
    """Replace certificate and key as certbot does, and return the new fingerprint."""
    certificate, key = make_self_signed(["localhost"], datetime.now(UTC))
    for name, data in (("key.pem", key), ("certificate.pem", certificate)):
        part = directory / f"{name}.new"
        part.write_bytes(data)
        part.chmod(0o600)
        os.replace(part, directory / name)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.decode())).hexdigest()


def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    with Server(tmp_path / "data", HUBBUB_LOG__LEVEL="info") as server:
        old = shown(server)
        assert old in server.banner.replace(":", "").lower()
        with Client(server.ports["tls"], tls=True).register("ann").join("#lobby") as ann:
            new = renew(tmp_path / "data")
            # The files are looked at every few seconds; a signal says that it is time.
            server.signal(signal.SIGHUP)
            server.logged("settings reread")
            assert shown(server) == new != old
            ann.send("PING :not disturbed")
            assert ann.until("PONG").params[-1] == "not disturbed"


@pytest.mark.parametrize("of_certbot", [True, False])
def test_the_hook_gives_the_server_its_own_copy(tmp_path: Path, of_certbot: bool) -> None:
    lineage, tls = tmp_path / "chat.example.org", tmp_path / "tls"
    lineage.mkdir()
    tls.mkdir()
    hook = [str(Path(__file__).parents[2] / "deploy/certificates/hubbub-certificate")]
    environment = {"PATH": os.environ["PATH"], "HUBBUB_TLS_FOLDER": str(tls)}
    files = [lineage / "fullchain.pem", lineage / "privkey.pem"]
    if of_certbot:
        environment["RENEWED_LINEAGE"] = str(lineage)
    else:
        hook += map(str, files)

    def renewed() -> str:
        made = make_self_signed(["localhost"], datetime.now(UTC))
        for path, data in zip(files, made, strict=True):
            path.write_bytes(data)
        subprocess.run(hook, check=True, env=environment)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(made[0].decode())).hexdigest()

    first = renewed()
    own = {name.upper(): str(tls / path.name) for name, path in zip(PAIR, files, strict=True)}
    settings = {f"HUBBUB_TLS__{name}": path for name, path in own.items()}
    with Server(tmp_path / "data", HUBBUB_LOG__LEVEL="info", **settings) as server:
        assert shown(server) == first
        second = renewed()
        server.signal(signal.SIGHUP)
        server.logged("settings reread")
        assert shown(server) == second != first
    assert {path.name: path.stat().st_mode & 0o777 for path in tls.iterdir()} == {
        "fullchain.pem": 0o640,
        "privkey.pem": 0o640,
    }


def test_a_pair_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    with Server(tmp_path / "data", HUBBUB_LOG__LEVEL="info") as server:
        old = shown(server)
        (tmp_path / "data" / "certificate.pem").write_text("half of it")
        server.signal(signal.SIGHUP)
        server.logged("settings reread")
        assert shown(server) == old


def test_settings_are_reread(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text('motd = "before"\n[log]\nlevel = "info"\n')
    with Server(tmp_path / "data") as server:
        port = server.ports["plain"]
        with Client(port).register("ann") as ann:
            ann.send("MOTD")
            assert ann.until("372").params[-1] == "- before"
            file.write_text('motd = "after"\n[log]\nlevel = "info"\n')
            server.signal(signal.SIGHUP)
            server.logged("settings reread")
            ann.send("MOTD")
            assert ann.until("372").params[-1] == "- after"
            file.write_text('motd = "broken\n')
            server.signal(signal.SIGHUP)
            server.logged("settings not reread")
            ann.send("MOTD")
            assert ann.until("372").params[-1] == "- after"


def test_who_rehashes_is_told_what_was_refused_and_so_is_who_asks_how_it_does(
    tmp_path: Path,
) -> None:
    file, data = tmp_path / "hubbub.toml", tmp_path / "data"
    file.write_text(f'[operators]\nroot = "{hash_password("secret")}"\n')
    good = file.read_text()
    with Server(data) as server, Client(server.ports["plain"]).register("oper") as oper:
        oper.send("OPER root secret")
        oper.until("381")

        def rehash() -> str:
            oper.send("REHASH")
            told = [m for m in oper.sync() if m.command in ("NOTICE", "FAIL")]
            return "\n".join(m.params[-1] for m in told)

        assert rehash() == "The settings were reread"
        assert "refused" not in status(server)
        # What the file says.
        for bad, word in (('motd = "broken\n', "line"), ("nonsense = 1\n", "nonsense")):
            file.write_text(bad + good)
            told = rehash()
            assert "The settings were not reread, those before stay (20" in told
            assert word in told
            assert word in status(server)
        # What a restart is needed for.
        file.write_text(f'access = "open"\n{good}[limits]\npassword_checks = 3\n')
        assert "These wait for a restart: limits.password_checks" in rehash()
        assert "refused" not in status(server)
        # What a file says that it names.
        file.write_text(good)
        certificate = data / "certificate.pem"
        before = certificate.read_bytes()
        certificate.write_text("half of it")
        for _ in range(2):
            told = rehash()
            assert "The settings were reread" in told
            assert "The new certificate cannot be used, the old one stays: cannot use" in told
        assert "refused      The new certificate cannot be used" in status(server)
        certificate.write_bytes(before)
        assert rehash() == "The settings were reread"
        assert "refused" not in status(server)


def status(server: Server) -> str:
    command = [sys.executable, "-m", "hubbub", "status", "--data", str(server.directory)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=server.directory.parent)
    # What was refused needs a look.
    assert done.returncode == ("refused" in done.stdout), done.stderr
    return done.stdout
