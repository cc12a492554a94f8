"""Looking at a real installation: before its start, while it runs, from inside and outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.server import Server
from tests.e2e.test_health import scraped
from tests.e2e.test_lost_data import run

DOORS = ("TLS", "PLAIN", "SSH", "WSS", "WEBSOCKET", "HEALTH")
NAME = "chat.example.org"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has, no two alike."""
    with ExitStack() as stack:
        held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        return [int(stack.enter_context(door).getsockname()[1]) for door in held]


def on_known_ports() -> dict[str, str]:
    """Return settings of doors that can be found again."""
    ports = zip(DOORS, free_ports(len(DOORS)), strict=True)
    doors = {f"HUBBUB_DOORS__{kind}": f'["127.0.0.1:{port}"]' for kind, port in ports}
    return {**doors, "HUBBUB_DOORS__PROXIES": '["192.0.2.1"]'}


def hubbub(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the server's settings and its working directory."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
    return subprocess.run(
        [sys.executable, "-m", "hubbub", *words, "--data", str(server.directory)],
        env={**environment, **server.settings},
        cwd=server.directory.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def levels(ran: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return the gravest level of each subject that is told in JSON."""
    order = ("ok", "warning", "error")
    found: dict[str, str] = {}
    for each in json.loads(ran.stdout)["findings"]:
        before = found.get(each["subject"], "ok")
        found[each["subject"]] = max(before, each["level"], key=order.index)
    return found


def certify(place: Path, name: str, days: float) -> dict[str, str]:
    """Make a certificate of an authority for a name; return the settings that name it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, "CA")
    )
    built = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (place / "chain.pem").write_bytes(built.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (place / "own.pem").write_bytes(pem)
    (place / "own.pem").chmod(0o600)
    files = {"CERTIFICATE": place / "chain.pem", "KEY": place / "own.pem"}
    return {f"HUBBUB_TLS__{kind}": str(path) for kind, path in files.items()}


def test_each_thing_is_looked_at_and_each_door_come_to(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **on_known_ports()) as server:
        told = json.loads(hubbub(server, "status", "--json").stdout)
        assert told["look_at"] == []
        assert {"versions", "journal", "disk", "certificate", "ready"} <= set(told["lines"])
        ran = hubbub(server, "check", "--strict", "--json")
        assert (ran.returncode, set(levels(ran).values())) == (0, {"ok"}), ran.stdout
        ran = hubbub(server, "doctor")
        assert ran.stdout.count(" lets people in") == 5
        assert ran.stdout.count("shows the certificate that is on the disk") == 2
        # Whether this machine's clock is kept is not the server's doing.
        assert all(
            line.startswith("ok ") for line in ran.stdout.splitlines() if "clock" not in line
        )
        # Another certificate is there that nobody has taken up, for it is not this key's.
        certify(tmp_path, NAME, 90)
        (server.directory / "certificate.pem").write_bytes((tmp_path / "chain.pem").read_bytes())
        ran = hubbub(server, "doctor", "--json")
        assert ran.returncode == 1
        assert (levels(ran)["door tls"], levels(ran)["certificate"]) == ("warning", "error")


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", **on_known_ports())
    with socket.create_server(("127.0.0.1", 0)) as door:
        server.settings["HUBBUB_DOORS__TLS"] = f'["127.0.0.1:{door.getsockname()[1]}"]'
        ran = hubbub(server, "check", "--quiet")
        assert ran.returncode == 75
        assert f"in use by another program (process {os.getpid()}" in ran.stdout
        assert len(ran.stdout.splitlines()) == 1
    assert hubbub(server, "check").returncode == 0
    assert not server.directory.exists()


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_NMAE="x")
    ran = hubbub(server, "check")
    assert ran.returncode == 2
    assert "did you mean HUBBUB_NAME?" in ran.stdout


def test_a_key_that_is_gone_is_told_before_a_start(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        pass
    (server.directory / "cloak.key").unlink()
    ran = hubbub(server, "check", "--quiet")
    assert ran.returncode == 2
    assert "cloak.key is missing" in ran.stdout
    assert "--accept-loss" in ran.stdout
    # In a log of JSON each line is an object.
    (line,) = hubbub(server, "check", "--quiet", "--json").stdout.splitlines()
    assert json.loads(line)["level"] == "error"


def test_a_certificate_that_clients_will_refuse(tmp_path: Path) -> None:
    own = certify(tmp_path, "other.example.org", -2)
    with Server(tmp_path / "data", HUBBUB_NAME=NAME, **own, **on_known_ports()) as server:
        server.logged("subject=certificate")
        log = server.log.read_text()
        assert "it has EXPIRED" in log
        assert f"it is for other.example.org, and the server is called {NAME}" in log
        ran = hubbub(server, "status", "--json")
        told = json.loads(ran.stdout)
        assert (ran.returncode, told["look_at"]) == (1, ["certificate"])
        assert "it has EXPIRED" in told["lines"]["certificate"]
        found = scraped(server)
        names = ("expired", "other_name", "ends_soon", "not_yet")
        assert [found["hubbub_certificate_problem", name] for name in names] == [1, 1, 0, 0]
        # It starts all the same: clients who know better can come in.
        assert hubbub(server, "check", "--quiet").stdout.count("warning  certificate") == 2
        assert hubbub(server, "check", "--strict").returncode == 1


def test_a_reload_that_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    with Server(tmp_path / "data") as server:
        ran = hubbub(server, "reload")
        assert (ran.returncode, ran.stdout) == (0, "The settings were reread\n")
        file.write_text("port = broken\n")
        ran = hubbub(server, "reload")
        assert ran.returncode == 1
        assert "The settings were not reread, those before stay" in ran.stderr
        # By a signal nobody is answered; it is seen here until one succeeds.
        ran = hubbub(server, "status")
        assert ran.returncode == 1
        assert "\nlook-at      refused\n" in ran.stdout
        file.unlink()
        assert hubbub(server, "reload").returncode == 0
        assert hubbub(server, "status").returncode == 0


def test_a_mail_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    [port] = free_ports(1)
    place = f"127.0.0.1:{port}"
    mail = {
        "HUBBUB_MAIL__HOST": "127.0.0.1",
        "HUBBUB_MAIL__PORT": str(port),
        "HUBBUB_MAIL__SECURITY": "none",
        "HUBBUB_MAIL__SENDER": "chat@example.org",
    }
    with Server(tmp_path / "data", **mail) as server:
        ran = hubbub(server, "mail", "test", "ann@example.org")
        assert ran.returncode == 1
        assert place in ran.stderr
        assert "Connection refused" in ran.stderr
        server.logged(f"{place}: ")
        ran = hubbub(server, "status", "--json")
        told: dict[str, Any] = json.loads(ran.stdout)
        assert (ran.returncode, told["look_at"]) == (1, ["mail"])
        assert f"{place}: " in told["lines"]["mail"]
        # Whoever asks has not the server's environment.
        assert levels(run(server, "doctor", "--json"))["mail"] == "warning"


def test_a_server_that_hangs_is_told_of_within_three_seconds(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        server.signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            ran = hubbub(server, "status", "--json")
            # The program itself takes a moment to start.
            assert time.monotonic() - began < 3 + 4
            assert ran.returncode == 3
            told = json.loads(ran.stdout)
            assert "does not answer within 3 s" in told["why"]
            assert not told["answers"]
        finally:
            server.signal(signal.SIGCONT)
    ran = hubbub(server, "status")
    assert (ran.returncode, "no server runs" in ran.stderr) == (3, True)
