"""One SSH connection: what asyncssh leaves to us."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import asyncssh
import pytest

from hubbub.transport.ssh import connection as connections
from hubbub.transport.ssh.bounds import BEFORE_HANDLED_BYTES, PIECE_BYTES, SSHBounds
from hubbub.transport.turns import SLICE_SECONDS, Turns
from tests.transport.ssh.door import (
    SECONDS,
    Clock,
    Door,
    enter_and_leave,
    entered,
    with_door,
)


def test_input_waits_in_bounds_while_a_login_is_decided(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        door.ready.clear()
        entering = asyncio.create_task(enter_and_leave(door))
        await door.asked.wait()
        (connection,) = door.server._connections
        # As if a packet were still being handled.
        connection._recv_handler = lambda: False
        for _ in range(8):
            connection.data_received(bytes(BEFORE_HANDLED_BYTES // 4))
        assert connection._held
        entering.cancel()

    with_door(tmp_path, test)


def test_a_connection_without_a_session_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WITHOUT_SESSION_SECONDS", 0.05)

    async def test(door: Door) -> None:
        async with entered(door) as connection:
            await connection.wait_closed()
        await door.gone.wait()

    with_door(tmp_path, test)


ED25519, ECDSA = "ssh-ed25519", "ecdsa-sha2-nistp256"


OURS, OTHER = "mlkem768x25519-sha256", "curve25519-sha256"


@pytest.mark.parametrize(
    ("kex", "host_keys", "right"),
    [
        ([OURS, OTHER], [ED25519, ECDSA], True),
        ([OTHER, OURS], [ED25519, ECDSA], False),
        ([OURS], [ECDSA, ED25519], False),
    ],
)
def test_a_wrong_guess_is_skipped_and_a_right_one_taken(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kex: list[str],
    host_keys: list[str],
    right: bool,
) -> None:
    guessed = asyncio.Event()

    class Guessing(asyncssh.SSHClientConnection):
        """Say that a first packet of the key exchange follows, and send it (RFC 4253 7)."""

        def _send_kexinit(self) -> None:
            if self._session_id:
                super()._send_kexinit()
            else:
                monkeypatch.setattr(self, "send_packet", self._send_guessing)
                super()._send_kexinit()

        def _send_guessing(self, pkttype: int, *args: bytes) -> None:
            monkeypatch.undo()
            guessed.set()
            (lists,) = args
            lists = lists[:-5] + b"\x01" + lists[-4:]
            self._client_kexinit = bytes([pkttype]) + lists
            self.send_packet(pkttype, lists)
            if not right:
                self.send_packet(30, bytes(4))

    async def test(door: Door) -> None:
        monkeypatch.setattr(asyncssh.connection, "SSHClientConnection", Guessing)
        async with entered(door, kex_algs=kex, server_host_key_algs=host_keys) as connection:
            done = await connection.run("help", stdin=asyncssh.DEVNULL)
            assert done.exit_status == 0
        assert guessed.is_set()

    with_door(tmp_path, test)


def test_window_changes_and_small_packets_are_taken_in_slices(tmp_path: Path) -> None:
    async def run() -> None:
        # A piece of some twenty packets takes as long as four make a slice.
        door = Door(tmp_path, SSHBounds(), Turns(clock=Clock(SLICE_SECONDS / 4)))
        try:
            async with asyncio.timeout(SECONDS), entered(door) as connection:
                process = await connection.create_process(term_type="xterm", encoding=None)
                await door.serving.wait()
                peer = door.peers[0]
                for _ in range(2000):
                    process.change_terminal_size(90, 30)
                process.stdin.write(b"x")
                most = 0
                while not peer.received_bytes:
                    before = peer.sizes
                    await asyncio.sleep(0)
                    most = max(most, peer.sizes - before)
                # In order, none lost, and never more in a turn of the loop than a slice takes.
                assert peer.sizes == 2000
                assert most <= 5 * PIECE_BYTES // 48
        finally:
            await door.close()

    asyncio.run(run())


def connect(door: Door, **options: object) -> Any:
    """Connect with a password alone."""
    return asyncssh.connect(
        "127.0.0.1", door.port, username="ann", known_hosts=None, config=None, client_keys=None,
        agent_path=None, preferred_auth="password", **options,
    )  # fmt: skip


def test_a_password_lets_in_and_a_wrong_one_says_why(tmp_path: Path) -> None:
    banners: list[str] = []

    class Reader(asyncssh.SSHClient):
        def auth_banner_received(self, msg: str, lang: str) -> None:
            banners.append(msg)

    async def test(door: Door) -> None:
        async with connect(door, password="right") as connection:
            assert (await connection.run("help", stdin=asyncssh.DEVNULL)).exit_status == 0
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(door, password="wrong", client_factory=Reader)
        assert banners == ["Wrong password\r\n"]
        assert [peer.request.identity for peer in door.peers] == ["ann"]

    with_door(tmp_path, test)


def test_too_many_attempts_end_the_connection(tmp_path: Path) -> None:
    class Guesser(asyncssh.SSHClient):
        guesses = 0

        def password_auth_requested(self) -> str:
            Guesser.guesses += 1
            return f"guess {Guesser.guesses}"

    async def test(door: Door) -> None:
        with pytest.raises(asyncssh.DisconnectError, match="Too many attempts"):
            await connect(door, client_factory=Guesser)
        assert door.given == ["guess 1", "guess 2", "guess 3"]

    with_door(tmp_path, test, SSHBounds(login_attempts=2))


def test_a_connection_has_so_many_sessions_and_again_when_one_has_ended(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            first = await connection.create_process()
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process()
            first.stdin.write_eof()
            await first.wait_closed()
            await connection.create_process()

    with_door(tmp_path, test, SSHBounds(sessions_per_connection=1))


def test_no_port_is_forwarded(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", door.port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", door.port)

    with_door(tmp_path, test)


def test_a_fault_of_ours_ends_the_one_connection(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with entered(door) as one:
            (ours,) = door.server._connections
            async with entered(door) as other:
                ours.failed(ZeroDivisionError())
                await one.wait_closed()
                assert (await other.run("help", stdin=asyncssh.DEVNULL)).exit_status == 0
        assert [type(each["exception"]) for each in told] == [ZeroDivisionError]

    with_door(tmp_path, test)


class Answering(asyncssh.SSHClient):
    """Answer what is asked, and keep what it was."""

    asked: ClassVar[list[str]] = []

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        self.asked.append(instructions)
        return ["123456" for _ in prompts]


def with_key(door: Door, key: asyncssh.SSHKey, **options: Any) -> Any:
    """Connect with a key, and after that by answering."""
    return asyncssh.connect(
        "127.0.0.1", door.port, username="ann", client_keys=[key], known_hosts=None, config=None,
        agent_path=None, client_factory=Answering,
        preferred_auth="publickey,keyboard-interactive", **options,
    )  # fmt: skip


def test_a_key_that_was_proved_is_whose_it_is(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        door.known.add(key.get_fingerprint())
        async with with_key(door, key) as connection:
            await connection.run("help", stdin=asyncssh.DEVNULL)
        assert door.peers[0].request.identity == f"ann by {key.get_fingerprint()}"
        # Another's key is refused before it is proved, and then one is asked.
        async with with_key(door, asyncssh.generate_private_key("ssh-ed25519")) as connection:
            await connection.run("help", stdin=asyncssh.DEVNULL)
        assert door.peers[1].request.identity == "ann"

    with_door(tmp_path, test)


def test_a_signature_that_is_outdated_proves_nothing(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        door.known.add(key.get_fingerprint())
        async with with_key(door, key, signature_algs=["ssh-rsa"]) as connection:
            await connection.run("help", stdin=asyncssh.DEVNULL)
        assert door.peers[0].request.identity == "ann"

    with_door(tmp_path, test)


def test_what_is_right_and_not_enough_is_followed_by_a_question(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        door.wants_code = True
        key = asyncssh.generate_private_key("ssh-ed25519")
        door.known.add(key.get_fingerprint())
        Answering.asked.clear()
        async with with_key(door, key) as connection:
            await connection.run("help", stdin=asyncssh.DEVNULL)
        assert Answering.asked == ["One more thing"]
        # By a password the question can only be told of.
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(door, password="right")

    with_door(tmp_path, test)
