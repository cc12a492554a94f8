"""One SSH client of the proxy and the server: two connections, whose sessions are joined.

What a client signs with its key is bound to the connection that it signs on, so a key cannot be
passed on: the client comes in with nothing or with a password, whichever the server takes.
"""

from __future__ import annotations

import asyncio

import asyncssh

from hubbub.wire.address import WireAddress
from hubbub.wire.ends.ssh import SSHTap
from hubbub.wire.ends.ssh_visit import NO_FILES, WatchedClient, reason_of
from hubbub.wire.ends.tcp import Tap, connect
from hubbub.wire.failures import CutOff, NotAdmitted, WireFailure
from hubbub.wire.proxying.trust import ServerTrust
from hubbub.wire.seen import Show, Way, note


class SSHRelay:
    """Pass on what an SSH client does in its sessions."""

    def __init__(self, address: WireAddress, trust: ServerTrust, key: asyncssh.SSHKey) -> None:
        """Prepare for one client, which is shown the proxy's host key."""
        self._address = address
        self._trust = trust
        self._key = key

    async def run(self, client: Tap, shows: tuple[Show, Show, Show], seconds: float) -> None:
        """Pass on until either side ends; `shows` are for the client's line, the server's, both.

        Raise WireFailure.
        """
        near = SSHTap(client, shows[0], Way.RECEIVED)
        far = ServerSide(self._address, self._trust, shows[1], seconds)
        await near.start()
        try:
            connection = await self._accept(near, far, seconds)
            await connection.wait_closed()
        except TimeoutError:
            raise NotAdmitted(f"the client was not logged in within {seconds:g} s") from None
        except Exception as error:
            why = f"the client's connection ended: {reason_of(error)}"
            raise near.failure or CutOff(why) from None
        finally:
            await far.close()
            await near.close()

    async def _accept(
        self, near: SSHTap, far: ServerSide, seconds: float
    ) -> asyncssh.SSHServerConnection:
        async with asyncio.timeout(seconds):
            return await asyncssh.run_server(
                near.socket,
                server_factory=lambda: ClientSide(near, far),
                server_host_keys=[self._key],
                process_factory=far.process,
                encoding=None,
                line_editor=False,
                allow_pty=True,
                agent_forwarding=False,
                login_timeout=seconds,
                config=None,
            )


class ServerSide:
    """Hold the connection to the server, once one can be made."""

    def __init__(
        self, address: WireAddress, trust: ServerTrust, show: Show, seconds: float
    ) -> None:
        """Wait for the client to say who it is."""
        self._address = address
        self._trust = trust
        self._show = show
        self._seconds = seconds
        self._tap: SSHTap | None = None
        self._connection: asyncssh.SSHClientConnection | None = None

    async def log_in(self, user: str, password: str | None) -> bool:
        """Connect, and log in with nothing or a password; say whether that was let in."""
        await self.close()
        try:
            tap = await connect(self._address, self._show, self._seconds)
            self._tap = SSHTap(tap, self._show)
            await self._tap.start()
            async with asyncio.timeout(self._seconds):
                self._connection = await self._connect(self._tap, user, password)
        except asyncssh.PermissionDenied:
            return False
        except TimeoutError:
            self._show(note("no login to the server: it took too long"))
            return False
        except WireFailure as failure:
            self._show(note(f"no login to the server: {failure}"))
            return False
        except Exception as error:
            self._show(note(f"no login to the server: {reason_of(error)}"))
            return False
        return True

    async def _connect(
        self, tap: SSHTap, user: str, password: str | None
    ) -> asyncssh.SSHClientConnection:
        return await asyncssh.run_client(
            tap.socket,
            host=self._address.host,
            port=self._address.port,
            client_factory=lambda: WatchedClient(tap, self._trust.accepts_key),
            username=user,
            password=password,
            known_hosts=([], [], []),
            client_keys=None,
            compression_algs=["none"],
            **NO_FILES,
        )

    async def process(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run what the client asks for on the server, and join the two."""
        if self._connection is None:
            process.exit(1)
            return
        try:
            far = await self._connection.create_process(
                process.command,
                subsystem=process.subsystem,
                env=dict(process.env),
                term_type=process.term_type,
                term_size=process.term_size,
                encoding=None,
                stdin=process.stdin,
                stdout=process.stdout,
                stderr=process.stderr,
            )
            result = await far.wait()
        except Exception as error:
            self._show(note(f"the session ended: {reason_of(error)}"))
            process.exit(1)
            return
        process.exit(result.exit_status if result.exit_status is not None else 1)

    async def close(self) -> None:
        """End the connection to the server."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._tap is not None:
            await self._tap.close()
            self._tap = None


class ClientSide(asyncssh.SSHServer):
    """Let a client in as the server lets it in."""

    def __init__(self, tap: SSHTap, far: ServerSide) -> None:
        """Ask the other side about each login."""
        self._tap = tap
        self._far = far

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Watch the packets of this connection."""
        self._tap.watch_inside(conn)

    async def begin_auth(self, username: str) -> bool:
        """Say whether the server wants anything of this user."""
        return not await self._far.log_in(username, None)

    def public_key_auth_supported(self) -> bool:
        """Say that keys are not taken: they cannot be passed on."""
        return False

    def password_auth_supported(self) -> bool:
        """Say that passwords are taken."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Try a password on the server."""
        return await self._far.log_in(username, password)
