"""The real `ssh` through the proxy: commands, pipes, terminals, passwords."""

from __future__ import annotations

import asyncio
import time

import asyncssh
import pexpect
import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.wire.conftest import SSHServer
from tests.wire.looking import Proxy


def address(server: Server) -> str:
    return f"ssh://127.0.0.1:{server.ports['ssh']}"


@ssh.NEEDED
def test_commands_and_pipes_go_through(hubbub: Server) -> None:
    with Proxy(address(hubbub)) as proxy:
        listed = ssh.run(proxy.port, "who", user="guest-one")
        posted = ssh.run(proxy.port, "post", "--create", "#seen", input="hello\n", user="guest-two")
        refused = ssh.run(proxy.port, "nonsense", user="guest-three")
        shown = proxy.end()
    assert "guest-one" in listed.stdout
    assert (listed.returncode, posted.returncode) == (0, 0)
    assert refused.returncode not in (0, 255)
    assert refused.stderr
    commands = {
        (thing["connection"], thing["details"]["command"])
        for thing in shown.named("CHANNEL_REQUEST", "sent")
        if "command" in thing["details"]
    }
    assert {("1 client", "who"), ("1 server", "who")} <= commands
    assert "hello" not in str(shown.things)


@ssh.NEEDED
def test_a_terminal_goes_through_and_what_is_typed_is_not_shown(hubbub: Server) -> None:
    with Proxy(address(hubbub)) as proxy:
        command = ssh.command(proxy.port, "-tt", user="guest-term")
        screen = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=20)
        screen.expect("lobby")
        screen.setwinsize(31, 97)
        screen.send("/nick hunter2\r")
        screen.expect("hunter2")
        screen.send("/quit\r")
        screen.expect(pexpect.EOF)
        screen.close()
        proxy.until("ended")
        shown = proxy.end()
    typed = [thing["details"]["text"] for thing in shown.named("CHANNEL_DATA", "sent")]
    assert set(typed) == {"(masked)"}
    sizes = [
        thing["connection"]
        for thing in shown.named("CHANNEL_REQUEST", "sent")
        if thing["details"].get("size") == "97 columns, 31 rows"
    ]
    assert sizes[-2:] == ["1 client", "1 server"]


def test_a_password_is_passed_on_and_masked(hubbub: Server) -> None:
    owner = Client(hubbub.ports["tls"], tls=True)
    owner.send("NICK pwned", "USER pwned 0 * :x", "REGISTER * * :correct horse battery")
    while owner.next().command != "REGISTER":
        pass
    owner.send("QUIT")
    owner.close()

    async def who(port: int, password: str) -> str:
        async with asyncssh.connect(
            *("127.0.0.1", port),
            config=None,
            known_hosts=None,
            username="pwned",
            password=password,
            client_keys=None,
            agent_path=None,
        ) as connection:
            return str((await connection.run("who")).stdout)

    with Proxy(address(hubbub)) as proxy:
        assert "pwned" in asyncio.run(who(proxy.port, "correct horse battery"))
        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(who(proxy.port, "wrong horse battery"))
        shown = proxy.end()
    assert "horse" not in str(shown.things)


@ssh.NEEDED
def test_who_the_server_does_not_let_in_is_not_let_in(sshd: SSHServer) -> None:
    with Proxy(f"ssh://127.0.0.1:{sshd.port}") as proxy:
        began = time.monotonic()
        done = ssh.run(proxy.port, "-oBatchMode=yes", "id", user=sshd.user)
        shown = proxy.end()
    assert done.returncode == 255
    assert "Permission denied" in done.stderr
    assert time.monotonic() - began < 20
    assert shown.named("USERAUTH_FAILURE", "received")


@ssh.NEEDED
def test_another_host_key_than_the_named_ends_it(sshd: SSHServer) -> None:
    fingerprint = "SHA256:" + "A" * 43
    with Proxy(f"ssh://127.0.0.1:{sshd.port}", "--fingerprint", fingerprint) as proxy:
        done = ssh.run(proxy.port, "-oBatchMode=yes", "id", user=sshd.user)
        shown = proxy.end()
    assert done.returncode == 255
    assert "no login to the server" in str(shown.things)
    assert not [
        thing
        for thing in shown.named("USERAUTH_REQUEST", "sent")
        if thing["connection"] == "1 server"
    ]
