"""Coming back: what was said meanwhile is shown, counted and dated, on every device once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.client.timeline.transcript import day_rule, text_of
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.relay import Relay
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.terminal.screen import Screen

pytestmark = ssh.NEEDED

PASSWORD = "correct-horse-battery"
WROTE = "wrote to you while you were away"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("away") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


class Person:
    """Have an account in a channel, and two ways to come in: `ssh` and `hubbub chat`."""

    def __init__(self, server: Server, home: Path, name: str, channel: str) -> None:
        self.server, self.home, self.name, self.channel = server, home, name, channel
        self.key = ssh.make_key(home, name)
        with Client(server.ports["plain"]) as client:
            client.register(name)
            client.send(f"REGISTER * * :{PASSWORD}")
            client.until("REGISTER")
            ssh.add_key(client, self.key, "laptop")
            client.send(f"JOIN {channel}")
            client.sync()
            client.leave()

    @contextmanager
    def enter(self, door: str, channel: str = "", port: int = 0) -> Iterator[Screen]:
        """Come in by a door, and leave in good order."""
        with self._open(door, channel or self.channel, port) as screen:
            screen.wait_for(f"you are in {self.channel}")
            yield screen
            screen.enter("/quit")
            screen.wait_for_end()

    def _open(self, door: str, channel: str, port: int) -> Screen:
        if door == "ssh":
            port = port or self.server.ports["ssh"]
            return SSHScreen(port, user=self.name, key=self.key, columns=100, rows=60)
        url = f"irc://127.0.0.1:{port or self.server.ports['plain']}/{channel}"
        variables = {"HUBBUB_CHAT_ACCOUNT_PASSWORD": PASSWORD}
        return Screen(
            self.home / door, url, "--account", self.name, columns=100, rows=60,
            variables=variables,
        )  # fmt: skip


def settled(screen: Screen) -> str:
    """Return the screen once the server has answered everything that was asked before."""
    screen.enter("/raw VERSION")
    return screen.wait_for("hubbub-")


@pytest.mark.parametrize("door", ["ssh", "chat"])
def test_direct_messages_wait_for_who_is_away(server: Server, tmp_path: Path, door: str) -> None:
    ann = Person(server, tmp_path, f"ann-{door}", f"#team-{door}")
    with Client(server.ports["plain"]) as ben:
        ben.register(f"ben-{door}")
        ben.send(*(f"PRIVMSG ann-{door} :waiting {number}" for number in range(3)))
        ben.sync()
        with ann.enter(door) as screen:
            screen.wait_for(f"ben-{door} {WROTE} (3): /msg ben-{door}", f"ben-{door} 3!")
            assert "waiting 0" not in screen.text
            screen.enter(f"/msg ben-{door}")
            seen = screen.wait_for("new since you left", "waiting 2", end=f"ben-{door}>")
            assert seen.index("waiting 0") < seen.index("waiting 1") < seen.index("waiting 2")
            assert text_of(day_rule(datetime.now(UTC).date())) in seen
            assert f"ben-{door} 3!" not in seen
            ben.send(f"PRIVMSG ann-{door} :and live")
            screen.wait_for("and live")
        for again in ("ssh", "chat"):
            # What one device has shown, none tells of as new; it is there all the same.
            with ann.enter(again) as screen:
                assert WROTE not in settled(screen)
                screen.enter(f"/msg ben-{door}")
                seen = screen.wait_for("waiting 0", "and live")
                assert seen.count("waiting 1") == 1
                assert "new since you left" not in seen


@pytest.mark.parametrize("door", ["ssh", "chat"])
def test_who_comes_back_is_told_how_much_is_not_shown_and_can_fetch_it(
    server: Server, tmp_path: Path, door: str
) -> None:
    channel = f"#much-{door}"
    cleo = Person(server, tmp_path, f"cleo-{door}", channel)
    with Client(server.ports["plain"]) as dan:
        dan.register(f"dan-{door}").join(channel)
        dan.send(f"PRIVMSG {channel} :seen")
        dan.sync()
        with cleo.enter(door) as screen:
            screen.wait_for("seen")
        dan.send(*(f"PRIVMSG {channel} :line {number}." for number in range(160)))
        dan.sync()
        with cleo.enter(door) as screen:
            screen.wait_for("new since you left", "line 159.", "earlier unread messages")
            assert "line 10." not in screen.text
            rest = 160 - sum(f"line {number}." in screen.raw for number in range(160))
            screen.wait_for(f"{rest} earlier unread messages are not shown: /history {rest}")
            before = len(screen.raw)
            screen.enter(f"/history {rest}")
            screen.wait_for("that was earlier")
            fetched = screen.raw[before:]
            assert all(f"line {number}." in fetched for number in range(rest))
            assert f"line {rest}." not in fetched
            assert fetched.index("line 0.") < fetched.index(f"line {rest - 1}.")


def test_what_was_written_while_the_link_was_cut_is_shown_once(
    server: Server, tmp_path: Path
) -> None:
    kim = Person(server, tmp_path, "kim", "#cut")
    with (
        Relay(server.ports["plain"]) as relay,
        Client(server.ports["plain"]) as lee,
        kim.enter("chat", port=relay.port) as screen,
    ):
        lee.register("lee")
        lee.send("PRIVMSG kim :before the cut")
        screen.wait_for("before the cut")
        relay.cut()
        screen.wait_for("not connected")
        lee.send("PRIVMSG kim :while it was cut")
        lee.sync()
        relay.mend()
        screen.wait_for(f"lee {WROTE} (1)", "lee 2!")
        screen.enter("/msg lee")
        seen = screen.wait_for("while it was cut", end="lee>")
        seen = seen[seen.index("──── lee") :]
        assert seen.count("before the cut") == seen.count("while it was cut") == 1
        assert seen.index("before the cut") < seen.index("while it was cut")


def test_the_channel_that_was_asked_for_is_the_one_that_is_shown(
    server: Server, tmp_path: Path
) -> None:
    max_ = Person(server, tmp_path, "max", "#aaa")
    with max_.enter("chat", channel="#asked-for") as screen:
        screen.wait_for("you are in #asked-for", end="#asked-for>")
    # From now on the account is in both, and is in them before it asks.
    for channel in ("#aaa", "#asked-for"):
        with max_.enter("chat", channel=channel) as screen:
            screen.wait_for("you are in #aaa", "you are in #asked-for", end=f"{channel}>")
            screen.enter("here it is")
            screen.wait_for("max> here it is", end=f"{channel}>")


def test_who_is_banned_is_meant_and_let_in_again(server: Server, tmp_path: Path) -> None:
    nan = Person(server, tmp_path, "nan", "#bans")
    zed = Person(server, tmp_path, "zed", "#zeds")
    with nan.enter("ssh") as screen:
        screen.enter("/join #rule")
        screen.wait_for(end="#rule>")
        with zed.enter("chat", channel="#rule") as other:
            other.wait_for(end="#rule>")
            for typed, shown in (
                ("/bans", "No bans in #rule"),
                ("/ban --host zed", "would keep out yourself"),
                ("/ban zed", "sets mode +b a:zed"),
                ("/bans", "1 a:zed by nan"),
            ):
                screen.enter(typed)
                screen.wait_for(shown)
            other.enter("may I?")
            other.wait_for("✗ not sent: you may not speak in #rule")
            other.enter("/part")
            other.wait_for("you are no longer in #rule")
            other.enter("/join #rule")
            other.wait_for("cannot join #rule: you are banned from #rule: ask one of")
            assert "(+b)" not in other.text
            screen.enter("/unban zed")
            screen.wait_for("sets mode -b a:zed")
            other.enter("/join rule")
            other.wait_for(end="#rule>")
            other.enter("/part rules")
            other.wait_for("to leave #rule for this reason: /part #rule rules", end="#rule>")


def test_what_a_service_answers_is_not_unread(server: Server, tmp_path: Path) -> None:
    ora = Person(server, tmp_path, "ora", "#help")
    with ora.enter("ssh") as screen:
        screen.enter("/msg NickServ help")
        screen.wait_for("-NickServ-")
        settled(screen)
        assert "NickServ" not in screen.lines[-2]
        assert screen.lines[-1] == "#help>"


def test_unread_counts_agree_across_devices(server: Server, tmp_path: Path) -> None:
    eve = Person(server, tmp_path, "eve", "#agree")
    with Client(server.ports["plain"]) as fay, eve.enter("ssh") as one, eve.enter("chat") as other:
        fay.register("fay")
        fay.send("PRIVMSG eve :hello both")
        one.wait_for("fay 1!")
        other.wait_for("fay 1!", "hello both")
        one.enter("/msg fay")
        one.wait_for(end="fay>")
        other.wait_until(lambda: "fay 1!" not in other.text)
        one.enter("from here")
        other.wait_for("[to fay]", "from here")


def test_what_was_taken_back_is_said_and_kept_no_more(server: Server, tmp_path: Path) -> None:
    gus = Person(server, tmp_path, "gus", "#regret")
    with (
        Client(server.ports["plain"]) as hal,
        gus.enter("ssh") as one,
        gus.enter("chat") as other,
    ):
        hal.register("hal", "message-tags", "draft/message-redaction", "echo-message")
        hal.join("#regret")
        hal.send("PRIVMSG #regret :my secret plan")
        msgid = hal.until("PRIVMSG").tags["msgid"]
        one.wait_for("secret plan")
        other.wait_for("secret plan")
        hal.send(f"@+draft/reply={msgid};+draft/react=wow TAGMSG #regret")
        one.wait_for("hal reacts with wow to hal: my secret plan")
        other.enter("/join #elsewhere")
        other.wait_for(end="#elsewhere>")
        hal.send(f"REDACT #regret {msgid} :oops")
        one.wait_for("hal's message from", "was taken back by hal (oops)")
        one.enter("/search my secret plan")
        one.wait_for("nothing found")
        one.enter("my own slip")
        one.wait_for("gus> my own slip")
        one.enter("/redact slip")
        one.wait_for("Take back for everybody:", "my own slip [y/n]")
        one.enter("y")
        one.wait_for("gus's message from", "was taken back by gus")
        hal.until(lambda message: message.command == "REDACT" and message.nick == "gus")
        hal.send("PRIVMSG #regret :gus: the password is sesame")
        msgid = hal.until("PRIVMSG").tags["msgid"]
        hal.send(f"REDACT #regret {msgid}")
        other.wait_for("[#regret] <hal> gus: the password")
        one.wait_until(lambda: one.text.count("was taken back by hal") == 2)
        shown = len(other.raw)
        other.enter("/join #regret")
        other.wait_for("<hal> (taken back by hal)", end="#regret>")
        assert "sesame" not in other.raw[shown:]


def test_times_are_in_the_zone_of_whoever_looks(server: Server) -> None:
    with Client(server.ports["plain"]) as ivy:
        ivy.register("ivy").join("#zones")
        zone = "-oSetEnv=TZ=Pacific/Kiritimati"
        with SSHScreen(server.ports["ssh"], zone, user="jo", rows=40) as jo:
            jo.wait_for("you are in #lobby")
            jo.enter("/join #zones")
            jo.wait_for(end="#zones>")
            ivy.send("PRIVMSG #zones :what time is it")
            jo.wait_for("what time is it")
            now = datetime.now(UTC)
            hours = {f"{(now.hour + 14 - back) % 24:02d}:" for back in (0, 1)}
            line = next(line for line in jo.lines if "what time is it" in line)
            assert line[:3] in hours
