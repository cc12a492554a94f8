"""The settings themselves: which values each takes, and what it makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import Address
from hubbub.settings.address import loopback
from tests.settings.place import Place

HASH = hash_password("correct horse")


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('name = "hubbub"', ["name must look like a host name"]),
        ('network = "two words"', ["network must be one word"]),
        ('description = "a\\u001bb"', ["description must be one line"]),
        ('motd = "a\\u001bb"', ["motd must not hold control characters"]),
        ('[doors]\ntls = ["127.0.0.1"]', ['doors.tls "127.0.0.1" is not ADDRESS:PORT']),
        ("[doors]\ntls = [6697]", ["doors.tls must be a list of texts"]),
        ('[doors]\nwebsocket_origins = ["chat.example.org"]', ["is not an origin", "https://"]),
        ('[doors]\nwebsocket_origins = ["https://a.org/"]', ['"https://a.org/" is not an origin']),
        ('[doors]\nproxies = ["proxy.example.org"]', ["is not an address or a network"]),
        ('[doors]\nproxies = ["10.0.0.1/8"]', ["has host bits set"]),
        ('[doors]\nproxies = ["0.0.0.0/0"]', ["is everybody"]),
        ('[doors]\nwebsocket_origins = ["null"]', ['"null" is not an origin']),
        ('[channels]\nkeep = ["lobby"]', ['channels.keep "lobby" is not a channel']),
        (
            f'[operators]\nann = {{ password = "{HASH}", class = "king" }}',
            ["operators.ann must have one of the classes owner, admin, moderator"],
        ),
        ('network_icon = "http://a.example/x.png"', ["network_icon must be an https:// URL"]),
        ('network_icon = "https://a.example/x y"', ["network_icon must be an https:// URL"]),
        ('password = "$argon2i$v=19$x"', ["password must be an argon2id hash"]),
        ('[mail]\nhost = "mail host"', ["mail.host must be a host name or an address"]),
        ('[mail]\nsender = "nobody"', ["mail.sender must be an e-mail address"]),
        ('[admin]\ncontact = "a\\nb"', ["admin.contact must be one line of at most 300 bytes"]),
        ('[accounts]\nsecond_factor_for = ["king"]', ["second_factor_for must have one of the"]),
        ('[doors]\nproxies = ["::/0"]', ["is everybody"]),
        ('[channels]\nreplay_to = ["all"]', ["channels.replay_to"]),
        ('name = "a..b"', ["name must look like a host name"]),
        ("ssh.host_keys = 1", ["ssh.host_keys must be a list"]),
        ("tls.certificate = 1", ["tls.certificate must be a path in quotes"]),
        ('[operators]\n"a b" = "x"', ["operators.a b is not a name that OPER can send"]),
    ],
)
def test_what_cannot_be_is_refused(place: Place, toml: str, parts: list[str]) -> None:
    place.toml(toml)
    message = place.refusal()
    for part in parts:
        assert part in message


def test_an_operator_is_a_name_and_a_hash(place: Place) -> None:
    place.toml(f'[operators]\nann = "{HASH}"\n')
    operators = place.load({"HUBBUB_OPERATORS__BOB": HASH}).operators
    assert {name: operator.password for name, operator in operators.items()} == {
        "ann": HASH,
        "bob": HASH,
    }
    assert {operator.operator_class for operator in operators.values()} == {"admin"}


def test_an_operator_may_be_of_another_class(place: Place) -> None:
    place.toml(f'[operators]\nann = {{ password = "{HASH}", class = "moderator" }}\n')
    variables = {"HUBBUB_OPERATORS__BOB__PASSWORD": HASH, "HUBBUB_OPERATORS__BOB__CLASS": "helper"}
    operators = place.load(variables).operators
    assert operators["ann"].operator_class == "moderator"
    assert operators["bob"].operator_class == "helper"


def test_origins_are_kept_as_browsers_write_them(place: Place) -> None:
    origins = (
        '"HTTPS://Chat.Example.org:443", "http://a.org:80", "http://a.org:443", "*", "app://x"'
    )
    place.toml(f"[doors]\nwebsocket_origins = [{origins}]")
    assert place.load().doors.websocket_origins == (
        "https://chat.example.org",
        "http://a.org",
        "http://a.org:443",
        "*",
        "app://x",
    )


def test_proxies_are_addresses_and_networks(place: Place) -> None:
    place.toml(
        '[doors]\nproxies = ["10.0.0.0/8", "127.0.0.1", "2001:DB8::/32", "::ffff:192.0.2.1"]'
    )
    networks = ("10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32", "192.0.2.1/32")
    assert place.load().doors.proxies == networks


@pytest.mark.parametrize(
    ("toml", "value"),
    [
        ('network_icon = "https://a.example/x.png"', "https://a.example/x.png"),
        ('network_icon = ""', ""),
        ('description = "é b"', "é b"),
        ('motd = "one\\n\\ttwo"', "one\n\ttwo"),
        ('name = "chat.example.org"', "chat.example.org"),
    ],
)
def test_what_is_taken_as_it_is(place: Place, toml: str, value: str) -> None:
    place.toml(toml)
    assert getattr(place.load(), toml.partition(" ")[0]) == value


def test_a_home_directory_may_be_meant(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    variables = {"HUBBUB_DATA_DIR": "~/data", "HUBBUB_SSH__HOST_KEYS": "~/one,/two"}
    settings = place.load(variables)
    assert settings.data_dir == Path("/home/ann/data")
    assert settings.ssh.host_keys == (Path("/home/ann/one"), Path("/two"))


def test_localhost_is_both_of_its_addresses(place: Place) -> None:
    place.toml('access = "open"\n[doors]\ntls = ["localhost:1", "192.0.2.1:2"]')
    assert place.load().doors.tls == (*loopback(1), Address("192.0.2.1", 2))
