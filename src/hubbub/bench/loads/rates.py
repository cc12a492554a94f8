"""Load on rooms full of clients: as much as goes, or at a fixed rate."""

from __future__ import annotations

import gc
import select
import time
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from hubbub.bench.errors import Miscount
from hubbub.bench.loads.rooms import MESSAGE_BYTES, Hall, MeasuredRoom

_DRAIN_SECONDS: Final = 15.0
_SPIN_SECONDS: Final = 0.002
# Short batches keep the driver's clock close to the arrival of the bytes.
_PACED_EVENTS: Final = 64


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a server delivered in a closed loop; CPU times in seconds."""

    messages: int
    deliveries: int
    seconds: float
    server_cpu: float
    driver_cpu: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Delays from one socket to the other, in seconds, sorted; `rate` is messages a second."""

    delays: array[float]
    rate: float
    server_cpu: float

    def quantile(self, share: float) -> float:
        """Return the delay that this share of the deliveries did not exceed."""
        return self.delays[min(len(self.delays) - 1, int(len(self.delays) * share))]


@dataclass(frozen=True, slots=True)
class _Mark:
    """The state of all counters at one moment."""

    at: float
    sent: int
    received: int
    server: float
    driver: float


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the driver's garbage collector from running."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def closed_loop(hall: Hall, warm_up: float, seconds: float) -> Throughput:
    """Keep every room's window full for `seconds` after a warm-up; measure the server.

    Raises Miscount if afterwards any member has not got exactly what it should have.
    """
    with _undisturbed(), select.epoll() as poller:
        counters = hall.counters()
        for fileno in counters:
            poller.register(fileno, select.EPOLLIN)
        for room in hall.rooms:
            room.forget()
            room.speak(room.window)
        received = 0
        marks: list[_Mark] = []
        due = time.perf_counter() + warm_up
        while len(marks) < 2:
            touched: set[MeasuredRoom] = set()
            for fileno, _ in poller.poll(1.0):
                count, room = counters[fileno]
                received += count()
                touched.add(room)
            for room in touched:
                free = room.look()
                if free > 0:
                    room.speak(free)
            if time.perf_counter() >= due:
                hall.server.check()
                marks.append(_mark(hall, received))
                due = marks[-1].at + seconds
        _drain(hall, poller)
    first, last = marks
    if last.received - first.received < MESSAGE_BYTES:
        raise Miscount("nothing arrived while it was measured")
    return Throughput(
        messages=last.sent - first.sent,
        deliveries=(last.received - first.received) // MESSAGE_BYTES,
        seconds=last.at - first.at,
        server_cpu=last.server - first.server,
        driver_cpu=last.driver - first.driver,
    )


def paced(hall: Hall, rate: float, warm_up: float, seconds: float) -> Latency:
    """Send `rate` messages a second, the rooms in turn, and time every delivery.

    The time runs from the call that sends the message to the return of the call that receives it.
    """
    with _undisturbed(), select.epoll() as poller:
        for fileno in hall.counters():
            poller.register(fileno, select.EPOLLIN)
        for room in hall.rooms:
            room.forget()
        pace = _Pace(hall, rate, warm_up, seconds)
        server_cpu = hall.server.cpu_seconds()
        while (wait := pace.send_due()) is not None:
            # The poller counts in milliseconds; the last stretch is spun away.
            for fileno, _ in poller.poll(max(0.0, wait - _SPIN_SECONDS), _PACED_EVENTS):
                pace.receive(fileno)
        pace.finish(poller)
        server_cpu = hall.server.cpu_seconds() - server_cpu
        _drain(hall, poller)
    if not pace.delays:
        raise Miscount("nothing arrived of what was sent while it was measured")
    return Latency(array("d", sorted(pace.delays)), pace.measured_rate(), server_cpu)


class _Pace:
    """The timetable of a fixed rate, and what was seen of it."""

    def __init__(self, hall: Hall, rate: float, warm_up: float, seconds: float) -> None:
        self._hall = hall
        self._counters = hall.counters()
        self._rate = rate
        self._start = time.perf_counter()
        self._measure_from = self._start + warm_up
        self._stop = self._measure_from + seconds
        self._next = 0
        self._times: dict[MeasuredRoom, list[float]] = {room: [] for room in hall.rooms}
        self._seen = dict.fromkeys(self._counters, 0)
        self._listening = {
            peer.fileno: peer for room in hall.rooms for peer in (*room.speakers, *room.listeners)
        }
        self._first: tuple[float, int] | None = None
        self._last = (self._start, 0)
        self.delays = array("d")

    def send_due(self) -> float | None:
        """Send what is due and return the seconds until more is; None when the time is over."""
        now = time.perf_counter()
        while (due := self._start + self._next / self._rate) <= now:
            if due >= self._stop:
                return None
            room = self._hall.rooms[self._next % len(self._hall.rooms)]
            sent_at = time.perf_counter()
            self._times[room].append(sent_at)
            room.speak(1)
            self._next += 1
            if self._first is None and sent_at >= self._measure_from:
                self._first = (sent_at, self._next)
            self._last = (sent_at, self._next)
            if self._next % _PACED_EVENTS == 0:
                break
        return due - now

    def receive(self, fileno: int) -> None:
        """Read from a descriptor and note the delay of each message that has come with it."""
        count, room = self._counters[fileno]
        count()
        now = time.perf_counter()
        seen = self._seen[fileno]
        have = self._listening[fileno].counted // MESSAGE_BYTES
        for sent_at in self._times[room][seen:have]:
            if sent_at >= self._measure_from:
                self.delays.append(now - sent_at)
        self._seen[fileno] = have

    def finish(self, poller: select.epoll) -> None:
        """Receive what is still on its way."""
        deadline = time.perf_counter() + _DRAIN_SECONDS
        owed = sum(room.sent * len(room.listeners) for room in self._hall.rooms)
        while time.perf_counter() < deadline and sum(self._seen.values()) < owed:
            for fileno, _ in poller.poll(0.1, _PACED_EVENTS):
                self.receive(fileno)

    def measured_rate(self) -> float:
        """Return the rate that was really sent while measuring, in messages a second."""
        if self._first is None or self._last[0] <= self._first[0]:
            return 0.0
        return (self._last[1] - self._first[1]) / (self._last[0] - self._first[0])


def _mark(hall: Hall, received: int) -> _Mark:
    return _Mark(
        at=time.perf_counter(),
        sent=sum(room.sent for room in hall.rooms),
        received=received,
        server=hall.server.cpu_seconds(),
        driver=time.process_time(),
    )


def _drain(hall: Hall, poller: select.epoll) -> None:
    """Receive what is on its way until everybody has everything. Raises Miscount if not."""
    counters = hall.counters()
    deadline = time.perf_counter() + _DRAIN_SECONDS
    waiting = deque(hall.rooms)
    while waiting:
        while waiting and waiting[0].check():
            waiting.popleft()
        if not waiting:
            return
        if time.perf_counter() > deadline:
            raise Miscount(f"{waiting[0].channel} did not get everything that was sent")
        for fileno, _ in poller.poll(0.1):
            counters[fileno][0]()
