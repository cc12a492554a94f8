"""IP_ADDRESS and PORT, as hosts of containers set them."""

from __future__ import annotations

import pytest

from hubbub.settings import Address
from hubbub.settings.address import loopback
from tests.settings.place import Place


def test_port_moves_every_tls_door(place: Place) -> None:
    assert place.load({"PORT": "7000"}).doors.tls == loopback(7000)


def test_address_keeps_the_port(place: Place) -> None:
    assert place.load({"IP_ADDRESS": "127.0.0.2"}).doors.tls == (Address("127.0.0.2", 6697),)


def test_both_in_dotenv(place: Place) -> None:
    place.toml('[doors]\ntls = ["127.0.0.1:1", "127.0.0.1:2"]')
    place.dotenv("IP_ADDRESS=::1\nPORT=7000\n")
    assert place.load().doors.tls == (Address("::1", 7000),)
    assert place.load({"PORT": "7001"}).doors.tls == (Address("::1", 7001),)


def test_the_environment_wins_over_the_full_setting_in_dotenv(place: Place) -> None:
    place.dotenv("HUBBUB_DOORS__TLS=127.0.0.1:7000\n")
    assert place.load({"PORT": "7001"}).doors.tls == (Address("127.0.0.1", 7001),)


def test_empty_is_not_set(place: Place) -> None:
    assert place.load({"IP_ADDRESS": "", "PORT": ""}).doors.tls == loopback(6697)


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("IP_ADDRESS", "here")])
def test_nonsense(place: Place, name: str, value: str) -> None:
    message = place.refusal({name: value})
    assert message.startswith(f'the environment: {name}: "{value}" is not')


def test_each_is_blamed_where_it_was_written(place: Place) -> None:
    place.dotenv("IP_ADDRESS=my.airport\n")
    message = place.refusal({"PORT": "7000"})
    assert message.startswith(f'{place.path}/.env: IP_ADDRESS: "my.airport" is not an IP')


def test_protected_too(place: Place) -> None:
    message = place.refusal({"IP_ADDRESS": "::"})
    assert message.startswith("IP_ADDRESS (the environment): doors.tls listens on [::]:6697")
    assert "access is not set" in message


@pytest.mark.parametrize(
    ("plain", "doors"),
    [
        ({"PORT": "7000"}, [Address("127.0.0.1", 7000), Address("::1", 7000)]),
        ({"IP_ADDRESS": "127.0.0.2"}, [Address("127.0.0.2", 6697)]),
        ({"IP_ADDRESS": "127.0.0.2", "PORT": "7000"}, [Address("127.0.0.2", 7000)]),
    ],
)
def test_what_an_image_has_set_does_not_make_them_void(
    place: Place, plain: dict[str, str], doors: list[Address]
) -> None:
    image = {"HUBBUB_DOORS__TLS": "127.0.0.1:6697,[::1]:6697"}
    settings = place.load({**image, **plain})
    assert settings.doors.tls == tuple(doors)
    (notice,) = settings.notices
    assert notice.event == f"{' and '.join(plain)} settled doors.tls"
    assert notice.details == {"tls": ", ".join(map(str, doors))}


def test_a_stronger_place_wins_over_them(place: Place) -> None:
    place.dotenv("PORT=7001\n")
    environ = {"HUBBUB_DOORS__TLS": "127.0.0.1:7000"}
    assert place.load(environ).doors.tls == (Address("127.0.0.1", 7000),)


def test_where_no_tls_door_is_wanted_they_are_void_and_that_is_said(place: Place) -> None:
    settings = place.load({"HUBBUB_DOORS__TLS": "", "PORT": "7000"})
    assert settings.doors.tls == ()
    (notice,) = settings.notices
    assert (notice.level, notice.details) == ("warning", {"where": "the environment"})
    assert "HUBBUB_DOORS__TLS beside them opens no TLS door" in notice.event
    assert place.load({"HUBBUB_DOORS__TLS": ""}).notices == ()
