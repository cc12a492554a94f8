"""One end of TLS whose records and messages are shown.

Records are cut and told here, so they are what a listener sees. What is in those that are
enciphered is told by OpenSSL through a hook of CPython (docs/decisions/wire-hooks.md); where it is
missing, the messages in the clear are shown and of the others their lengths.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any, Final

from hubbub.wire.decoding.guessing import guess
from hubbub.wire.decoding.tls.messages import HandshakeMessages, describe_alert, describe_message
from hubbub.wire.decoding.tls.records import TLSRecord, TLSRecords
from hubbub.wire.ends.tcp import OPPOSITE
from hubbub.wire.failures import AnotherProtocol, CutOff
from hubbub.wire.seen import OnLayer, Seen, Show, Way

HOOK: Final = "_msg_callback"
"""The attribute of a context by which OpenSSL tells of messages, enciphered ones too."""
_ALERT: Final = 21
_HANDSHAKE: Final = 22
_CHANGE_CIPHER_SPEC: Final = 20
_READ_BYTES: Final = 64 * 1024


class TLSEnd:
    """Turn bytes of the wire into bytes of the application, and back; it does no I/O.

    `last_words` are for the wire when it failed: the alert that says why.
    """

    def __init__(self, context: ssl.SSLContext, show: Show, host: str | None = None) -> None:
        """Be the client of `host`, or with None the server. The context is for this end alone."""
        self._show = show
        self._outgoing = Way.SENT if host is not None else Way.RECEIVED
        self._from_wire, self._to_wire = ssl.MemoryBIO(), ssl.MemoryBIO()
        hooked = hasattr(context, HOOK)
        if hooked:
            setattr(context, HOOK, self._told)
        self._clear = {} if hooked else {way: HandshakeMessages() for way in OPPOSITE}
        self._records = {way: TLSRecords() for way in OPPOSITE}
        self._object = context.wrap_bio(
            self._from_wire, self._to_wire, server_side=host is None, server_hostname=host
        )
        self.established = False
        self.ended = False
        self.last_words = b""

    @property
    def certificate(self) -> bytes:
        """Return the certificate of the other side (DER), b"" where there is none."""
        return self._object.getpeercert(binary_form=True) or b""

    def start(self) -> bytes:
        """Return the first bytes for the wire."""
        self._advance()
        return self._drain()

    def received(self, data: bytes) -> tuple[bytes, bytes]:
        """Take bytes of the wire; return some for the wire, and those of the application.

        Raise AnotherProtocol where it is no TLS, or the two found no common ground.
        """
        incoming = OPPOSITE[self._outgoing]
        records, plain = self._records[incoming], []
        for record in records.feed(data):
            self._see(record, incoming)
            self._from_wire.write(record.raw)
            plain.append(self._advance())
        if records.broken:
            raise AnotherProtocol(f"what came is no TLS; {guess(records.broken, way=incoming)}")
        return self._drain(), b"".join(plain)

    def sent(self, data: bytes) -> bytes:
        """Return the bytes for the wire that carry some of the application's. Raise CutOff."""
        try:
            if data:
                self._object.write(data)
        except ssl.SSLError as error:
            raise CutOff(f"nothing can be sent any more: {_reason(error)}") from None
        return self._drain()

    def close(self) -> bytes:
        """Return the bytes that say goodbye."""
        # It would wait for the other side's goodbye.
        with suppress(ssl.SSLError):
            self._object.unwrap()
        return self._drain()

    def _advance(self) -> bytes:
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
                self._show(self._ready())
            return self._read()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        except ssl.SSLZeroReturnError:
            self.ended = True
            return b""
        except ssl.SSLError as error:
            self.last_words = self._drain()
            what = "TLS failed" if self.established else "the TLS handshake failed"
            raise AnotherProtocol(f"{what}: {_reason(error)}") from None

    def _read(self) -> bytes:
        plain = []
        while not self.ended:
            try:
                data = self._object.read(_READ_BYTES)
            except (ssl.SSLWantReadError, ssl.SSLZeroReturnError) as end:
                self.ended = isinstance(end, ssl.SSLZeroReturnError)
                break
            self.ended = not data
            plain.append(data)
        return b"".join(plain)

    def _drain(self) -> bytes:
        data = self._to_wire.read()
        for record in self._records[self._outgoing].feed(data):
            self._see(record, self._outgoing)
        return data

    def _see(self, record: TLSRecord, way: Way) -> None:
        self._show(record.seen(way))
        if way not in self._clear:
            return
        if record.kind == _ALERT:
            self._show(describe_alert(record.body, way))
        elif record.kind == _HANDSHAKE:
            for message in self._clear[way].feed(record.body):
                self._show(describe_message(message, way))
        elif record.kind == _CHANGE_CIPHER_SPEC:
            # All that follows is enciphered.
            del self._clear[way]

    def _told(self, _: Any, direction: str, version: int, kind: int, __: int, data: bytes) -> None:
        """Take what OpenSSL tells of a message in the clear or not."""
        way = self._outgoing if direction == "write" else OPPOSITE[self._outgoing]
        if kind == _HANDSHAKE:
            self._show(describe_message(data, way, int(version)))
        elif kind == _ALERT:
            self._show(describe_alert(data, way))

    def _ready(self) -> Seen:
        name, version, bits = self._object.cipher() or ("unknown", "", 0)
        facts = [("version", version), ("cipher", f"{name}, {bits} bits")]
        # OpenSSL has names of its own for older suites, so the place is told where it is the same.
        offered = [suite["name"] for suite in self._object.context.get_ciphers()]
        if self._outgoing is Way.SENT and name in offered:
            facts.append(("why", f"the server's choice, number {offered.index(name) + 1} of ours"))
        chosen = self._object.selected_alpn_protocol()
        if chosen:
            facts.append(("protocol", chosen))
        return Seen(OnLayer.TLS, "ready", details=tuple(facts))


def looking_context() -> ssl.SSLContext:
    """Return a client's context that takes any certificate: it is for looking, not for trusting."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate does not verify ({error.verify_message})"
    return (error.reason or str(error)).lower().replace("_", " ")
