"""What a node counts, read as its metrics."""

from __future__ import annotations

from hubbub.core.policy.policy import Policy
from hubbub.histogram import Histogram
from hubbub.journal.port import Figures
from hubbub.node.limits.bounds import Bounds
from hubbub.node.monitoring.metrics import DOORS, METRICS, Look, Parts
from tests.node.node_harness import Node


class Archive:
    """Tell nothing."""

    waiting = refused = 0
    answered = Histogram()
    searched = Histogram()


class Journal:
    """Tell what the test says."""

    def __init__(self) -> None:
        self.waiting = 0
        self.told = Figures()

    def figures(self) -> Figures:
        return self.told


class Measured(Node):
    """A node and its metrics."""

    def __init__(self, policy: Policy | None = None, bounds: Bounds | None = None) -> None:
        super().__init__(policy, bounds)
        self.figures = Journal()
        self.refused: dict[tuple[str, str], int] = {}
        self.parts = Parts(
            "hubbub-1",
            "compiled",
            self.hub.sessions,
            self.passwords,
            self.figures,
            Archive(),
            lambda: self.refused,
            lambda: {"tls": 3},
            Histogram(),
            lambda: 17.0,
            lambda: {"expired": True, "ends_soon": False},
            lambda: "",
        )

    def value(self, name: str, *labels: str) -> float:
        """Return one value."""
        (metric,) = [metric for metric in METRICS if metric.name == name]
        found = metric.read(Look(self.parts))
        if isinstance(found, Histogram):
            return sum(found.counts)
        return found if isinstance(found, int | float) else found[labels]


def test_names_follow_the_conventions() -> None:
    names = [metric.full_name for metric in METRICS]
    assert len(names) == len(set(names))
    for metric in METRICS:
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.kind != "histogram" or metric.name.endswith("_seconds")


async def test_every_metric_has_all_its_series_from_the_start() -> None:
    node = Measured()
    look = Look(node.parts)
    for metric in METRICS:
        found = metric.read(look)
        if metric.labels:
            assert not isinstance(found, int | float | Histogram)
            assert found
            assert all(len(each) == len(metric.labels) for each in found)
        else:
            assert isinstance(found, int | float | Histogram)


async def test_messages_deliveries_and_bytes() -> None:
    node = Measured()
    ann, bob = await node.guest("ann", "echo-message"), await node.guest("bob")
    guests = [ann, bob]
    for guest in guests:
        await guest.ask("JOIN #c")
    ann.read()
    before = node.value("deliveries_total")
    told, sent = node.value("delivery_seconds"), node.value("sent_bytes_total")
    received = node.value("received_bytes_total")
    got = [*await ann.ask("PRIVMSG #c :hi"), *bob.read()]
    assert [message.command for message in got] == ["PRIVMSG", "PRIVMSG"]
    assert node.value("messages_total") == 1
    assert node.value("deliveries_total") == before + 2
    assert node.value("delivery_seconds") == told + 1
    assert node.value("received_bytes_total") == received + len("PRIVMSG #c :hi\r\n")
    assert node.value("sent_bytes_total") == sent + sum(len(m.encode()) for m in got)
    await bob.ask("PRIVMSG ann :to you")
    assert node.value("messages_total") == 2
    assert node.value("deliveries_total") == before + 3


async def test_what_went_over_a_connection_is_counted_once_it_is_gone_too() -> None:
    node = Measured()
    ann = await node.guest("ann")
    sent, received = node.value("sent_bytes_total"), node.value("received_bytes_total")
    assert sent
    assert received
    await ann.drop()
    assert (node.value("sent_bytes_total"), node.value("received_bytes_total")) == (sent, received)


async def test_who_is_here() -> None:
    node = Measured()
    ann = await node.guest("ann")
    ann.connection.door = "tls"
    assert node.value("connections", "tls") == 1
    assert node.value("users", "true") == 1
    await ann.drop()
    assert node.value("connections", "tls") == 0
    assert node.value("users", "true") == 0


async def test_a_slow_reader_and_its_gap() -> None:
    node = Measured(bounds=Bounds(outbox_bytes=2_000, cursor_seqs=3))
    ann, bob = await node.guest("ann"), await node.guest("bob")
    for guest in (ann, bob):
        await guest.ask("JOIN #c")
    bob.stream.stuck = True
    for number in range(40):
        await ann.ask(f"PRIVMSG #c :{number} {'x' * 200}")
    assert node.value("slow_readers") == 1
    assert node.value("fell_behind_total") == 1
    gap = node.value("gap_messages_total")
    assert gap > 0
    assert node.value("outbox_bytes") > 0
    await bob.drop()
    assert node.value("slow_readers") == 0
    assert node.value("gap_messages_total") == gap


async def test_who_sends_faster_than_allowed_is_counted() -> None:
    node = Measured(Policy(flood=(3, 1.0), replay=0))
    guest = await node.guest("ann")
    await guest.ask("JOIN #c", *["PRIVMSG #c :x"] * 20)
    assert node.value("flood_slowed_total") == 1


async def test_logins_by_door_and_result() -> None:
    node = Measured()
    node.hub.sessions.failed_logins.failed("ann", "ssh", 1)
    node.hub.sessions.tally.logins["tls"] += 2
    assert node.value("logins_total", "ssh", "failed") == 1
    assert node.value("logins_total", "tls", "succeeded") == 2
    assert node.value("logins_total", "tls", "failed") == 0
    node.hub.sessions.failed_logins.failed("", "console", 1)
    found = {door: node.value("logins_total", door, "failed") for door in DOORS}
    assert found == {"tls": 0, "plain": 0, "websocket": 0, "ssh": 1}


async def test_the_door_tells_who_was_turned_away() -> None:
    node = Measured()
    node.refused["plain", "ban"] = 3
    assert node.value("connections_refused_total", "plain", "ban") == 3
    assert node.value("connections_refused_total", "tls", "ban") == 0


async def test_a_journal_that_takes_nothing_is_not_writable() -> None:
    node = Measured()
    assert node.value("journal_writable")
    node.figures.told = Figures(is_full=True)
    assert not node.value("journal_writable")
    node.figures.told = Figures(failed=True)
    assert not node.value("journal_writable")


async def test_connections_by_which_nobody_came_in() -> None:
    node = Measured()
    assert node.value("connections_unused_total", "tls") == 3
    assert node.value("connections_unused_total", "ssh") == 0
