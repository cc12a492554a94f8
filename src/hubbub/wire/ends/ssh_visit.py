"""A short visit to an SSH server: agree on keys, log in, run a command, leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import asyncssh

from hubbub.irc.text import visible
from hubbub.wire.address import WireAddress
from hubbub.wire.ends.ssh import MOST_BYTES, SSHTap
from hubbub.wire.ends.tcp import Tap
from hubbub.wire.failures import (
    AnotherProtocol,
    CutOff,
    FellSilent,
    NoIdentity,
    NotAdmitted,
    WireFailure,
)
from hubbub.wire.seen import Show

NO_FILES: dict[str, Any] = {"config": None, "agent_path": None}
"""What asyncssh is not to read by itself: settings, and keys of an agent."""


class SSHVisit:
    """Do what `ssh` does, with keys or nothing to log in with: a password is never sent."""

    def __init__(
        self, address: WireAddress, identity: str, command: str | None, compress: bool
    ) -> None:
        """Prepare to run a command, or None for a shell; `identity` is a key's file, or "".

        Raise NoIdentity.
        """
        self._address = address
        self._key = read_identity(identity) if identity else None
        self._command = command
        # Not without being asked to: asyncssh unpacks whatever a server has packed.
        self._compression = ["zlib@openssh.com", "none"] if compress else ["none"]

    async def run(
        self, tap: Tap, show: Show, seconds: float, lines: AsyncIterator[str] | None
    ) -> None:
        """Come, give the command what is typed, show its output, and go.

        Raise AnotherProtocol, NotAdmitted, CutOff, FellSilent, or TooMuch.
        """
        ssh = SSHTap(tap, show, most=MOST_BYTES)
        await ssh.start()
        try:
            connection = await self._connect(ssh, seconds)
            try:
                await self._session(ssh, connection, seconds, lines)
            except TimeoutError:
                raise FellSilent(f"the command did not end within {seconds:g} s") from None
            except WireFailure:
                raise
            except Exception as error:
                raise ssh.failure or CutOff(f"the connection ended: {reason_of(error)}") from None
            finally:
                connection.close()
            if ssh.failure is not None:
                raise ssh.failure
        finally:
            await ssh.close()

    async def _connect(self, ssh: SSHTap, seconds: float) -> asyncssh.SSHClientConnection:
        try:
            async with asyncio.timeout(seconds):
                return await asyncssh.run_client(
                    ssh.socket,
                    host=self._address.host,
                    port=self._address.port,
                    client_factory=lambda: WatchedClient(ssh),
                    username=self._address.user or "guest-wire",
                    known_hosts=None,
                    compression_algs=self._compression,
                    client_keys=[self._key] if self._key is not None else None,
                    **NO_FILES,
                )
        except TimeoutError:
            raise FellSilent(
                f"no key exchange and login within {seconds:g} s; {ssh.answered}"
            ) from None
        except asyncssh.PermissionDenied as error:
            raise NotAdmitted(_turned_away(error, self._key is not None)) from None
        except Exception as error:
            raise ssh.failure or _no_login(error, ssh.answered) from None

    async def _session(
        self,
        ssh: SSHTap,
        connection: asyncssh.SSHClientConnection,
        seconds: float,
        lines: AsyncIterator[str] | None,
    ) -> None:
        async with asyncio.timeout(seconds) as limit:
            process = await connection.create_process(self._command, encoding=None)
            typing = asyncio.create_task(_type(process.stdin, lines, limit, seconds))
            try:
                await process.communicate()
            finally:
                typing.cancel()
                await asyncio.gather(typing, return_exceptions=True)
        if ssh.ended and process.exit_status is None and process.exit_signal is None:
            raise CutOff("the other side ended the connection, and did not say how the command did")


async def _type(
    stdin: asyncssh.SSHWriter[bytes],
    lines: AsyncIterator[str] | None,
    limit: asyncio.Timeout,
    seconds: float,
) -> None:
    """Give a command its input, for which a person takes as long as a person takes."""
    # Whether the command takes it is no matter: what it says is shown.
    with suppress(ConnectionError):
        if lines is not None:
            limit.reschedule(None)
            async for line in lines:
                stdin.write(f"{line}\n".encode())
                await stdin.drain()
            limit.reschedule(asyncio.get_running_loop().time() + seconds)
        stdin.write_eof()


class WatchedClient(asyncssh.SSHClient):
    """Have a connection shown; `accepts` says whether a host key is the right one."""

    def __init__(
        self, tap: SSHTap, accepts: Callable[[asyncssh.SSHKey], bool] = lambda key: True
    ) -> None:
        """Watch the connection that is to be made."""
        self._tap = tap
        self._accepts = accepts

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Watch its packets from the first on."""
        self._tap.watch_inside(conn)

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Say whether it is the server's; asked where known hosts are looked at and it is none."""
        return self._accepts(key)


def read_identity(path: str) -> asyncssh.SSHKey:
    """Read a private key. Raise NoIdentity."""
    try:
        return asyncssh.read_private_key(path)
    except OSError as error:
        raise NoIdentity(f"{visible(path)}: {error.strerror}") from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise NoIdentity(f"{visible(path)} is no private key without passphrase: {error}") from None


def _turned_away(error: asyncssh.PermissionDenied, with_key: bool) -> str:
    hint = "" if with_key else "; a key is shown with --identity FILE, a password never"
    return f"the server does not let us in: {error.reason}{hint}"


def _no_login(error: Exception, answered: str) -> WireFailure:
    if isinstance(error, asyncssh.ConnectionLost | ConnectionError):
        ended = "the other side ended the connection in the midst of the handshake"
        return CutOff(f"{ended}; {answered}")
    return AnotherProtocol(f"no SSH handshake: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """Return why asyncssh gave up.

    What a peer sends may raise anything in there, besides its own errors: a version line that is
    not ASCII does.
    """
    if isinstance(error, asyncssh.Error | OSError):
        return getattr(error, "reason", "") or str(error)
    return f"what came cannot be understood ({error})"
