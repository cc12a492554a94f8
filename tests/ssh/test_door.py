"""The SSH door: who has come in is served a screen or a command, each in a session of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from hubbub.client.network.in_process import Inside, NodeEnd
from hubbub.ssh import door as doors
from hubbub.ssh.door import SSHDoor
from hubbub.transport.ssh.bounds import SSHBounds
from hubbub.transport.ssh.login import CodeWanted, Proven
from tests.ssh.harness import IN, Mute, turns
from tests.transport.ssh.door import Client

SECONDS = 20
ANSWERS = IN | {
    "WHO": ("352 n * bob h s bob H :0 Bob", "315 n * :End"),
    "CHATHISTORY": ("BATCH +h chathistory #lobby", "BATCH -h"),
    "QUIT": ("ERROR :Closing link: h (bye)",),
}
SCOPED = Proven("ci", "token", "1", "post:#ci")


class Accounts:
    """Know the accounts ann, by a password, and ci, by a token for one purpose."""

    access = "open"
    wants_password = False

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    async def is_server_password(self, address: object, password: str) -> bool:
        return False

    def is_account(self, name: str) -> bool:
        return name in ("ann", "ci")

    def holder(self, fingerprint: str) -> Proven | None:
        account = self.keys.get(fingerprint)
        return None if account is None else Proven(account, "ssh", fingerprint)

    def is_claimed(self, fingerprint: str) -> bool:
        return False

    def is_invited(self, code: str) -> bool:
        return False

    async def log_in(self, address: object, name: str, password: str) -> Proven | CodeWanted | str:
        return SCOPED if name == "ci" else Proven("ann", "password", "")

    async def register(
        self, address: object, name: str, fingerprint: str, code: str
    ) -> Proven | str:
        return "No"


class Node:
    """Be the node behind the door; it notes who begins a session."""

    def __init__(self, directory: Path) -> None:
        self.sessions: list[tuple[bool, Proven | None]] = []
        self.ends: list[Mute] = []
        self.came = asyncio.Event()
        self.accounts = Accounts()
        self.door = SSHDoor(self, self.accounts, [], directory, SSHBounds(), False, 0.05, 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept())

    def enter(
        self, link: Inside, address: object, screen: bool, proven: Proven | None, key: str
    ) -> NodeEnd:
        self.sessions.append((screen, proven))
        end = Mute(ANSWERS)
        end.inside = link
        self.ends.append(end)
        self.came.set()
        return end

    def held(self, what: str, seconds: float) -> None:
        """Nothing here is measured."""

    @property
    def ssh_gate(self) -> Node:
        return self

    def released(self, address: object) -> None:
        """Nobody is counted."""

    entered = left = released

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self.door.accept(*await loop.sock_accept(self._listening))

    async def close(self) -> None:
        self._accepting.cancel()
        self._listening.close()
        self.door.close()
        await asyncio.sleep(0)


def at_a_door(test: Callable[[Node], Awaitable[None]], directory: Path) -> None:
    async def run() -> None:
        node = Node(directory)
        try:
            async with asyncio.timeout(SECONDS):
                await test(node)
        finally:
            await node.close()

    asyncio.run(run())


@asynccontextmanager
async def connected(
    node: Node, user: str = "guest", key: asyncssh.SSHKey | None = None, **options: Any
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with asyncssh.connect(
        "127.0.0.1", node.port, username=user, client_factory=Client, known_hosts=None, config=None,
        client_keys=[key] if key else None, agent_path=None, **options,
    ) as connection:  # fmt: skip
        yield connection


async def run(node: Node, command: str, **options: Any) -> tuple[int | None, str, str]:
    """Run a command to its end; return its code and what it wrote."""
    terminal = {"term_type": options.pop("term_type", None)}
    async with connected(node, **options) as connection:
        done = await connection.run(command, stdin=asyncssh.DEVNULL, **terminal)
    return done.exit_status, str(done.stdout), str(done.stderr)


PASSWORD = {"password": "right", "preferred_auth": "password"}


def test_a_guest_on_a_terminal_is_greeted_and_taken_to_the_lobby(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        async with connected(node) as connection:
            chat = await connection.create_process(term_type="xterm", term_size=(80, 24))
            await chat.stdout.readuntil("/help lists the commands")
            node.ends[0].say(":ann!a@h JOIN #lobby", ":bob!b@h PRIVMSG #lobby :welcome")
            await chat.stdout.readuntil("welcome")
            chat.stdin.write("hello\r")
            await chat.stdout.readuntil("hello")
        assert node.sessions == [(True, None)]
        assert any(each.params == ("#lobby",) for each in node.ends[0].heard)

    at_a_door(test, tmp_path)


def test_a_terminal_without_colours_gets_none(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        async with connected(node) as connection:
            chat = await connection.create_process(
                term_type="xterm", env={"NO_COLOR": "1"}, encoding=None
            )
            shown = await chat.stdout.readuntil(b"leaves")
            assert b"\x1b[90m" not in shown

    at_a_door(test, tmp_path)


def test_who_has_proved_an_account_is_that_account(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        code, out, _ = await run(node, "who", user="ann", **PASSWORD)
        assert (code, out) == (0, "bob\tbob@h\there\tBob\n")
        assert node.sessions == [(False, Proven("ann", "password", ""))]
        assert any(each.params == ("ann",) for each in node.ends[0].heard)

    at_a_door(test, tmp_path)


def test_who_is_another_than_was_asked_for_is_told_on_standard_error(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        node.accounts.keys[key.get_fingerprint()] = "ann"
        code, out, error = await run(node, "who", user="root", key=key)
        assert (code, error) == (0, "hubbub: your key is ann's, so you are ann here\n")
        assert out.startswith("bob")

    at_a_door(test, tmp_path)


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("help", 0, "say what comes in on standard input"),
        ("frob", 2, "there is no command frob"),
        ("post", 2, "usage: post"),
        ("post '", 2, "No closing quotation"),
        ("'\x1b[2J'", 2, "␛[2J"),
    ],
)
def test_what_can_be_done_is_told_without_a_session(
    tmp_path: Path, command: str, code: int, words: str
) -> None:
    async def test(node: Node) -> None:
        ended, out, error = await run(node, command)
        assert ended == code
        assert words in (error if code else out)
        assert "\x1b" not in out + error
        assert node.sessions == []

    at_a_door(test, tmp_path)


@pytest.mark.parametrize("command", ["", "tail '#ci'", "who"])
@pytest.mark.parametrize("term", [None, "xterm"])
def test_what_is_for_one_purpose_opens_nothing_else(
    tmp_path: Path, command: str, term: str | None
) -> None:
    async def test(node: Node) -> None:
        code, out, error = await run(node, command, user="ci", term_type=term, **PASSWORD)
        assert code == 5
        assert "is for post:#ci only" in out + error
        assert node.sessions == []

    at_a_door(test, tmp_path)


def test_a_command_on_a_terminal_writes_lines_as_a_terminal_wants_them(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        code, out, _ = await run(node, "who", term_type="xterm")
        assert (code, out) == (0, "bob\tbob@h\there\tBob\r\n")

    at_a_door(test, tmp_path)


def test_of_terminals_that_take_nothing_only_so_many_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "TICK", 0.01)

    async def test(node: Node) -> None:
        async with connected(node) as connection:
            await connection.create_process(term_type="xterm", window=8192)
            await node.came.wait()
            transport = connection._transport
            assert transport is not None
            transport.pause_reading()
            (end,) = node.ends
            end.say(":ann!a@h JOIN #lobby")
            # As the node does, which sends no more than is taken.
            while end.inside.send(b":bob!b@h PRIVMSG #lobby :%s\r\n" % (b"x" * 400)):
                await turns()
            while not end.left:
                await turns()

    at_a_door(test, tmp_path)


def test_a_door_that_closes_ends_all_sessions(tmp_path: Path) -> None:
    async def test(node: Node) -> None:
        async with connected(node) as connection:
            await connection.create_process(term_type="xterm")
            await node.came.wait()
            node.door.close()
            await connection.wait_closed()
            assert node.ends[0].left
        assert len(node.door.fingerprints) == 1

    at_a_door(test, tmp_path)
