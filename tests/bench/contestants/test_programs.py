"""How each server is told what to do."""

import json
from pathlib import Path

import pytest

from hubbub.bench.contestants import programs
from hubbub.bench.contestants.certificate import Certificate
from hubbub.bench.contestants.programs import CONTESTANTS, Hubbub, Inspircd, Ngircd

CERTIFICATE = Certificate(Path("/x/bench.crt"), Path("/x/bench.key"))


def test_hubbub_is_the_first_and_each_has_its_name() -> None:
    assert list(CONTESTANTS) == ["hubbub", "ngircd", "inspircd"]
    assert all(server.name == name for name, server in CONTESTANTS.items())


def test_hubbub_gets_its_settings_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_NAME", "mine.example.org")
    monkeypatch.setenv("PATH_OF_MINE", "kept")
    server = Hubbub(tmp_path / "run", CERTIFICATE, frozenset())
    server.configure()
    given = server.environment()
    # What the one who measures has set for a server of its own is none of this one's.
    assert "HUBBUB_NAME" not in given
    assert given["PATH_OF_MINE"] == "kept"
    assert json.loads(given["HUBBUB_DOORS__TLS"]) == [f"127.0.0.1:{server.address.tls}"]
    assert (given["HUBBUB_DOORS__SSH"], given["HUBBUB_LIMITS__FLOOD"]) == ("[]", "false")
    server.opens_ssh = server.controls_flood = True
    given = server.environment()
    assert json.loads(given["HUBBUB_DOORS__SSH"]) == [f"127.0.0.1:{server.address.ssh}"]
    assert given["HUBBUB_LIMITS__FLOOD"] == "true"
    assert server.command()[-1] == str(tmp_path / "run" / "data")
    assert (tmp_path / "run" / "data").is_dir()


@pytest.mark.parametrize("kind", [Ngircd, Inspircd])
def test_others_get_a_file_with_the_same_doors_and_certificate(
    tmp_path: Path, kind: type[Ngircd | Inspircd]
) -> None:
    server = kind(tmp_path, CERTIFICATE, frozenset())
    server.configure()
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    for wanted in (server.address.plain, server.address.tls, "/x/bench.crt", "/x/bench.key"):
        assert str(wanted) in text
    assert str(file) in server.command()


def test_who_is_not_installed_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_SBIN", str(tmp_path))
    assert (Ngircd.version(), Inspircd.version()) == (None, None)
    program = tmp_path / "ngircd"
    program.write_text("#!/bin/sh\necho ngIRCd 27\necho more\n")
    program.chmod(0o755)
    assert Ngircd.version() == "ngIRCd 27"
    assert str(Hubbub.version()).startswith("hubbub ")
