"""A whole SSH connection: what each packet is, given those before it."""

from __future__ import annotations

import zlib
from typing import Final

from hubbub.wire.decoding.ssh import names
from hubbub.wire.decoding.ssh.messages import Facts, describe_payload
from hubbub.wire.decoding.ssh.negotiation import Choice, KexOffer, choose, read_offer
from hubbub.wire.decoding.ssh.packets import SSHLine, SSHPacket
from hubbub.wire.decoding.ssh.windows import ChannelWindows
from hubbub.wire.failures import CutShort
from hubbub.wire.seen import MASKED, OnLayer, Seen, Way

UNPACKED_BYTES: Final = 1024 * 1024
"""The most bytes that a compressed payload is unpacked to."""
_CLIENT, _SERVER = Way.SENT, Way.RECEIVED
_COMPRESSION: Final = {_CLIENT: 6, _SERVER: 7}
_CIPHER: Final = {_CLIENT: 2, _SERVER: 3}
_MAC: Final = {_CLIENT: 4, _SERVER: 5}
_DELAYED: Final = "zlib@openssh.com"


class SSHConversation:
    """Tell what lines and packets are; both ways come in here, in the order in which they went."""

    def __init__(self) -> None:
        """Begin before the versions."""
        self._offers: dict[Way, KexOffer] = {}
        self._choices: tuple[Choice, ...] = ()
        self._in_use: dict[Way, tuple[Choice, ...]] = {}
        self._unpackers: dict[Way, zlib._Decompress] = {}
        self._logged_in = False
        self._method = ""
        self._terminal = False
        self._windows = ChannelWindows()

    def line(self, line: SSHLine, way: Way) -> Seen:
        """Say what a line before the packets is."""
        name = "version" if line.is_version else "line before the version"
        # A client says none: who does speaks something else, in which a password may be.
        text = line.text if line.is_version or way is _SERVER else MASKED
        return Seen(OnLayer.SSH, name, way, len(line.text.encode()), (("text", text),))

    def packet(self, packet: SSHPacket, way: Way) -> list[Seen]:
        """Say what a packet is, and behind the second KEXINIT what was chosen."""
        payload = self._unpacked(packet, way)
        number = payload[0] if payload else 0
        facts = self._outside(packet, payload, way)
        try:
            if number == names.KEXINIT:
                offer = read_offer(payload)
                facts += offer.details
                self._offers[way] = offer
            else:
                describe_payload(payload, way, self._method, facts)
        except CutShort:
            facts.append(("cut short", "it ends before what it announces"))
        facts += self._windows.follow(number, facts, way)
        if self._terminal and number in (names.CHANNEL_DATA, names.CHANNEL_EXTENDED_DATA):
            # A terminal shows again what is typed into it.
            facts = [(name, MASKED if name == "text" else fact) for name, fact in facts]
        seen = [self._named(number, packet, facts, way)]
        if number == names.KEXINIT and len(self._offers) == 2:
            seen.append(self._choose())
        self._follow(number, facts, way)
        return seen

    def _named(self, number: int, packet: SSHPacket, facts: Facts, way: Way) -> Seen:
        exchange = self._choices[0].name if self._choices else ""
        name = names.message_name(number, exchange, self._method)
        lesson = "key exchange" if number in range(30, 50) else ""
        return Seen(OnLayer.SSH, name, way, packet.size, tuple(facts), lesson)

    def _outside(self, packet: SSHPacket, payload: bytes, way: Way) -> Facts:
        """Return what is so of every packet: its lengths, and how it is protected."""
        shape = f"length {packet.length}, padding {packet.padding}, payload {len(packet.payload)}"
        facts: Facts = [("packet", f"{shape}, type {payload[0] if payload else '-'}")]
        if not packet.encrypted:
            facts.append(("protection", "none yet: in the clear, without MAC"))
            return facts
        facts.append(("protection", self._protection(packet, way)))
        if way in self._unpackers and self._compresses(way):
            facts.append(("compression", f"{len(packet.payload)} bytes for {len(payload)}"))
        return facts

    def _protection(self, packet: SSHPacket, way: Way) -> str:
        choices = self._in_use.get(way, ())
        if not choices:
            return f"encrypted, {packet.mac} bytes of MAC or tag"
        cipher, mac = choices[_CIPHER[way]].name, choices[_MAC[way]].name
        if mac == "none":
            return f"{cipher}, {packet.mac} bytes of tag"
        return f"{cipher}, {packet.mac} bytes of MAC ({mac})"

    def _choose(self) -> Seen:
        self._choices = choose(self._offers[_CLIENT], self._offers[_SERVER])
        self._offers.clear()
        facts = tuple(
            (choice.what, f"{choice.name or 'nothing'}: {choice.why}") for choice in self._choices
        )
        return Seen(OnLayer.SSH, "chosen", details=facts)

    # Compression

    def _compresses(self, way: Way) -> bool:
        choices = self._in_use.get(way, ())
        name = choices[_COMPRESSION[way]].name if choices else ""
        return name == "zlib" or (name == _DELAYED and self._logged_in)

    def _unpacked(self, packet: SSHPacket, way: Way) -> bytes:
        if not packet.encrypted or not self._compresses(way):
            return packet.payload
        unpacker = self._unpackers.setdefault(way, zlib.decompressobj())
        try:
            return unpacker.decompress(packet.payload, UNPACKED_BYTES)
        except zlib.error:
            return b""

    # What is remembered

    def _follow(self, number: int, facts: Facts, way: Way) -> None:
        if number == names.NEWKEYS:
            self._in_use[way] = self._choices
            self._unpackers.pop(way, None)
        elif number == names.USERAUTH_REQUEST:
            self._method = next((str(fact) for name, fact in facts if name == "method"), "")
        elif number == names.USERAUTH_SUCCESS:
            self._logged_in = True
        elif number == names.CHANNEL_REQUEST and ("request", "pty-req") in facts:
            self._terminal = True
