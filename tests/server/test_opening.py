"""What is said of a door that cannot be opened."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest

from hubbub.server.opening import open_all
from hubbub.settings import Address, NotNow, SettingsError
from hubbub.transport.errors import ListenError


def failing(number: int) -> Callable[[str, int], int]:
    def listen(host: str, port: int) -> int:
        raise ListenError(f"cannot listen: {os.strerror(number)}", number)

    return listen


def refusal(kind: str, host: str, number: int) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        open_all(kind, [Address(host, 6697)], failing(number))
    return caught.value


@pytest.mark.parametrize(
    ("kind", "host", "everywhere", "name"),
    [
        ("tls", "203.0.113.9", "Use 0.0.0.0 ", "IP_ADDRESS, HUBBUB_DOORS__TLS,"),
        ("ssh", "203.0.113.9", "Use 0.0.0.0 ", "(HUBBUB_DOORS__SSH,"),
        ("wss", "2001:db8::9", "Use [::] ", "(HUBBUB_DOORS__WSS,"),
    ],
)
def test_an_address_that_a_cloud_translates_is_no_address_of_the_machine(
    kind: str, host: str, everywhere: str, name: str
) -> None:
    error = refusal(kind, host, errno.EADDRNOTAVAIL)
    assert isinstance(error, NotNow), "a machine that boots may not have its addresses yet"
    for part in ("this machine has no such address", everywhere, name, "an Elastic IP"):
        assert part in str(error)


def test_a_port_in_use_may_be_free_later_and_a_forbidden_one_not() -> None:
    in_use = refusal("tls", "127.0.0.1", errno.EADDRINUSE)
    assert isinstance(in_use, NotNow)
    assert "stop what listens there, or set another address or port (IP_ADDRESS," in str(in_use)
    forbidden = refusal("plain", "127.0.0.1", errno.EACCES)
    assert not isinstance(forbidden, NotNow)
    assert "; set another address or port (HUBBUB_DOORS__PLAIN, or [doors]" in str(forbidden)


def test_what_may_be_absent_is_passed_over_where_it_is() -> None:
    optional = Address("::1", 6697, optional=True)
    assert open_all("tls", [optional], failing(errno.EADDRNOTAVAIL)) == []
    with pytest.raises(NotNow):
        open_all("tls", [optional], failing(errno.EADDRINUSE))
    assert open_all("tls", [Address("::1", 0)], lambda host, port: 7) == [
        ("tls", Address("::1", 7))
    ]
