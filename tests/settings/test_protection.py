"""Protected mode: nothing is open, or only looks closed, without somebody having said so."""

from __future__ import annotations

import pytest

from hubbub.settings.address import parse_address
from tests.settings.place import Place


class TestProtectedMode:
    """Nothing is open, or only looks closed, without the operator having said so."""

    @pytest.mark.parametrize("address", ["0.0.0.0:6697", "[::]:6697", "192.0.2.1:6697"])
    def test_beyond_loopback_needs_access(self, place: Place, address: str) -> None:
        place.toml(f'[doors]\ntls = ["127.0.0.1:1", "{address}"]')
        message = place.refusal()
        assert f"doors.tls listens on {address}" in message
        assert 'access = "open"' in message
        tls = place.load({"HUBBUB_ACCESS": "open"}).doors.tls
        assert [str(door) for door in tls] == ["127.0.0.1:1", address]

    def test_health_beyond_loopback_needs_its_own_word(self, place: Place) -> None:
        place.toml('[doors]\nhealth = ["0.0.0.0:8080"]')
        assert "set doors.health_beyond_loopback = true" in place.refusal()
        place.toml('[doors]\nhealth = ["0.0.0.0:8080"]\nhealth_beyond_loopback = true')
        assert place.load().doors.health == parse_address("0.0.0.0:8080")

    def test_health_alone_lets_nobody_in(self, place: Place) -> None:
        place.toml('[doors]\ntls = []\nplain = []\nssh = []\nhealth = ["127.0.0.1:8080"]')
        assert "opens nothing" in place.refusal()
        place.toml('[doors]\nplain = ["127.0.0.1:8080"]\nhealth = ["127.0.0.1:8080"]')
        assert "doors.health and doors.plain both listen" in place.refusal()

    def test_plain_beyond_loopback_needs_its_own_word(self, place: Place) -> None:
        place.toml('access = "open"\n[doors]\nplain = ["[::]:6667"]')
        assert "set doors.plain_beyond_loopback = true" in place.refusal()
        place.load({"HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true"})

    def test_so_does_the_websocket_door(self, place: Place) -> None:
        place.toml('access = "open"\n[doors]\nwebsocket = ["192.0.2.1:8080"]')
        assert "doors.websocket listens on 192.0.2.1:8080" in place.refusal()
        assert "use doors.wss, or set doors.plain_beyond_loopback" in place.refusal()
        place.load({"HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true"})

    def test_wss_needs_access_only(self, place: Place) -> None:
        place.toml('[doors]\nwss = ["[::]:443"]')
        assert "doors.wss listens on [::]:443" in place.refusal()
        place.load({"HUBBUB_ACCESS": "open"})

    def test_that_word_does_not_open_access(self, place: Place) -> None:
        place.toml('[doors]\nplain = ["[::]:6667"]\nplain_beyond_loopback = true')
        assert "access is not set" in place.refusal()
