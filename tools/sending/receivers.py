"""Another process that receives: on another CPU, and elsewhere in the network if that is named."""

from __future__ import annotations

import ctypes
import os
import socket
import ssl
from types import TracebackType
from typing import Final, Never, Self

RECORD_OVERHEAD: Final = 22
"""What TLS 1.3 adds to a message: header, content type and tag."""
_CLONE_NEWNET: Final = 0x40000000
_PATIENCE: Final = 30.0


class Receivers:
    """So many connections to a process that reads what each has been sent, when it is told to."""

    def __init__(self, address: str, netns: str, count: int, size: int, *, tls: bool) -> None:
        """Start the process; each connection will be sent `size` bytes at a time."""
        self.count = count
        self._cpus = cpus = os.sched_getaffinity(0)
        self._size = size + RECORD_OVERHEAD * tls
        self._ask_at, self._ask = os.pipe()
        self._answer, self._answer_at = os.pipe()
        with socket.create_server((address, 0), backlog=count) as listening:
            self._pid = os.fork()
            if self._pid == 0:
                os.sched_setaffinity(0, {max(cpus)})
                self._serve(listening.getsockname(), netns, tls)
            os.close(self._ask_at)
            os.close(self._answer_at)
            os.sched_setaffinity(0, {min(cpus)})
            listening.settimeout(_PATIENCE)
            self.connections = [listening.accept()[0] for _ in range(count)]
        for each in self.connections:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process: it finds nobody who would tell it anything."""
        os.close(self._ask)
        os.waitpid(self._pid, 0)
        os.close(self._answer)
        for each in self.connections:
            each.close()
        os.sched_setaffinity(0, self._cpus)

    def have_read(self) -> None:
        """Return when each has read one message."""
        os.write(self._ask, b"?")
        if not os.read(self._answer, 1):
            raise RuntimeError("the receivers have ended; what they said stands above")

    def _serve(self, address: tuple[str, int], netns: str, tls: bool) -> Never:
        """Be the other process."""
        os.close(self._ask)
        try:
            if netns:
                _enter(netns)
            connections = [socket.create_connection(address) for _ in range(self.count)]
            if tls:
                connections = [_shake_hands(each) for each in connections]
            while os.read(self._ask_at, 1):
                for each in connections:
                    left = self._size
                    while left > 0:
                        left -= len(each.recv(1 << 16)) or self._size
                os.write(self._answer_at, b"!")
        finally:
            os._exit(0)


def _enter(netns: str) -> None:
    """Enter a network namespace that `ip netns add` has made."""
    with open(f"/run/netns/{netns}", "rb") as place:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(place.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {netns}")


def _shake_hands(connected: socket.socket) -> socket.socket:
    """Shake hands; what comes then is counted and not read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with context.wrap_socket(connected) as secured:
        return socket.socket(fileno=secured.detach())
