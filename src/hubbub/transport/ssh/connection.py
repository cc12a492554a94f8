"""One SSH connection: who is at its end, its sessions, and bounds that asyncssh leaves to us.

asyncssh counts neither failed attempts nor sessions, keeps what arrives while it waits for an
answer of ours, and ignores the transport's word that too much waits to be written. The methods
overridden here, private ones among them, are where it can be told; the tests hold them in place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import asyncssh
from asyncssh.constants import (
    DISC_BY_APPLICATION,
    DISC_NO_MORE_AUTH_METHODS_AVAILABLE,
    MSG_IGNORE,
    MSG_KEXINIT,
    MSG_SERVICE_REQUEST,
)
from asyncssh.packet import PacketDecodeError, SSHPacket, SSHPacketLogger
from asyncssh.public_key import decode_ssh_public_key

from hubbub.transport.ssh.algorithms import CLIENT_KEYS, GCM
from hubbub.transport.ssh.bounds import (
    BEFORE_HANDLED_BYTES,
    INPUT_BYTES,
    PIECE_BYTES,
    WITHOUT_SESSION_SECONDS,
    SSHBounds,
)
from hubbub.transport.ssh.channel import Serve, ServerChannel, SSHChannel
from hubbub.transport.ssh.login import Admitted, InfoRequest, Key, Login, Partly, Verdict
from hubbub.transport.ssh.signatures import is_ordinary
from hubbub.transport.turns import Share, Turns

_PACKET_BYTES: Final = 32 * 1024
_SIGNATURES: Final = frozenset(name.encode() for name in CLIENT_KEYS)
_GCM: Final = [name.encode() for name in GCM]

_COOKIE_BYTES: Final = 16
_NAME_LISTS: Final = 10
_USERAUTH: Final = b"ssh-userauth"

Challenge = bool | tuple[str, str, str, Sequence[tuple[str, bool]]]
"""What asyncssh wants of keyboard-interactive: let in, turn away, or the next question."""


class SSHConnection(asyncssh.SSHServerConnection):
    """Hold one connection from its first byte to its end.

    `authenticated` is called when somebody was let in, from when on `is_in` is set; `ended` once at
    the end.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: asyncssh.SSHServerConnectionOptions,
        bounds: SSHBounds,
        login: Login,
        serve: Serve,
        authenticated: Callable[[], None],
        ended: Callable[[SSHConnection], None],
        turns: Turns,
    ) -> None:
        super().__init__(loop, options)
        self._protocol_factory = lambda: _Gatekeeper(self)
        self.bounds = bounds
        self.login = login
        self._serve = serve
        self._authenticated = authenticated
        self._ended = ended
        self._sessions: set[SSHChannel] = set()
        self._attempts = 0
        self._held = False
        self.share = Share()
        self._turns = turns
        self._arrived = bytearray()
        self._partly = False
        self.is_in = False
        self._candidate: object = None
        self._identity: object = None
        self._timer = loop.call_later(bounds.handshake_seconds, self._handshake_overdue)

    # Who it is

    def settle(self, verdict: Verdict) -> Challenge:
        """Carry out what the login decided."""
        if isinstance(verdict, InfoRequest):
            return "", verdict.text, "", verdict.prompts
        if isinstance(verdict, Admitted):
            self._candidate = verdict.identity
            return True
        if isinstance(verdict, Partly):
            self._partly = True
        elif verdict.text:
            self.send_auth_banner(f"{verdict.text}\r\n")
        return False

    async def _finish_userauth(self, begin_auth: bool, method: bytes, packet: SSHPacket) -> None:
        # What an earlier attempt came to means nothing for this one.
        self._candidate = None
        self._partly = False
        if begin_auth:
            self.login.begin(self._username)
        # asyncssh never takes this method (RFC 4252 5.2).
        if method == b"none" and self.settle(self.login.unproven()) is True:
            await self.send_userauth_success()
        else:
            await super()._finish_userauth(False, method, packet)

    async def validate_public_key(
        self, username: str, key_data: bytes, msg: bytes, signature: bytes
    ) -> bool:
        """Say whether a key would do, or, with a signature, whether its holder comes in."""
        if not is_ordinary(key_data) or (signature and not _is_modern(signature)):
            return False
        valid = await super().validate_public_key(username, key_data, msg, signature)
        if not (valid and signature):
            return valid
        verdict = await self.login.proven(_key(decode_ssh_public_key(key_data)))
        return self.settle(verdict) is True

    async def validate_password(self, username: str, password: str) -> bool:
        """Say whether a password alone lets somebody in (RFC 4252 8)."""
        verdict = await self.login.password(password)
        if isinstance(verdict, InfoRequest):
            # It cannot be asked here: the next password answers it, or keyboard-interactive does.
            self.send_auth_banner(f"Right, and next: {verdict.prompts[0][0].rstrip(': ')}\r\n")
            verdict = Partly()
        return self.settle(verdict) is True

    def send_userauth_failure(self, partial_success: bool) -> None:
        """Turn an attempt away, and the connection after too many; or say that it was right."""
        if self._partly:
            self._partly = False
            super().send_userauth_failure(True)
            return
        self._attempts += 1
        # The first is a question for the methods that there are.
        if self._attempts > self.bounds.login_attempts + 1:
            raise asyncssh.DisconnectError(
                DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many attempts to log in"
            )
        super().send_userauth_failure(partial_success)

    def completed(self) -> None:
        """Bind the identity: authentication has succeeded."""
        self._identity = self._candidate
        # Each exchange of keys brings new ones; a thousand idle connections need them no more.
        self._client_kexinit = self._server_kexinit = b""
        self._timer.cancel()
        self.is_in = True
        self._authenticated()
        self._await_session()

    async def reload_config(self) -> None:
        """Do nothing: there is no configuration that depends on the user name."""

    def _send_kexinit(self) -> None:
        if self._client_version.startswith(b"SSH-2.0-OpenSSH"):
            self._enc_algs = _GCM
        super()._send_kexinit()

    async def _take_kexinit(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        """Begin to exchange keys, and know which guesses are wrong (RFC 4253 7).

        The guess of a client is wrong where its first algorithm differs from ours, of key exchange
        or of host keys; asyncssh takes it for right if its first is one of ours. Then the client
        has said, and skips, what asyncssh goes on with.
        """
        own = SSHPacket(packet.get_full_payload())
        own.get_bytes(1 + _COOKIE_BYTES)
        lists = [own.get_namelist() for _ in range(_NAME_LISTS)]
        guesses = own.get_boolean()
        await super()._process_kexinit(pkttype, pktid, packet)
        firsts = [names[0] if names else b"" for names in lists[:2]]
        ours = [self._kex_algs[0], (self._server_host_key_algs or [b""])[0]]
        self._ignore_first_kex = guesses and firsts != ours

    def _take_service_request(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        """Accept the request for authentication again, as paramiko makes it for each attempt.

        It changes nothing (RFC 4253 10): what was tried before still counts.
        """
        if self._auth_in_progress:
            self._next_service = _USERAUTH
        super()._process_service_request(pkttype, pktid, packet)

    _packet_handlers = {  # noqa: RUF012 - declared so there
        **asyncssh.SSHServerConnection._packet_handlers,
        MSG_KEXINIT: _take_kexinit,
        MSG_SERVICE_REQUEST: _take_service_request,
    }

    # Its sessions

    def new_session(self) -> tuple[ServerChannel, SSHChannel] | bool:
        """Return a new session, or False where there are enough."""
        if len(self._sessions) >= self.bounds.sessions_per_connection:
            return False
        self._update_recv_pktlen(_PACKET_BYTES)
        channel = ServerChannel(
            self, self._loop, True, False, False, 0, 0, None, "strict", INPUT_BYTES, _PACKET_BYTES
        )
        session = SSHChannel(self, self._identity, self._serve, self._session_ended)
        self._sessions.add(session)
        return channel, session

    def served(self) -> None:
        """Learn that a session is served: the connection is of use."""
        self._timer.cancel()

    def _session_ended(self, session: SSHChannel) -> None:
        self._sessions.discard(session)
        self._await_session()

    def _await_session(self) -> None:
        if self._transport and not any(session.is_served for session in self._sessions):
            self._timer.cancel()
            self._timer = self._loop.call_later(WITHOUT_SESSION_SECONDS, self._idle)

    def _idle(self) -> None:
        self.disconnect(DISC_BY_APPLICATION, "There is no session")

    def _handshake_overdue(self) -> None:
        if not self._send_encryption:
            self.abort()

    # What waits

    @property
    def bound(self) -> int:
        """Return how many bytes may wait for a session."""
        return self.bounds.unsent_bytes

    @property
    def waiting(self) -> int:
        """Return how many bytes wait in the transport, or for the end of a key exchange."""
        waiting = self._transport.get_write_buffer_size() if self._transport else 0
        for _, parts in self._deferred_packets:
            waiting += sum(map(len, parts))
        return waiting

    def send_packet(
        self, pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None
    ) -> None:
        """Send a packet, without another before it that says nothing.

        That one hides initialisation vectors of CBC ciphers, of which none is spoken here.
        """
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def log_sent_packet(
        self, pkttype: int, pktid: int | None, packet: bytes | SSHPacket, note: str = ""
    ) -> None:
        """Log no packets: asking whether to, for each, takes as long as to encrypt it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        if isinstance(transport, asyncio.WriteTransport) or hasattr(
            transport, "set_write_buffer_limits"
        ):
            transport.set_write_buffer_limits(self.bound // 2, self.bound // 8)

    def resume_writing(self) -> None:
        """Learn that the socket has taken much of what waited."""
        for session in list(self._sessions):
            session.drained()

    def _send_deferred_packets(self) -> None:
        super()._send_deferred_packets()
        self._loop.call_soon(self.resume_writing)

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        """Take what arrived when it is its turn: packets of a few bytes may ask for much."""
        self._arrived += data
        self._turns.add(self)
        self._pace()

    def step(self) -> bool:
        """Let asyncssh take a piece of what arrived; say whether there is more."""
        if not self._transport:
            self._arrived.clear()
        if self._arrived:
            piece = bytes(self._arrived[:PIECE_BYTES])
            del self._arrived[:PIECE_BYTES]
            if not self._arrived:
                # A thousand idle connections need no room for what came once.
                self._arrived = bytearray()
            super().data_received(piece)
            self._pace()
        return bool(self._arrived)

    def failed(self, error: Exception) -> None:
        """Drop the connection for a fault of ours."""
        context = {"message": "an SSH connection failed", "exception": error}
        self._loop.call_exception_handler(context)
        self.abort()

    def _pace(self) -> None:
        """Read no more while something waits for its turn, or much for an answer of ours."""
        if not self._transport:
            return
        held = bool(self._arrived) or len(self._inpbuf) > BEFORE_HANDLED_BYTES
        if held != self._held:
            self._held = held
            if held:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _finish_recv_packet(
        self,
        pkttype: int,
        seq: int,
        _task: asyncio.Task[None] | None = None,
        is_async: bool = False,
    ) -> None:
        super()._finish_recv_packet(pkttype, seq, _task, is_async)
        self._pace()

    def finished(self) -> None:
        """Learn that the connection has ended."""
        self._timer.cancel()
        self._ended(self)


class _Gatekeeper(asyncssh.SSHServer):
    """Answer asyncssh's questions for a connection; what is not overridden is refused."""

    def __init__(self, connection: SSHConnection) -> None:
        self._connection = connection

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.finished()

    def auth_completed(self) -> None:
        self._connection.completed()

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        refusal = self._connection.login.refusal(_key(key))
        return refusal is None or self._connection.settle(refusal) is True

    def password_auth_supported(self) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    async def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Challenge:
        return self._connection.settle(await self._connection.login.ask())

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> Challenge:
        return self._connection.settle(await self._connection.login.answered(tuple(responses)))

    def session_requested(self) -> tuple[ServerChannel, SSHChannel] | bool:
        return self._connection.new_session()


def _key(key: asyncssh.SSHKey) -> Key:
    return Key(key.get_fingerprint(), key.export_public_key().decode().strip())


def _is_modern(signature: bytes) -> bool:
    """Say whether a signature is of a kind that we ask for: an RSA key could still use SHA-1."""
    try:
        return SSHPacket(signature).get_string() in _SIGNATURES
    except PacketDecodeError:
        return False
