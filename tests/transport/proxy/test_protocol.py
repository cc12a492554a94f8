"""PROXY headers: read whole, in any pieces, not a byte too far; anything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.transport.errors import MalformedHeader
from hubbub.transport.proxy.protocol import (
    SIGNATURE,
    V1_BYTES,
    V2_BYTES,
    ProxyHeader,
    read_header,
)
from hubbub.transport.proxy.trusted import parse_ip

from ..proxy_headers import IPAddress, raw_version_2, version_1, version_2

V4 = (IPv4Address("192.0.2.7"), 5000, IPv4Address("192.0.2.1"), 6697)
ports = st.integers(0, 65535)


def pairs(kind: st.SearchStrategy[IPAddress]) -> st.SearchStrategy[tuple[IPAddress, ...]]:
    return st.tuples(kind, kind)


@given(
    pairs(st.ip_addresses(v=4)) | pairs(st.ip_addresses(v=6)),
    ports,
    ports,
    st.sampled_from([version_1, version_2]),
    st.binary(max_size=40),
    st.data(),
)
def test_whole_and_not_a_byte_too_far(
    addresses: tuple[IPAddress, IPAddress],
    port: int,
    door: int,
    version: Callable[[IPAddress, int, IPAddress, int], bytes],
    behind: bytes,
    data: st.DataObject,
) -> None:
    header = version(addresses[0], port, addresses[1], door)
    said = ProxyHeader((str(parse_ip(str(addresses[0]))), port))
    assert read_header(header + behind) == (len(header), said)
    cut = data.draw(st.integers(0, len(header) - 1))
    assert read_header(header[:cut]) == (cut, None)


@given(st.binary(max_size=200))
def test_tlvs_are_passed_over(tlvs: bytes) -> None:
    header = version_2(*V4, tlvs)
    assert read_header(header + b"NICK ann\r\n") == (len(header), ProxyHeader(("192.0.2.7", 5000)))


def test_an_ipv4_address_written_as_ipv6_is_what_it_is() -> None:
    mapped = IPv6Address("::ffff:192.0.2.7")
    for header in (version_1(mapped, 1, mapped, 1), version_2(mapped, 1, mapped, 1)):
        assert read_header(header)[1] == ProxyHeader(("192.0.2.7", 1))


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::1 65535 65535\r\n",
        b"PROXY UNKNOWN what ever it says\r\n",
        raw_version_2(0x20, 0x00),
        raw_version_2(0x20, 0x11, b"x" * 12),
        raw_version_2(0x20, 0xFF, b"x"),
        raw_version_2(0x21, 0x00, b"tlvs"),
        raw_version_2(0x21, 0x31, b"/" * 216),
    ],
)
def test_the_proxy_s_own_connection(header: bytes) -> None:
    assert read_header(header + b"rest") == (len(header), ProxyHeader(None))


@pytest.mark.parametrize(
    "data",
    [
        b"NICK ann\r\n",
        b"PROXYTCP4",
        b"proxy TCP4 ",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 6697\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 5000\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 6697 7\r\n",
        b"PROXY TCP4  192.0.2.7 192.0.2.1 5000 6697\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 05000 6697\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 65536 6697\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 -1 6697\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 \xb2 6697\r\n",
        b"PROXY TCP4 192.0.2 192.0.2.1 5000 6697\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 5000 6697\r\n",
        b"PROXY TCP6 192.0.2.7 192.0.2.1 5000 6697\r\n",
        b"PROXY TCP6 fe80::1%eth0 fe80::2 5000 6697\r\n",
        b"PROXY UDP4 192.0.2.7 192.0.2.1 5000 6697\r\n",
        b"PROXY UNKNOWN " + b"x" * V1_BYTES,
        SIGNATURE[:-1] + b"x",
        raw_version_2(0x11, 0x11, b"x" * 12),
        raw_version_2(0x22, 0x11, b"x" * 12),
        raw_version_2(0x21, 0x12, b"x" * 12),
        raw_version_2(0x21, 0x41, b"x" * 12),
        raw_version_2(0x21, 0x11, b"x" * 11),
        raw_version_2(0x21, 0x21, b"x" * 35),
        raw_version_2(0x21, 0x11, b"x" * (V2_BYTES - 15)),
    ],
)
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedHeader):
        read_header(data)


def test_the_longest_of_version_1() -> None:
    longest = b"PROXY UNKNOWN " + b"x" * (V1_BYTES - 16) + b"\r\n"
    assert len(longest) == V1_BYTES
    assert read_header(longest) == (V1_BYTES, ProxyHeader(None))
