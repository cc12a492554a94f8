"""The settings of a member of a cluster."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hubbub.settings.member.cluster import ClusterSettings


@pytest.mark.parametrize(
    "url", ["nats://log.example.org:4222", "tls://[::1]:4222", "nats://10.0.0.1:1"]
)
def test_servers_are_named_by_scheme_host_and_port(url: str) -> None:
    assert ClusterSettings(servers=(url,)).servers == (url,)


@pytest.mark.parametrize("url", ["log.example.org:4222", "nats://log", "http://log:1", "nats://"])
def test_what_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="no server of the log"):
        ClusterSettings(servers=(url,))


def test_a_login_in_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="settings of its own") as raised:
        ClusterSettings(servers=("nats://me:sesame@log:4222",))
    assert "sesame" not in str(raised.value)
