"""A session on a connection, and on the next one when that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from hubbub.client import session as sessions
from hubbub.client.credentials.credentials import Credentials
from hubbub.client.errors import CannotConnect, NotLetIn
from hubbub.client.events import ChatMessage, ConnectionRefused, Event, TokenGiven, TokenGone, Told
from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.client.network.address import ServerAddress
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.irc.message import Message, parse
from hubbub.terminal import reconnecting
from hubbub.terminal.reconnecting import ReconnectingClient, wait_before
from hubbub.terminal.tokens import KeptToken

SECONDS = 20.0


@dataclass
class Notebook:
    """Remember nothing: there are no certificates here."""

    expected: str = ""
    place: str = "notebook"

    def known(self, server: str) -> str | None:
        return None

    def remember(self, server: str, fingerprint: str) -> None:
        raise AssertionError(server)


@dataclass
class Keyring:
    """Keep tokens, or say that it cannot."""

    kept: list[KeptToken] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    is_locked: bool = False

    def keep(self, kept: KeptToken) -> str:
        if self.is_locked:
            raise PermissionError(13, "Permission denied")
        self.kept.append(kept)
        return "the keyring"

    def forget(self, account: str) -> None:
        self.forgotten.append(account)


class Server:
    """Take connections, of which each is led by the next of these talks."""

    def __init__(self, *talks: Callable[[Server], Awaitable[None]]) -> None:
        self._talks = list(talks)
        self.heard: list[Message] = []
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talks.pop(0)(self)
        writer.close()

    def say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())

    async def until(self, command: str) -> Message:
        """Read what the client says up to this command."""
        while True:
            message = parse((await self._reader.readuntil(b"\r\n")).rstrip(b"\r\n"))
            self.heard.append(message)
            if message.command == command:
                return message

    async def welcome(self) -> None:
        """Let the client in."""
        await self.until("USER")
        self.say(":irc.test 001 ann :Welcome", ":irc.test 376 ann :End")


def place(port: int) -> ServerAddress:
    return ServerAddress("127.0.0.1", port, False)


class Client:
    """A client of that server, and what it tells."""

    def __init__(self, port: int, keyring: Keyring | None = None, *others: int) -> None:
        self.events: list[Event] = []
        self.states: list[LinkState] = []
        self._changed = asyncio.Event()
        self.session = ClientSession(Wishes("ann", history=0), lambda: "n", {}, Credentials())
        self.client = ReconnectingClient(
            ServerAddress("127.0.0.1", port, False, (), "", tuple(map(place, others))),
            self.session,
            Notebook(),
            self._heard,
            self._linked,
            keyring,  # type: ignore[arg-type]
        )

    def _heard(self, events: list[Event]) -> None:
        self.events += events
        self._changed.set()

    def _linked(self, state: LinkState) -> None:
        self.states.append(state)
        self._changed.set()

    @property
    def statuses(self) -> list[str]:
        return [state.status.value for state in self.states]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the client tells makes it true."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def has(self, kind: type[Event]) -> None:
        """Wait until an event of this kind has been told."""
        await self.until(lambda: any(isinstance(event, kind) for event in self.events))


@asynccontextmanager
async def serving(*talks: Callable[[Server], Awaitable[None]]) -> AsyncIterator[tuple[Server, int]]:
    server = Server(*talks)
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0)
    async with asyncio.timeout(SECONDS), listening:
        yield server, listening.sockets[0].getsockname()[1]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long."""
    monkeypatch.setattr(reconnecting, "wait_before", lambda attempt, chance: 0.01 * attempt)
    monkeypatch.setattr(reconnecting, "TICK", 0.01)


async def leave(server: Server) -> None:
    await server.until("QUIT")


async def stay(server: Server) -> None:
    await server.welcome()
    await leave(server)


def test_one_talks_until_one_leaves_and_says_so() -> None:
    async def talk(server: Server) -> None:
        await server.welcome()
        server.say(":bob!b@h PRIVMSG ann :hello")
        await leave(server)

    async def test() -> None:
        async with serving(talk) as (server, port):
            client = Client(port)
            running = asyncio.create_task(client.client.run())
            await client.has(ChatMessage)
            await client.client.quit("until later")
            await running
        assert server.heard[-1].params == ("until later",)
        assert client.statuses == ["connecting", "connected", "closed"]

    asyncio.run(test())


def test_a_lost_connection_is_made_again_with_all_that_was_there() -> None:
    async def lose(server: Server) -> None:
        await server.welcome()
        server.say("ERROR :Closing link: h (Server is stopping)")

    async def test() -> None:
        async with serving(lose, stay) as (server, port):
            client = Client(port)
            client.session.join("#c")
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.statuses.count("connected") == 2)
            await client.until(lambda: client.session.registered)
            await client.client.quit("")
            await running
        assert client.statuses[2:4] == ["waiting", "connecting"]
        # The session has told of it, with the server's reason.
        assert client.states[2].reason == ""
        assert [each.params for each in server.heard if each.command == "JOIN"][-1] == ("#c",)

    asyncio.run(test())


def test_where_nobody_listens_the_first_time_it_is_over() -> None:
    async def test() -> None:
        async with serving() as (_, port):
            pass
        with pytest.raises(CannotConnect):
            await Client(port).client.run()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ((":irc.test 465 ann :You are banned",), NotLetIn, "You are banned"),
        (("ERROR :Closing link: h (Go away)",), NotLetIn, "Go away"),
        ((":irc.test NOTICE * :Looking you up",), CannotConnect, "the server closed"),
        ((), CannotConnect, "perhaps it speaks TLS there: try ircs://"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    lines: tuple[str, ...], error: type[Exception], words: str
) -> None:
    async def talk(server: Server) -> None:
        if lines:
            await server.until("USER")
        server.say(*lines)

    async def test() -> None:
        async with serving(talk) as (_, port):
            with pytest.raises(error, match=words):
                await Client(port).client.run()

    asyncio.run(test())


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "ANSWER", 0.05)

    async def silent(server: Server) -> None:
        await server.until("NEVER")

    async def test() -> None:
        async with serving(silent) as (_, port):
            with pytest.raises(CannotConnect, match="the server does not answer"):
                await Client(port).client.run()

    asyncio.run(test())


def test_a_question_is_answered_before_there_is_a_connection() -> None:
    async def test() -> None:
        async with serving(stay) as (_, port):
            client = Client(port)
            client.session.state.ask("Password: ", lambda state, answer: None)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.statuses == ["asking"])
            client.session.answer("secret")
            client.client.flush()
            await client.until(lambda: client.session.registered)
            await client.client.quit("")
            await running
        assert client.statuses[1:3] == ["connecting", "connected"]

    asyncio.run(test())


def test_who_leaves_instead_of_answering_or_waiting_leaves_at_once() -> None:
    async def test() -> None:
        async with serving() as (_, port):
            client = Client(port)
            client.session.state.ask("Password: ", lambda state, answer: None)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.statuses == ["asking"])
            await client.client.quit("")
            await running
        assert client.statuses == ["asking", "closed"]

    asyncio.run(test())


def test_who_leaves_while_it_is_waited_for_the_server_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconnecting, "wait_before", lambda attempt, chance: 3600.0)

    async def lose(server: Server) -> None:
        await server.welcome()

    async def test() -> None:
        async with serving(lose) as (_, port):
            client = Client(port)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.statuses[-1:] == ["waiting"])
            assert client.states[-1] == LinkState(
                LinkStatus.WAITING, "the server closed the connection", 3600.0
            )
            await client.client.quit("")
            await running

    asyncio.run(test())


@pytest.mark.parametrize(
    ("is_locked", "told"),
    [(False, "its token is in the keyring"), (True, "cannot be kept: Permission denied")],
)
def test_a_token_of_this_device_is_kept_where_it_can_be(is_locked: bool, told: str) -> None:
    async def test() -> None:
        keyring = Keyring(is_locked=is_locked)
        async with serving(stay) as (_, port):
            client = Client(port, keyring)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.session.registered)
            client.session.state.emit(TokenGiven("ann", "chat@here", "hub_x", 0.0))
            client.session.state.emit(TokenGone("old", 0.0))
            client.client.flush()
            await client.until(
                lambda: any(isinstance(e, Told) and told in e.text for e in client.events)
            )
            await client.client.quit("")
            await running
            await client.client.finish()
        assert keyring.kept == ([] if is_locked else [KeptToken("ann", "chat@here", "hub_x")])
        assert keyring.forgotten == ["old"]

    asyncio.run(test())


def test_waits_grow_to_a_minute_and_spread() -> None:
    assert [wait_before(attempt, 1.0) for attempt in (0, 1, 2, 6, 100)] == [1, 2, 4, 60, 60]
    assert wait_before(2, 0.0) == 2.0


async def refuse(server: Server) -> None:
    await server.until("USER")
    server.say(
        "ERROR :Closing link: h (no quorum, try another server: this one does not reach any)"
    )


def test_who_is_sent_elsewhere_goes_there_at_once() -> None:
    async def drained(server: Server) -> None:
        await server.welcome()
        server.say("ERROR :Closing link: h (reconnect: this server stops, and the others go on)")

    async def test() -> None:
        async with (
            serving(refuse) as (_, first),
            serving(drained) as (_, second),
            serving(stay) as (_, third),
        ):
            client = Client(first, None, second, third)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.statuses.count("connected") == 3)
            await client.until(lambda: client.session.registered)
            await client.client.quit("")
            await running
        assert client.statuses[:4] == ["connecting", "connected"] * 2, "without waiting"
        refused = [event for event in client.events if isinstance(event, ConnectionRefused)]
        assert refused == [], "another place took us in"

    asyncio.run(test())


def test_a_place_where_nobody_listens_is_passed_over() -> None:
    async def test() -> None:
        async with serving() as (_, gone):
            pass
        async with serving(stay) as (_, port):
            client = Client(gone, None, port)
            running = asyncio.create_task(client.client.run())
            await client.until(lambda: client.session.registered)
            await client.client.quit("")
            await running

    asyncio.run(test())


def test_where_no_place_takes_us_in_the_last_one_says_why() -> None:
    async def test() -> None:
        async with serving(refuse) as (_, first), serving(refuse) as (_, second):
            with pytest.raises(CannotConnect, match=f"127.0.0.1:{second}: no quorum"):
                await Client(first, None, second).client.run()

    asyncio.run(test())


def test_a_ban_is_not_tried_at_every_place() -> None:
    async def banned(server: Server) -> None:
        await server.until("USER")
        server.say(":irc.test 465 ann :You are banned")

    async def test() -> None:
        async with serving(banned) as (_, first), serving() as (_, second):
            with pytest.raises(NotLetIn, match="banned"):
                await Client(first, None, second).client.run()

    asyncio.run(test())
