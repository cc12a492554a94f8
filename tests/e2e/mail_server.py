"""A real mail server on the loopback that keeps what it is sent, for tests."""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from hubbub.server.self_signed import make_self_signed

PATIENCE = 20.0


@dataclass
class MailServer:
    """Take e-mails while it is entered, in a thread of its own.

    `replies` are what it answers to the next messages instead of taking them. With `tls` it takes
    nothing before STARTTLS; with `login` too, (user, password), nothing from who has not logged in.
    """

    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    replies: list[str] = field(default_factory=list)
    port: int = 0
    refused: threading.Event = field(default_factory=threading.Event)
    received: queue.Queue[EmailMessage] = field(default_factory=queue.Queue)
    _spoken: list[SMTP] = field(default_factory=list)

    def next(self) -> EmailMessage:
        """Return the next e-mail that comes."""
        return self.received.get(timeout=PATIENCE)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message, or answer what is due instead."""
        if self.replies:
            self.refused.set()
            return self.replies.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        message["X-Envelope"] = f"{envelope.mail_from} {' '.join(envelope.rcpt_tos)}"
        self.received.put(message)
        return "250 taken"

    def _log_in(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=False)

    def _speak(self) -> SMTP:
        spoken = SMTP(
            self,
            hostname="mail.test",
            authenticator=self._log_in if self.login else None,
            auth_required=self.login is not None,
            tls_context=self.tls,
            require_starttls=self.tls is not None,
            loop=asyncio.get_running_loop(),
        )
        self._spoken.append(spoken)
        return spoken

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._speak, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        # Who has just been accepted is met within some turns of the loop. Where the server is
        # closed before, asyncio closes nothing of it.
        for _ in range(10):
            await asyncio.sleep(0)
        server.close()
        for spoken in self._spoken:
            if isinstance(spoken.transport, asyncio.Transport):
                spoken.transport.abort()
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        assert ready.wait(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()


def certified(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a context for `tls`, and the file that clients have to trust (SSL_CERT_FILE)."""
    certificate = directory / "mail.pem"
    certificate.write_bytes(b"".join(make_self_signed(["127.0.0.1"], datetime.now(UTC))))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context, certificate
