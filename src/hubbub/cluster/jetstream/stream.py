"""The stream that holds the log: made or checked, asked what it has, read from a position on."""

from __future__ import annotations

import asyncio
import json
from calendar import timegm
from dataclasses import dataclass
from typing import Any, Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from hubbub.cluster.errors import StreamError
from hubbub.journal.port import JournalUnusable

NAME: Final = "HUBBUB"
SUBJECT: Final = "hubbub.log"
"""What the subjects of batches begin with; the number of the node follows."""
FLOW: Final = "hubbub.flow"
"""What the subjects begin with under which each batch is sent on, once it is in its place."""

ANSWER_SECONDS: Final = 1.0
"""How long an answer may take; then it is asked again."""
SURE_TRIES: Final = 6
SURE_SECONDS: Final = 0.5
"""How often, and how far apart, a stream that was there is looked for before it is gone."""
DUPLICATE_SECONDS: Final = 600
"""For how long the stream itself knows a batch again; after that the sequencer does."""
PART: Final = 256
PART_BYTES: Final = 4 << 20
"""How much is read at once."""

NOT_FOUND: Final = 10059
WRONG_LAST: Final = (10071, 10164)
"""The stream's codes for: another batch came before."""
NO_ROOM: Final = (10077, 10023, 10047, 10122)
"""Its codes for: no more fits in."""
NO_BATCH: Final = (10037, 10043, 10057)
"""Its codes for: there is nothing at that position (any more)."""
NO_SERVERS: Final = (10005, 10074, 10008, 10009)
"""Its codes for: there are not servers enough, or not yet."""

_NANO: Final = 1_000_000_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shape:
    """Say how the stream has to be: of which journal, on how many servers, how large at most."""

    journal: str
    replicas: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Say what the stream has: its first and last position, the bytes of it, and who leads it.

    `servers` are the names of those that hold a copy.
    """

    first: int
    last: int
    size: int = 0
    max_size: int = 0
    leader: str = ""
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A batch as the stream has it: its position, its stamp in microseconds, what was appended."""

    position: int
    stamp: int
    payload: bytes


class LogStream:
    """Ask for the stream; each call raises StreamError, or nats' Error where nobody answers."""

    def __init__(self, client: Client, shape: Shape) -> None:
        self.client = client
        self._shape = shape

    async def open(self, position: int) -> Extent:
        """Return what it has; make it where there is none and nothing was heard yet.

        Raise JournalUnusable where it is not as it has to be.
        """
        found = await self._find(position)
        if found is None and position:
            raise JournalUnusable(
                f"the servers of the log have none, and this node has heard {position} batches of "
                "it: are they the right ones, with their data? Otherwise `hubbub cluster repair` "
                "makes it go on from what the nodes have"
            )
        if found is None:
            found = await self._ask("STREAM.CREATE", self._wanted())
        self._check(found["config"])
        return _extent(await self._grown(found))

    async def _grown(self, found: dict[str, Any]) -> dict[str, Any]:
        """Have it grow where this node's file says so: it was made once, and may be full since.

        It never shrinks, for the files of several nodes may differ. As long as some servers have no
        room for that it stays as it is; the last node that is restarted has it done.
        """
        if found["config"]["max_bytes"] >= self._shape.max_bytes:
            return found
        try:
            wanted = {**found["config"], "max_bytes": self._shape.max_bytes}
            return await self._ask("STREAM.UPDATE", wanted)
        except StreamError as error:
            _log.warning("the log cannot grow yet", to=self._shape.max_bytes, why=error.text)
            return found

    async def _find(self, position: int) -> dict[str, Any] | None:
        """Return what the servers tell of the stream, None where they are sure to have none."""
        for _ in range(SURE_TRIES if position else 1):
            try:
                return await self._ask("STREAM.INFO")
            except StreamError as error:
                if error.code != NOT_FOUND:
                    raise
            # Servers that have just come up together may not know yet what they hold.
            await asyncio.sleep(SURE_SECONDS)
        return None

    async def extent(self) -> Extent:
        """Return what it has, as its leader says."""
        return _extent(await self._ask("STREAM.INFO"))

    async def after(self, position: int) -> list[Held]:
        """Return what comes after a position, of any server's copy: that may lag a little."""
        wanted = {"seq": position + 1, "next_by_subj": f"{SUBJECT}.*"}
        asked = json.dumps({**wanted, "batch": PART, "max_bytes": PART_BYTES})
        inbox = self.client.new_inbox()
        answers = await self.client.subscribe(inbox)
        found: list[Held] = []
        try:
            await self.client.publish(f"$JS.API.DIRECT.GET.{NAME}", asked.encode(), reply=inbox)
            while "Status" not in (
                (message := await answers.next_msg(ANSWER_SECONDS)).headers or {}
            ):
                found.append(held(message))
        finally:
            await answers.unsubscribe()
        return found

    async def stamp_of(self, position: int) -> int | None:
        """Return the stamp of the first batch from a position on, None where there is none."""
        found = await self.after(position - 1)
        return found[0].stamp if found else None

    async def last_of(self, node: int) -> int:
        """Return the position of a node's last batch, 0 where there is none."""
        try:
            found = await self._ask("STREAM.MSG.GET", {"last_by_subj": f"{SUBJECT}.{node}"})
        except StreamError as error:
            if error.code != 10037:
                raise
            return 0
        return int(found["message"]["seq"])

    async def trim(self, upto: int) -> None:
        """Let go of what is before, and at, a position."""
        await self._ask("STREAM.PURGE", {"seq": upto + 1})

    async def overwrite(self, position: int) -> None:
        """Have the bytes of a batch overwritten; do nothing where there is none."""
        try:
            await self._ask("STREAM.MSG.DELETE", {"seq": position, "no_erase": False})
        except StreamError as error:
            if error.code not in NO_BATCH:
                raise

    async def step_down(self) -> None:
        """Have another server lead, if one can."""
        await self._ask("STREAM.LEADER.STEPDOWN")

    async def _ask(self, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = b"" if body is None else json.dumps(body).encode()
        subject = f"$JS.API.{what}.{NAME}"
        return answer(await self.client.request(subject, data, timeout=ANSWER_SECONDS))

    def _wanted(self) -> dict[str, Any]:
        shape = self._shape
        return {
            "name": NAME,
            "subjects": [f"{SUBJECT}.*"],
            "num_replicas": shape.replicas,
            "storage": "file",
            "retention": "limits",
            "discard": "new",
            "max_bytes": shape.max_bytes,
            "allow_direct": True,
            "duplicate_window": DUPLICATE_SECONDS * _NANO,
            "republish": {"src": f"{SUBJECT}.*", "dest": f"{FLOW}.{{{{wildcard(1)}}}}"},
            "metadata": {"hubbub.journal": shape.journal},
        }

    def _check(self, config: dict[str, Any]) -> None:
        """Raise JournalUnusable where the stream would lose something, or is not ours."""
        wanted = self._wanted()
        theirs = (config.get("metadata") or {}).get("hubbub.journal")
        if theirs != self._shape.journal:
            raise JournalUnusable(
                f"the log on these servers is of another journal ({theirs}, this one is "
                f"{self._shape.journal}); choose other servers, or restore the right data directory"
            )
        # How large it may be, and how often it is copied, its operator may have changed.
        fixed = ("subjects", "storage", "retention", "discard", "allow_direct", "republish")
        wrong = [name for name in fixed if config.get(name) != wanted[name]]
        if config.get("num_replicas", 1) < self._shape.replicas:
            wrong.append("num_replicas")
        if wrong:
            raise JournalUnusable(
                f"the stream {NAME} is set otherwise than it has to be ({', '.join(wrong)}); set it"
                f" so, with `nats stream edit` or another client: "
                + json.dumps({name: wanted[name] for name in wrong})
            )


def answer(message: Msg) -> dict[str, Any]:
    """Return what an answer holds. Raise StreamError where it says what is wrong."""
    found: dict[str, Any] = json.loads(message.data)
    if "error" in found:
        error = found["error"]
        raise StreamError(error.get("err_code", error.get("code", 0)), error.get("description", ""))
    return found


def held(message: Msg) -> Held:
    """Return what a message of the stream, or one that was sent on from it, holds."""
    headers = message.headers or {}
    stamp = microseconds(headers["Nats-Time-Stamp"])
    return Held(int(headers["Nats-Sequence"]), stamp, message.data)


def microseconds(text: str) -> int:
    """Return a time as the log writes it (RFC 3339, in UTC) in microseconds since 1970."""
    date, _, clock = text.rstrip("Z").partition("T")
    year, month, day = date.split("-")
    whole, _, fraction = clock.partition(".")
    hour, minute, second = whole.split(":")
    moment = int(year), int(month), int(day), int(hour), int(minute), int(second)
    return timegm((*moment, 0, 0, 0)) * 1_000_000 + int(fraction.ljust(6, "0")[:6])


def _extent(found: dict[str, Any]) -> Extent:
    state, cluster = found["state"], found.get("cluster") or {}
    leader = cluster.get("leader", "")
    names = (leader, *(one["name"] for one in cluster.get("replicas") or ()))
    size, most = state["bytes"], found["config"]["max_bytes"]
    return Extent(state["first_seq"], state["last_seq"], size, most, leader, names)
