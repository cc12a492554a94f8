"""Reactions, replies and edits between real clients, and what is left of an edit after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.e2e.test_redaction import await_gone, holds
from tests.terminal.screen import Screen

CAPS = (
    *("message-tags", "echo-message", "batch", "server-time", "draft/chathistory"),
    *("draft/event-playback", "draft/message-redaction", "hubbub/message-edit"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("edits") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def say(client: Client, text: str) -> str:
    """Say something in #e, and return its msgid."""
    client.send(f"PRIVMSG #e :{text}")
    return client.until("PRIVMSG").tags["msgid"]


@ssh.NEEDED
def test_people_on_the_screen_react_answer_and_edit(server: Server) -> None:
    with (
        Client(server.ports["plain"]) as ann,
        Client(server.ports["plain"]) as old,
        SSHScreen(server.ports["ssh"], user="ben") as ben,
    ):
        ann.register("ann", *CAPS).join("#e")
        old.register("old").join("#e")
        ben.wait_for("you are in #lobby")
        ben.enter("/join #e")
        ben.wait_for(end="#e>")
        msgid = say(ann, "shall we?")
        ben.wait_for("shall we?")
        ben.enter("/react 👍")
        reaction = ann.until("TAGMSG")
        assert reaction.tags["+draft/react"] == "👍"
        assert reaction.tags["+draft/reply"] == msgid
        ben.enter("/reply yse")
        answer = ann.until("PRIVMSG")
        assert answer.tags["+draft/reply"] == msgid
        ben.enter("/edit yes")
        edit = ann.until("EDITMSG")
        assert edit.params == ("#e", answer.tags["msgid"], "yes")
        assert (
            old.until(lambda m: "edited" in m.params[-1]).params[-1] == "\x01ACTION edited: yes\x01"
        )
        ann.send(f"EDITMSG #e {msgid} :shall we go?")
        ben.wait_for("ann edited the message from", "shall we go?")
        ann.until("EDITMSG")
        ann.send("CHATHISTORY LATEST #e * 2")
        ann.until("BATCH")
        page = [ann.next() for _ in range(3)]
    texts = [m.params[-1] for m in page if m.command == "PRIVMSG"]
    assert texts == ["shall we go?", "yes"]
    assert "draft/chathistory-context" in page[1].tags


def test_hubbub_chat_shows_a_history_as_it_stands(server: Server, tmp_path: Path) -> None:
    with Client(server.ports["plain"]) as ann:
        ann.register("cleo", *CAPS).join("#e")
        msgid = say(ann, "wrods")
        ann.send(f"EDITMSG #e {msgid} :words", f"@+draft/reply={msgid};+draft/react=🎉 TAGMSG #e")
        ann.until("TAGMSG")
        url = f"irc://127.0.0.1:{server.ports['plain']}/#e"
        with Screen(tmp_path, url, "--nick", "dan") as screen:
            screen.wait_for("words (edited)", "🎉 1 to cleo: words")
            assert "wrods" not in screen.text


def test_an_edit_holds_over_a_kill_and_leaves_nothing_of_what_was_said(tmp_path: Path) -> None:
    data, keep = tmp_path / "data", {"HUBBUB_CHANNELS__KEEP": '["#e"]'}
    with Server(data, **keep) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#e")
        msgid = say(ann, "sekrit-zwiebel")
        ann.send(f"EDITMSG #e {msgid} :an onion")
        ann.until("EDITMSG")
        server.kill()
    with Server(data, **keep) as server, Client(server.ports["plain"]) as ann:
        await_gone(data, b"sekrit-zwiebel")
        ann.register("ann", *CAPS).join("#e")
        ann.send("CHATHISTORY LATEST #e * 10")
        said = ann.until("PRIVMSG")
        assert said.params == ("#e", "an onion")
        assert said.tags["msgid"] == msgid
    assert holds(data, b"an onion")
