"""What a group hears is held once, and comes in order with all else that each of them gets."""

from __future__ import annotations

import gc

from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.delivery import Delivery
from hubbub.node.sending.audience import Audience
from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.run import RUN_BYTES, Run

MEMBERS, CHANNELS = 5, 3
AMPLE, SCARCE = 1 << 30, RUN_BYTES + 3000


class Peer:
    """Take what is sent while not `stuck`, and know what it should have been sent."""

    def __init__(self, budget: int, dirty: list[Outbox]) -> None:
        self.sent, self.due, self.kept = b"", b"", b""
        self.writes: list[bytes] = []
        self.stuck = False
        self.box = Outbox(self, budget, 10_000, dirty, self)

    def abort(self) -> None:
        raise AssertionError("nothing is to fail here")

    def send(self, data: bytes) -> bool:
        if self.stuck:
            self.kept = data
            return False
        self.writes.append(data)
        self.sent += data
        return True

    def unstick(self) -> None:
        self.stuck, kept, self.kept = False, self.kept, b""
        if kept:
            self.sent += kept
            self.box.writable()

    def read_again(self, seqs: list[int]) -> None:
        self.box.resume(b"".join(delivery(seq).encoded(0) for seq in seqs), len(seqs), 0)

    def missed(self, count: int) -> bytes:
        raise AssertionError("nobody misses anything here")

    def caught_up(self) -> None:
        pass


def delivery(number: int) -> Delivery:
    """Return an entry that only its number tells from others; some are long."""
    said = Said(Origin(SessionId(0, 1, 1), number), "a!a@a", "", "NOTICE", "#c", None, ("#c",))
    text = f"{number} " + "x" * (9_000 if number % 7 == 0 else 20)
    return Delivery(Entry(number, number, "id", said, Body(text)))


class Scene:
    """Some outboxes, which hear some channels, and what each of them has to be sent."""

    def __init__(self, budget: int) -> None:
        self.dirty: list[Outbox] = []
        self.peers = [Peer(budget, self.dirty) for _ in range(MEMBERS)]
        self.audiences = [Audience(self.dirty) for _ in range(CHANNELS)]
        self.seq = 0

    def speak(self, channel: int, skip: int) -> None:
        self.seq += 1
        said, audience = delivery(self.seq), self.audiences[channel]
        skipped = tuple(peer.box for peer in self.peers[skip : skip + 1])
        heard = [p for p in self.peers if p.box in audience and p.box not in skipped]
        assert audience.deliver(said, 0, skipped) == len(heard)
        for peer in heard:
            peer.due += said.encoded(0)

    def answer(self, number: int) -> None:
        peer, data = self.peers[number], b"answer to %d\r\n" % number
        peer.box.answer(data)
        peer.due += data

    def move(self, channel: int, number: int) -> None:
        box, audience = self.peers[number].box, self.audiences[channel]
        (audience.discard if box in audience else audience.add)(box)

    def stick(self, number: int) -> None:
        peer = self.peers[number]
        if peer.stuck:
            peer.unstick()
        else:
            peer.stuck = True

    def flush(self) -> None:
        while self.dirty:
            self.dirty.pop(0).flush()


acts = st.one_of(
    st.tuples(st.just("speak"), st.integers(0, CHANNELS - 1), st.integers(0, MEMBERS)),
    st.tuples(st.just("speak"), st.just(0), st.just(MEMBERS)),
    st.tuples(st.just("answer"), st.integers(0, MEMBERS - 1)),
    st.tuples(st.just("move"), st.integers(0, CHANNELS - 1), st.integers(0, MEMBERS - 1)),
    st.tuples(st.just("stick"), st.integers(0, MEMBERS - 1)),
    st.tuples(st.just("flush")),
)


@settings(max_examples=300)
@given(st.lists(acts, max_size=60), st.sampled_from((AMPLE, SCARCE, RUN_BYTES - 1)))
def test_each_gets_in_order_what_was_meant_for_it(
    script: list[tuple[str, ...]], budget: int
) -> None:
    scene = Scene(budget)
    for channel in range(CHANNELS):
        for number in range(MEMBERS):
            scene.move(channel, number)
    for name, *arguments in script:
        getattr(scene, name)(*arguments)
    for peer in scene.peers:
        peer.unstick()
    scene.flush()
    assert [peer.sent for peer in scene.peers] == [peer.due for peer in scene.peers]
    assert all(peer.box.room == budget and not peer.box.held for peer in scene.peers)


def test_what_many_hear_is_held_once_and_goes_to_each_in_one_write() -> None:
    scene = Scene(AMPLE)
    for peer in scene.peers:
        scene.audiences[0].add(peer.box)
    for _ in range(6):
        scene.speak(0, MEMBERS)
    assert not any(peer.box.parts for peer in scene.peers)
    scene.flush()
    assert [len(peer.writes) for peer in scene.peers] == [1] * MEMBERS
    assert len({id(peer.writes[0]) for peer in scene.peers}) == 1


def test_a_run_holds_no_more_than_there_is_room_for_in_who_is_in_it() -> None:
    scene = Scene(SCARCE)
    for peer in scene.peers:
        scene.audiences[0].add(peer.box)
    for _ in range(100):
        scene.speak(0, MEMBERS)
        for peer in scene.peers:
            run = peer.box.run
            assert run is None or run.size <= RUN_BYTES
            assert run is None or peer.box.room >= run.size
    assert all(peer.box.has_cursor for peer in scene.peers if not peer.sent)
    scene.flush()
    assert [peer.sent for peer in scene.peers] == [peer.due for peer in scene.peers]


def test_a_run_gives_who_came_later_what_came_later() -> None:
    run = Run(lambda: None)
    run.add(b"a")
    run.add(b"b")
    assert (run.since(0), run.since(1)) == (b"ab", b"b")
    run.add(b"c")
    assert (run.since(0), run.since(1), run.since(3)) == (b"abc", b"bc", b"")
    assert run.since(1) is run.since(1)


def test_nobody_keeps_what_has_been_written() -> None:
    scene = Scene(AMPLE)
    for peer in scene.peers:
        scene.audiences[0].add(peer.box)
    scene.speak(0, MEMBERS)
    gc.collect()
    held = [one for one in gc.get_objects() if type(one) is Run]
    assert held == [scene.peers[0].box.run]
    held.clear()
    scene.flush()
    assert not [one for one in gc.get_objects() if type(one) is Run]
