"""What is measured of a running node, by the names that Prometheus knows it by.

Everything is read when somebody asks; what happens often is counted where it happens, in plain
numbers. Labels have few values that are known before: no nick, channel, account or address is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal, Protocol

from hubbub.histogram import Histogram
from hubbub.journal.port import Figures
from hubbub.node.auth.workers import Workers
from hubbub.node.connection import Connection
from hubbub.node.entry.link import PLAIN, SSH, TLS, WEBSOCKET
from hubbub.node.monitoring.tally import Traffic
from hubbub.node.sessions import Sessions

DOORS: Final = (TLS, PLAIN, WEBSOCKET, SSH)
REFUSED_FOR: Final = ("address", "outside", "busy", "ban", "draining")
"""Why a gate turns somebody away."""
SUCCEEDED, FAILED = "succeeded", "failed"
"""What becomes of a login."""
PREFIX: Final = "hubbub_"

Series = Mapping[tuple[str, ...], float]
"""The values of a metric by the values of its labels; all of them are there from the start."""


class Measured(Protocol):
    """What a journal tells of itself."""

    @property
    def waiting(self) -> int:
        """Return how many drafts have been taken and have not come back."""

    def figures(self) -> Figures:
        """Return its sizes, its last commit and whether it takes anything."""


class Asked(Protocol):
    """What an archive tells of itself: questions that wait, were refused, and were answered.

    `searched` is for searches, which `answered` does not have.
    """

    waiting: int
    refused: int
    answered: Histogram
    searched: Histogram


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold what is asked: the parts of a node.

    `refused` counts who was turned away, by kind of door and reason, `unused` connections by which
    nobody came in. `late` says by how many
    seconds the loop was late, `certificate_end` when the certificate ends, in seconds since 1970,
    `certificate_problems` which it has of all there are, `not_ready` why the node is not ready, ""
    where it is. `code` is that of the hot modules: compiled, or pure Python.
    """

    version: str
    code: str
    sessions: Sessions
    workers: Workers
    journal: Measured
    archive: Asked
    refused: Callable[[], Mapping[tuple[str, str], int]]
    unused: Callable[[], Mapping[str, int]]
    late: Histogram
    certificate_end: Callable[[], float]
    certificate_problems: Callable[[], Mapping[str, bool]]
    not_ready: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Look:
    """Hold what several metrics of one look at a node are made from."""

    parts: Parts
    connections: Sequence[Connection] = field(init=False)
    traffic: Traffic = field(init=False)
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        """Ask for it, once."""
        roster = self.parts.sessions.roster
        here = [one for one in roster.connections.values() if not one.ended]
        object.__setattr__(self, "connections", here)
        object.__setattr__(self, "traffic", roster.traffic())
        object.__setattr__(self, "figures", self.parts.journal.figures())


@dataclass(frozen=True, slots=True)
class Metric:
    """Describe one metric, and say how it is read; with labels it has many series."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    help: str
    read: Callable[[Look], float | Series | Histogram]
    labels: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Return the name by which it is asked for."""
        return f"{PREFIX}{self.name}"


def _connections(look: Look) -> Series:
    found = Counter(one.door for one in look.connections)
    return {(door,): found[door] for door in DOORS}


def _refused(look: Look) -> Series:
    found = look.parts.refused()
    return {each: found.get(each, 0) for each in product(DOORS, REFUSED_FOR)}


def _unused(look: Look) -> Series:
    found = look.parts.unused()
    return {(door,): found.get(door, 0) for door in DOORS}


def _certificate_problems(look: Look) -> Series:
    return {(name,): int(there) for name, there in look.parts.certificate_problems().items()}


def _users(look: Look) -> Series:
    users = look.parts.sessions.world.users
    away = sum(not user.sessions for user in users.values())
    return {("true",): len(users) - away, ("false",): away}


def _logins(look: Look) -> Series:
    parts = look.parts
    results = {SUCCEEDED: parts.sessions.tally.logins, FAILED: parts.sessions.failed_logins.by_door}
    return {(door, result): found[door] for door in DOORS for result, found in results.items()}


def _outbox_bytes(look: Look) -> float:
    return sum(one.outbox.held + one.stream.unsent for one in look.connections)


def _accounts(look: Look) -> float:
    return sum(not account.dropped for account in look.parts.sessions.world.accounts.values())


METRICS: Final = (
    Metric(
        "build_info",
        "gauge",
        "Which version runs, and whether its hot modules are compiled or pure Python. Always 1.",
        lambda look: {(look.parts.version, look.parts.code): 1},
        ("version", "code"),
    ),
    Metric(
        "ready",
        "gauge",
        "1 while `/ready` says 200, else 0.",
        lambda look: not look.parts.not_ready(),
    ),
    Metric(
        "troubles",
        "gauge",
        "How many lines of `hubbub status` say that something is wrong.",
        lambda look: len(look.parts.sessions.troubles.now()),
    ),
    Metric("connections", "gauge", "Connections, by kind of door.", _connections, ("door",)),
    Metric(
        "connections_refused_total",
        "counter",
        "Connections turned away at the door: for too many from the `address`, too many from it "
        "that are `outside` still (not logged in), a door that is `busy`, a `ban`, or a "
        "server that is `draining`.",
        _refused,
        ("door", "reason"),
    ),
    Metric(
        "connections_unused_total",
        "counter",
        "Connections that ended before anybody had registered or logged in by them: health checks "
        "of balancers, scans, and who gave up.",
        _unused,
        ("door",),
    ),
    Metric(
        "users",
        "gauge",
        "Users, by whether they are connected; the others keep their place meanwhile.",
        _users,
        ("connected",),
    ),
    Metric("channels", "gauge", "Channels.", lambda look: len(look.parts.sessions.world.channels)),
    Metric("accounts", "gauge", "Accounts.", _accounts),
    Metric(
        "logins_total",
        "counter",
        "Logins, by kind of door and result: `succeeded`, or `failed` for a wrong password, "
        "token or code. Keys that a client by SSH only tries are no failures.",
        _logins,
        ("door", "result"),
    ),
    Metric(
        "guesses_refused_total",
        "counter",
        "Passwords that were not even checked, since too many before had been wrong.",
        lambda look: look.parts.sessions.secret_checks.refused,
    ),
    Metric(
        "password_checks_running",
        "gauge",
        "Password checks that workers are busy with.",
        lambda look: look.parts.workers.running,
    ),
    Metric(
        "password_checks_waiting",
        "gauge",
        "Password checks that wait for a worker.",
        lambda look: look.parts.workers.waiting,
    ),
    Metric(
        "password_checks_dropped_total",
        "counter",
        "Password checks refused because too many waited (`limits.password_queue`).",
        lambda look: look.parts.workers.dropped,
    ),
    Metric(
        "flood_slowed_total",
        "counter",
        "How often a connection was made to wait, for it sent faster than allowed.",
        lambda look: look.traffic.slowed,
    ),
    Metric(
        "messages_total",
        "counter",
        "Messages that were kept.",
        lambda look: look.parts.sessions.tally.messages,
    ),
    Metric(
        "deliveries_total",
        "counter",
        "What was kept and told to somebody, once for each connection.",
        lambda look: look.parts.sessions.roster.deliveries,
    ),
    Metric(
        "received_bytes_total",
        "counter",
        "Bytes of IRC that came from clients.",
        lambda look: look.traffic.received,
    ),
    Metric(
        "sent_bytes_total",
        "counter",
        "Bytes of IRC that went to clients.",
        lambda look: look.traffic.sent,
    ),
    Metric(
        "outbox_bytes",
        "gauge",
        "Bytes that wait until clients take them.",
        _outbox_bytes,
    ),
    Metric(
        "slow_readers",
        "gauge",
        "Connections that read so slowly that they are read for again from the journal.",
        lambda look: sum(one.outbox.has_cursor for one in look.connections),
    ),
    Metric(
        "fell_behind_total",
        "counter",
        "How often a connection became a slow reader.",
        lambda look: look.traffic.fell_behind,
    ),
    Metric(
        "gap_messages_total",
        "counter",
        "Messages that slow readers were not shown, and were told of as a gap.",
        lambda look: look.traffic.passed_over,
    ),
    Metric(
        "delivery_seconds",
        "histogram",
        "From a durable commit until all that it holds was told to all whom it concerns.",
        lambda look: look.parts.sessions.tally.told,
    ),
    Metric(
        "commit_seconds",
        "histogram",
        "How long a commit of the journal took, its fdatasync included.",
        lambda look: look.figures.commits,
    ),
    Metric(
        "journal_writable",
        "gauge",
        "1 while the journal takes records; 0 when its disk is full, it is locked, or it failed.",
        lambda look: not (look.figures.is_full or look.figures.failed),
    ),
    Metric(
        "journal_size_bytes",
        "gauge",
        "Size of the journal on its disk: the `database`, and its write-ahead `log`.",
        lambda look: {("database",): look.figures.size, ("log",): look.figures.log_size},
        ("file",),
    ),
    Metric(
        "journal_waiting_records",
        "gauge",
        "Records that the journal has been given and not yet handed back.",
        lambda look: look.parts.journal.waiting,
    ),
    Metric(
        "journal_last_commit_timestamp_seconds",
        "gauge",
        "When the last commit was durable (fdatasync), since 1970; 0 before the first.",
        lambda look: look.figures.committed,
    ),
    Metric(
        "records_total",
        "counter",
        "Records that the journal holds or has held.",
        lambda look: look.parts.sessions.world.applied,
    ),
    Metric(
        "records_not_kept_total",
        "counter",
        "Records for which the journal had no room; who asked for them was told.",
        lambda look: look.parts.sessions.tally.not_kept,
    ),
    Metric(
        "archive_waiting",
        "gauge",
        "Questions that the archive is to answer: history, slow readers.",
        lambda look: look.parts.archive.waiting,
    ),
    Metric(
        "archive_refused_total",
        "counter",
        "Questions refused since too many waited.",
        lambda look: look.parts.archive.refused,
    ),
    Metric(
        "archive_seconds",
        "histogram",
        "How long questions to the archive took, with their wait.",
        lambda look: look.parts.archive.answered,
    ),
    Metric(
        "search_seconds",
        "histogram",
        "How long searches took, with their wait.",
        lambda look: look.parts.archive.searched,
    ),
    Metric(
        "search_unindexed_records",
        "gauge",
        "Records that the index of words does not have yet; the newest 1000 messages of them are "
        "searched all the same.",
        lambda look: look.figures.unindexed,
    ),
    Metric(
        "order_position",
        "gauge",
        "Where this node's archive is in the order that it shares with others; 0 for one node.",
        lambda look: look.figures.order_position,
    ),
    Metric(
        "order_lag",
        "gauge",
        "Batches of that order that were heard and are not in this node's archive yet.",
        lambda look: look.figures.order_lag,
    ),
    Metric(
        "loop_lag_seconds",
        "histogram",
        "How late the loop came to what was due; looked at once a second.",
        lambda look: look.parts.late,
    ),
    Metric(
        "loop_held_total",
        "counter",
        "How often one thing held the loop for more than 20 ms; the log names it.",
        lambda look: look.parts.sessions.guard.count,
    ),
    Metric(
        "loop_longest_hold_seconds",
        "gauge",
        "The longest that one thing of more than 20 ms has held the loop since the start.",
        lambda look: look.parts.sessions.guard.longest,
    ),
    Metric(
        "certificate_expiry_timestamp_seconds",
        "gauge",
        "When the certificate that the doors show ends, since 1970.",
        lambda look: look.parts.certificate_end(),
    ),
    Metric(
        "certificate_problem",
        "gauge",
        "1 where the certificate that the doors show is `expired`, `ends_soon` (within 14 days), "
        "is `not_yet` valid, or is for an `other_name` than the server's.",
        _certificate_problems,
        ("problem",),
    ),
)
"""All of them; docs/reference/metrics.md is made from this."""
