"""What containers and service managers give a server, and what they do not: with real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest

from hubbub.passwords.argon2 import hash_password
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.others import let_others_come_to
from tests.settings.test_service_links import SERVICES

HOMELESS = ("-u", "HOME")
UID = 12345
"""A user without a name, as containers and DynamicUser have them."""
JSON = {"HUBBUB_LOG__FORMAT": "json", "HUBBUB_LOG__LEVEL": "debug"}
SSH = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]'}


def hubbub(
    directory: Path,
    *arguments: str,
    prefix: tuple[str, ...] = (),
    environment: Mapping[str, str] = {},
) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory, and with nothing in its environment but what is given."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "hubbub", *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **environment},
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines_of(server: Server) -> list[dict[str, Any]]:
    """Return what a server has said, line by line; each is an object."""
    return [json.loads(line) for line in (server.banner + server.log.read_text()).splitlines()]


@pytest.fixture(scope="module")
def become() -> tuple[str, ...]:
    """Return the command (`env`, in the end) by which root becomes that user."""
    user = ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups")
    # Where Python is in root's home, they need a capability to read it, which not every root has.
    reading = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")
    for command in ((*user, "env"), (*user, *reading, "env")):
        if os.geteuid() == 0 and hubbub(Path("/"), "--version", prefix=command).returncode == 0:
            return command
    pytest.skip("only root can become somebody else, who has to be able to read Python")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Return a directory of the user without a name."""
    directory = tmp_path / "theirs"
    directory.mkdir()
    os.chown(directory, UID, UID)
    let_others_come_to(directory)
    return directory


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["serve"], 2), (["chat"], 2), (["status"], 2), (["account", "list"], 2), (["health"], 1)],
)
def test_without_a_home_one_is_asked_for_what_would_be_there(
    theirs: Path, become: tuple[str, ...], arguments: list[str], code: int
) -> None:
    done = hubbub(theirs, *arguments, prefix=(*become, *HOMELESS))
    told = done.stdout + done.stderr
    assert (done.returncode, told.count("\n")) == (code, 1)
    assert f"no home directory is known of user {UID}" in told
    assert list(theirs.iterdir()) == []


def test_without_a_home_everything_else_works(theirs: Path, become: tuple[str, ...]) -> None:
    server = Server(theirs / "data", **SSH)
    server.prefix, server.log = (*become, *HOMELESS), theirs.parent / "log"
    with server:
        assert (theirs / "data" / "owner-code").stat().st_uid == UID
        told = hubbub(theirs, "status", "--data", "data", prefix=(*become, *HOMELESS))
        assert (told.returncode, told.stderr) == (0, "")
        url = f"ircs://127.0.0.1:{server.ports['tls']}/lobby"
        unwritable = hubbub(theirs, "chat", url, prefix=become, environment={"HOME": "/"})
        assert unwritable.returncode == 4
        assert "cannot be remembered in /.config/hubbub/known_servers" in unwritable.stderr
        home = {"HOME": str(theirs)}
        said = hubbub(theirs, "chat", url, prefix=become, environment=home)
        assert (said.returncode, "Traceback" in said.stderr) == (0, False)
        if not ssh.NEEDED.args[0]:
            assert ssh.run(server.ports["ssh"], "who").returncode == 0


def test_another_user_is_told_whose_socket_it_is(theirs: Path, become: tuple[str, ...]) -> None:
    with Server(theirs / "data") as server:
        told = hubbub(theirs, "status", "--data", "data", prefix=(*become, *HOMELESS))
        assert told.returncode == 3
        assert f"{server.directory}/control.sock belongs to another user" in told.stderr
        assert "(sudo -u root ...), or name another directory with --data" in told.stderr


def test_who_asks_the_wrong_server_is_told_which_that_is(tmp_path: Path) -> None:
    told = hubbub(tmp_path, "status", environment={"HOME": str(tmp_path)}).stderr
    assert f"no server runs with the data directory {tmp_path}/.local/share/hubbub" in told
    assert f"this user's own, for no settings in {tmp_path} or the environment name one" in told
    (tmp_path / ".env").write_text("HUBBUB_DATA_DIR=elsewhere\n")
    told = hubbub(tmp_path, "status").stderr
    assert f"the data directory {tmp_path}/elsewhere: nobody answers" in told
    assert f"as HUBBUB_DATA_DIR in {tmp_path}/.env says" in told


@pytest.mark.parametrize("arguments", [["serve"], ["status"], ["identity", "make", "x"]])
def test_in_a_directory_that_is_gone_it_is_said_so(tmp_path: Path, arguments: list[str]) -> None:
    gone = ("sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh")
    # Not by `-m`, which looks for modules there.
    code = ("-P", "-c", "from hubbub.cli.commands import main; main()")
    done = subprocess.run(
        [*gone, sys.executable, *code, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "hubbub: the current directory has been removed; go to another one\n"


def test_nodes_with_one_identity_look_like_one_server(tmp_path: Path) -> None:
    done = hubbub(tmp_path, "identity", "make", "identity", "--name", "chat.example.org")
    assert done.returncode == 0
    (tmp_path / "hubbub.toml").write_text(done.stdout)
    assert tomllib.loads(done.stdout)["cloak_key_file"] == f"{tmp_path}/identity/cloak.key"
    seen = []
    for node in ("one", "two"):
        with Server(tmp_path / node, **SSH) as server, Client(server.ports["plain"]) as ann:
            ann.register("ann").join("#lobby")
            ann.send("WHOIS ann")
            host = ann.until("311").params[3]
            assert host.endswith(".cloak")
            seen.append((host, re.findall(r"SHA-?256\S* ?\S+", server.banner)))
            assert not {"cloak.key", "key.pem", "ssh_host_ed25519_key"} & set(
                os.listdir(server.directory)
            )
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 2
    assert all(each.split()[-1] in done.stdout for each in seen[0][1])


def test_another_cloak_key_than_before_is_refused_with_the_mend(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    with server:
        pass
    (tmp_path / "other.key").write_bytes(b"x" * 32)
    environment = {**server.settings, "HUBBUB_CLOAK_KEY_FILE": "other.key"}
    refused = hubbub(tmp_path, "serve", "--data", "data", environment=environment)
    assert refused.returncode == 2
    assert "other.key is another key than this server had; set cloak_key_file" in refused.stderr
    # The one that it had, at another place, is no other one.
    (server.directory / "cloak.key").rename(tmp_path / "other.key")
    server.settings["HUBBUB_CLOAK_KEY_FILE"] = "other.key"
    with server:
        pass
    # Its journal is missed although no cloak.key lies beside it.
    (server.directory / "journal.sqlite").unlink()
    assert hubbub(tmp_path, "serve", "--data", "data", environment=environment).returncode == 2


def test_everything_that_is_said_is_json_and_no_secret_is(tmp_path: Path) -> None:
    """Secrets from files, beside a Service of Kubernetes that is called as the program."""
    (tmp_path / "server").write_text(hash_password("open sesame") + "\n")
    (tmp_path / "mail").write_text("hunter2\n")
    (tmp_path / "mail").chmod(0o644)
    server = Server(
        tmp_path / "data",
        **{**SERVICES, **JSON, "HUBBUB_PASSWORD_FILE": "server", "HUBBUB_MAIL__USER": "hub"},
        HUBBUB_MAIL__HOST="mail.example.org",
        HUBBUB_MAIL__SENDER="a@example.org",
        HUBBUB_MAIL__PASSWORD_FILE="mail",
    )
    with server:
        with Client(server.ports["plain"]) as ann:
            ann.send("NICK ann", "USER ann 0 * :ann")
            ann.until("464")
        with Client(server.ports["plain"]) as ann:
            ann.send("PASS :open sesame")
            ann.register("ann")
        (tmp_path / "mail").unlink()
        server.signal(signal.SIGHUP)
        server.logged("settings not reread")
        again = hubbub(tmp_path, "serve", "--data", "data", environment=JSON)
        assert (again.returncode, again.stdout) == (75, "")
        assert "is in use by another server" in json.loads(again.stderr.splitlines()[-1])["error"]
        code = server.owner_code
        assert server.stop() == 0
    events = {line["event"]: line for line in lines_of(server)}
    assert events["ready"]["owner_code_file"] == f"{tmp_path}/data/owner-code"
    assert events["everybody on this machine may read a secret; chmod o= its file"]["file"] == str(
        tmp_path / "mail"
    )
    assert "mail cannot be read: No such file" in events["settings not reread"]["error"]
    said = server.banner + server.log.read_text()
    for secret in ("hunter2", "open sesame", "$argon2", code):
        assert secret not in said


def test_on_a_terminal_the_owner_sees_the_code(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    terminal: Any = pexpect.spawn(
        sys.executable,
        ["-m", "hubbub", "serve", "--data", str(server.directory)],
        env={"PATH": os.environ["PATH"], **server.settings},
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect(r"owner code ((\w{4}-){3}\w{4}): who registers")
    terminal.expect("ready")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    assert not (server.directory / "owner-code").exists()


def test_the_plain_names_move_the_doors_of_an_image(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # As ENV in an image, and `docker run -e PORT=...`.
    with Server(tmp_path / "data", PORT=str(port)) as server:
        assert server.ports["tls"] == port
        assert re.search(rf"PORT settled doors.tls .*tls=127.0.0.1:{port}", server.log.read_text())


def test_a_translated_address_is_none_of_the_machine(tmp_path: Path) -> None:
    elastic = {"IP_ADDRESS": "203.0.113.9", "HUBBUB_ACCESS": "open"}
    environment = {**Server(tmp_path / "data").settings, **elastic}
    done = hubbub(tmp_path, "serve", "--data", "data", environment=environment)
    assert done.returncode == 75
    assert "Use 0.0.0.0 (IP_ADDRESS, HUBBUB_DOORS__TLS" in done.stderr
    assert "an Elastic IP" in done.stderr
