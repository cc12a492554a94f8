"""Whether doors can be opened, and who is there already."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from hubbub.server.checks.finding import Finding, Level
from hubbub.server.checks.places import check_places, doors_of, running_server
from hubbub.server.data_directory import DataDirectory
from hubbub.settings import Address, DoorSettings, Settings


def settings(*addresses: Address) -> Settings:
    doors = DoorSettings(tls=addresses, plain=(), ssh=())
    return Settings(doors=doors, access="invite")


def checked(address: Address, running: str = "") -> Finding:
    [found] = check_places(settings(address), running)
    return found


def test_a_place_that_is_free() -> None:
    found = checked(Address("127.0.0.1", 0))
    assert (found.level, found.subject) == (Level.OK, "door tls")


def test_another_program_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = Address("127.0.0.1", door.getsockname()[1])
        found, beside = checked(here), checked(here, running="1")
    assert found.level == Level.ERROR
    assert f"process {os.getpid()}" in found.what
    assert found.passes
    # The server that runs has its doors elsewhere: this keeps it from its next start only.
    assert beside.level == Level.WARNING


def test_the_running_server_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        found = checked(Address("127.0.0.1", door.getsockname()[1]), running=str(os.getpid()))
    assert found.level == Level.OK
    assert "running server" in found.what


def test_an_address_of_another_machine() -> None:
    assert checked(Address("192.0.2.7", 0, optional=True)).level == Level.OK
    found = checked(Address("192.0.2.7", 0))
    assert found.level == Level.ERROR
    assert "doors.tls" in found.mend


def test_every_kind_of_door_is_looked_at() -> None:
    # The fields whose default is a list of addresses, for a new kind must not be forgotten.
    kinds = [name for name in DoorSettings.model_fields if name not in NO_DOORS]
    every = Settings.model_validate({"doors": {kind: ["127.0.0.1:0"] for kind in kinds}})
    assert sorted(kind for kind, _ in doors_of(every)) == sorted(kinds)


NO_DOORS = {
    "plain_beyond_loopback",
    "health_beyond_loopback",
    "websocket_origins",
    "proxies",
}


def test_whose_directory_it_is(tmp_path: Path) -> None:
    assert running_server(tmp_path) == ""
    with DataDirectory(tmp_path):
        assert running_server(tmp_path) == str(os.getpid())
    assert running_server(tmp_path) == ""
