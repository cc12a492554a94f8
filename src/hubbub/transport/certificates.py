"""The certificates that are in use: renewed ones are taken up while the server runs."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hubbub.transport.errors import CertificateError
from hubbub.transport.tls import server_context, silent_context

CHECK_SECONDS: Final = 10.0
"""How often, at most, the certificate files are looked at; only when a client comes."""

_log = structlog.get_logger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


class Certificates:
    """Keep a server's contexts in step with the files of its certificate and key.

    Connections that stand keep what they began with. A new pair that cannot be used is logged, once
    for each state of the files, and the old one stays; `fault` says so in a sentence, "" while all
    is well. `changed` is called when a new pair was taken up or refused.
    """

    def __init__(
        self,
        certificate: Path,
        key: Path,
        *,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Load the pair. Raises CertificateError."""
        self._certificate = certificate
        self._key = key
        self._check_seconds = check_seconds
        self._clock = clock
        self._checked = clock()
        # Stamped before loading: what changes meanwhile is seen the next time.
        self._stamp = self._look()
        self._contexts = self._load()
        self.fault = ""
        self.changed: Callable[[], object] = bool

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection; notices renewed files."""
        self._check_in_time()
        return self._contexts[0]

    def context_for_browsers(self) -> ssl.SSLContext:
        """Return one that asks for no certificate: a browser would ask its user which to show."""
        self._check_in_time()
        return self._contexts[1]

    def _load(self) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        pair = self._certificate, self._key
        return server_context(*pair), silent_context(*pair)

    def _check_in_time(self) -> None:
        now = self._clock()
        if now - self._checked >= self._check_seconds:
            self._checked = now
            self.check()

    def check(self) -> bool:
        """Look at the files now; True if a new pair is in use from here on."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._contexts = self._load()
        except CertificateError as error:
            _log.error("the new certificate cannot be used, the old one stays", why=str(error))
            self.fault = f"The new certificate cannot be used, the old one stays: {error}"
            self.changed()
            return False
        _log.info("certificate renewed", certificate=str(self._certificate))
        self.fault = ""
        self.changed()
        return True

    def _look(self) -> _Stamp:
        """Return what tells one state of the files from another."""
        return tuple(_stat(path) for path in (self._certificate, self._key))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_ino, status.st_size)
