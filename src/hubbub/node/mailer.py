"""Sending the e-mails that the rules ask for, by SMTP; the one file that knows it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import structlog

from hubbub.core.requests import SendMail

if TYPE_CHECKING:
    from email.message import EmailMessage

QUEUE: Final = 1000
"""E-mails under way at most; one more is dropped and logged, and who waits for it asks again."""
AT_ONCE: Final = 4
"""Connections to the mail server at once; the other e-mails wait."""
TIMEOUT_SECONDS: Final = 30.0
RETRY_SECONDS: Final = (10.0, 60.0, 300.0)
"""How long to wait before each further attempt; after the last one the e-mail is dropped."""
STOP_SECONDS: Final = 2.0
"""How long a stop waits for attempts to give up."""
HOUR_SECONDS: Final = 3600.0
ADDRESSES: Final = 10_000
"""Addresses written to in the last hour, at most; e-mails to further ones are dropped."""
_PERMANENT: Final = 500
"""The first reply code that says that trying again is of no use (RFC 5321 4.2.1)."""
_NO_ROUTE: Final = "no way to send e-mail is set ([mail])"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """Hold how e-mails leave: by which server, from whom, and how many to one address an hour.

    `name` is what this machine calls itself to that server. Nobody logs in where `user` is "".
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    per_hour: int = 5


@dataclass(frozen=True, slots=True)
class _Failure:
    """Say why an attempt failed, whether that is so for good, and whether for any e-mail."""

    sentence: str
    permanent: bool = False
    of_server: bool = True


def _nobody(address: str) -> None:
    """Tell nobody."""


class Mailer:
    """Send e-mails in the background; `route` may be replaced at any time, None sends none.

    `told` is called with the digest of an address that was written to, for other nodes to count.
    `failure` says in a sentence with which mail server and why the last attempt failed, "" where it
    did not. What one address is refused for says nothing of the server, and is not kept.
    """

    def __init__(self, route: Route | None, retries: Sequence[float] = RETRY_SECONDS) -> None:
        """Begin with nothing to send; each wait of `retries` (seconds) allows one more attempt."""
        self.route = route
        self.failure = ""
        self._retries = tuple(retries)
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)
        # By digest: other nodes are told to whom, and need not know it.
        self._sent: dict[str, deque[float]] = {}
        self.told: Callable[[str], None] = _nobody

    @property
    def waiting(self) -> int:
        """Return how many e-mails are under way."""
        return len(self._tasks)

    def send(self, mail: SendMail) -> None:
        """Send an e-mail as soon as can be; what cannot be sent is dropped, and logged."""
        route = self.route
        why = _NO_ROUTE if route is None else self._refusal(route, mail)
        if route is None or why:
            _log.error("e-mail dropped", subject=mail.subject, why=why)
            _tell(mail, why)
            return
        try:
            message = _message(route, mail)
        except ValueError:
            # A line break in a header: whoever put it there wanted another header.
            why = "it cannot be written as a message"
            _log.error("e-mail dropped", why=why)
            _tell(mail, why)
            return
        task = asyncio.get_running_loop().create_task(self._deliver(message, mail))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refusal(self, route: Route, mail: SendMail) -> str:
        """Say why an e-mail may not be sent, or count it and return ""."""
        if len(self._tasks) >= QUEUE:
            return f"{QUEUE} others are under way"
        address = hashlib.sha256(mail.to.lower().encode()).hexdigest()
        times = self._times(address)
        if times is None:
            return f"{ADDRESSES} addresses were written to in an hour"
        if len(times) >= route.per_hour:
            return "too many to this address in an hour (mail.per_hour)"
        times.append(asyncio.get_running_loop().time())
        self.told(address)
        return ""

    def written_elsewhere(self, address: str) -> None:
        """Count an e-mail of another node, to an address of this digest."""
        times = self._times(address)
        if times is not None:
            times.append(asyncio.get_running_loop().time())

    def _times(self, address: str) -> deque[float] | None:
        """Return when an address was written to in the last hour; None where it is one too many."""
        now = asyncio.get_running_loop().time()
        times = self._sent.get(address)
        if times is None:
            self._forget(now)
            if len(self._sent) >= ADDRESSES:
                return None
            times = self._sent[address] = deque()
        while times and times[0] <= now - HOUR_SECONDS:
            times.popleft()
        return times

    def _forget(self, now: float) -> None:
        """Forget who was last written to an hour ago, once there are many."""
        if len(self._sent) >= ADDRESSES:
            old = now - HOUR_SECONDS
            self._sent = {
                to: times for to, times in self._sent.items() if times and times[-1] > old
            }

    async def _deliver(self, message: EmailMessage, mail: SendMail) -> None:
        """Try to send a message until it is sent, or trying is of no more use."""
        for attempt, wait in enumerate((*self._retries, None), start=1):
            async with self._turns:
                failure = await self._attempt(message, mail.to)
            if attempt == 1:
                _tell(mail, failure.sentence if failure is not None else "")
            if failure is None:
                self.failure = ""
                _log.info("e-mail sent", domain=_domain(mail.to), attempts=attempt)
                return
            why, permanent = failure.sentence, failure.permanent
            if failure.of_server:
                self.failure = why
            if permanent or wait is None or self._stopping or mail.tried is not None:
                break
            _log.warning("e-mail not sent yet", why=why, again_in_seconds=wait)
            await asyncio.sleep(wait)
        _log.error("e-mail dropped", domain=_domain(mail.to), why=why, attempts=attempt)

    async def _attempt(self, message: EmailMessage, to: str) -> _Failure | None:
        """Send a message; return None, or why not.

        What the mail server said is not passed on: it may repeat the address.
        """
        # Where nobody turned e-mail on, its library is not loaded.
        import aiosmtplib

        route = self.route
        if route is None:
            return _Failure(_NO_ROUTE, permanent=True)
        try:
            await aiosmtplib.send(
                message,
                sender=route.sender,
                recipients=[to],
                hostname=route.host,
                port=route.port,
                username=route.user or None,
                password=route.password or None,
                local_hostname=route.name,
                timeout=TIMEOUT_SECONDS,
                # Said either way: left out, the library takes STARTTLS where it is offered, and
                # where it is not goes on in clear.
                use_tls=route.security == "tls",
                start_tls=route.security == "starttls",
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = max(refused.code for refused in error.recipients)
            why = f"the recipient was refused ({code})"
            return _Failure(_by(route, why), code >= _PERMANENT, of_server=False)
        except aiosmtplib.SMTPResponseException as error:
            why = f"{type(error).__name__} ({error.code})"
            return _Failure(_by(route, why), error.code >= _PERMANENT)
        except (aiosmtplib.SMTPException, OSError) as error:
            return _Failure(_by(route, _reason(error)))
        return None

    async def stop(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _log.warning("e-mails not sent before the stop", count=len(tasks))
        # An attempt that ends this very moment may not notice that it is cancelled.
        self._stopping = True
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_SECONDS)


def _by(route: Route, why: str) -> str:
    return f"{route.host}:{route.port}: {why}"


def _reason(error: BaseException) -> str:
    """Return what kind of error it was and, where the machine itself knows more, what that says.

    The library's own words may repeat an address.
    """
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    said = ""
    if isinstance(cause, ssl.SSLCertVerificationError):
        said = cause.verify_message
    elif isinstance(cause, ssl.SSLError):
        said = cause.reason or ""
    elif isinstance(cause, socket.gaierror):
        said = cause.strerror or ""
    elif isinstance(cause, OSError) and cause.errno is not None:
        said = os.strerror(cause.errno)
    named = type(error).__name__
    return f"{named}: {said}" if said else named


def _tell(mail: SendMail, why: str) -> None:
    if mail.tried is not None:
        mail.tried(why)


def _message(route: Route, mail: SendMail) -> EmailMessage:
    """Return an e-mail as a message (RFC 5322). Raise ValueError for a line break in a header."""
    import email.policy
    import email.utils
    from email.message import EmailMessage

    message = EmailMessage(email.policy.SMTP)
    message["From"] = route.sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = email.utils.make_msgid(domain=_domain(route.sender))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
