"""A start with other settings than were meant ends nobody's history; rereading them does."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

WITH = '["#lobby", "#team"]'
WITHOUT = '["#lobby"]'


def said_in_team(server: Server) -> list[str]:
    """Return what somebody who comes in finds in #team, and leave it empty."""
    with Client(server.ports["plain"]) as client:
        client.register("ann", "batch", "draft/chathistory").join("#team")
        client.send("CHATHISTORY LATEST #team * 10")
        found = client.sync()
        client.leave()
    return [message.params[1] for message in found if message.command == "PRIVMSG"]


def test_what_is_kept_ends_when_the_settings_are_reread_and_by_no_start(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_CHANNELS__KEEP=WITH, HUBBUB_CHANNELS__REPLAY="0")
    with server, Client(server.ports["plain"]) as bob:
        bob.register("bob", "echo-message").join("#team")
        bob.send("PRIVMSG #team :for good")
        bob.until("PRIVMSG")
    server.settings["HUBBUB_CHANNELS__KEEP"] = WITHOUT
    for _ in range(2):
        with server:
            server.logged("#team (channels.keep)")
            assert said_in_team(server) == ["for good"]
    with server:
        server.signal(signal.SIGHUP)
        server.logged("settings reread")
        assert said_in_team(server) == []
