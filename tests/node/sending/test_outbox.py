"""The bounded queue to one peer: what fits, what becomes a cursor, what keeps its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.delivery import Delivery
from hubbub.node.sending.outbox import CURSOR_PAGE, Outbox
from hubbub.node.sending.segments import LONG_ANSWER_BYTES, REST, REST_BYTES

ORIGIN = Origin(SessionId(0, 1, 1), 1)
BUDGET = 1000


def entry(seq: int, text: str = "") -> Delivery:
    said = Said(ORIGIN, "a!a@a", "", "PRIVMSG", "#c", None, ("#c",))
    return Delivery(Entry(seq, seq, f"m{seq}", said, Body(text or str(seq))))


def line(seq: int) -> bytes:
    return f":a!a@a PRIVMSG #c :{seq}\r\n".encode()


class Bench:
    """An outbox whose outlet and archive are in the test's hands."""

    def __init__(self, cursor_seqs: int = 10_000, newest: bool = False) -> None:
        self.sent: list[bytes] = []
        self.stuck = False
        self.reads: list[list[int]] = []
        self.emptied = 0
        self.dirty: list[Outbox] = []
        self.box = Outbox(self, BUDGET, cursor_seqs, self.dirty, self, newest)

    def abort(self) -> None:
        raise AssertionError("nothing is to fail here")

    def send(self, data: bytes) -> bool:
        self.sent.append(data)
        return not self.stuck

    def read_again(self, seqs: list[int]) -> None:
        self.reads.append(seqs)

    def missed(self, count: int) -> bytes:
        return b"missed %d\r\n" % count

    def caught_up(self) -> None:
        self.emptied += 1

    def flush(self) -> None:
        """Do what the end of a tick does."""
        while self.dirty:
            boxes, self.dirty[:] = self.dirty[:], []
            for box in boxes:
                box.flush()

    def drain(self) -> list[bytes]:
        """Let the peer read until nothing is left; return the lines it got."""
        self.stuck = False
        self.box.writable()
        self.flush()
        while self.reads:
            seqs = self.reads.pop(0)
            self.box.resume(b"".join(map(line, seqs)), len(seqs), 0)
            self.flush()
        sent, self.sent = b"".join(self.sent), []
        return sent.splitlines(keepends=True)


def test_a_tick_is_one_write() -> None:
    bench = Bench()
    bench.box.deliver(entry(1))
    bench.box.answer(b"answer\r\n")
    bench.box.deliver(entry(2))
    assert bench.sent == []
    bench.flush()
    assert bench.sent == [line(1) + b"answer\r\n" + line(2)]


def test_more_than_the_budget_in_one_tick_goes_out_while_the_peer_takes_it() -> None:
    bench = Bench()
    for seq in range(1, 101):
        bench.box.deliver(entry(seq))
    bench.flush()
    assert b"".join(bench.sent) == b"".join(map(line, range(1, 101)))
    assert bench.reads == []
    assert not bench.box.is_behind


def test_room_comes_back_when_the_peer_has_read_what_was_kept() -> None:
    bench = Bench()
    bench.stuck = True
    bench.box.answer(b"x" * 900)
    bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    for seq in range(1, 10):
        bench.box.deliver(entry(seq))
    bench.flush()
    assert bench.reads == []
    assert bench.sent[1:] == [b"".join(map(line, range(1, 10)))]


def test_over_the_budget_a_slow_reader_has_everything_in_order_once() -> None:
    bench = Bench()
    bench.stuck = True
    for seq in range(1, 501):
        bench.box.deliver(entry(seq))
        bench.flush()
    assert bench.box.is_behind
    assert sum(map(len, bench.box.parts)) <= BUDGET
    assert bench.drain() == list(map(line, range(1, 501)))
    assert not bench.box.is_behind
    assert bench.emptied == 1


def test_what_comes_while_the_archive_reads_follows() -> None:
    bench = Bench()
    bench.stuck = True
    for seq in range(1, 201):
        bench.box.deliver(entry(seq))
        bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    assert len(bench.reads) == 1
    for seq in range(201, 211):
        bench.box.deliver(entry(seq))
        bench.flush()
    assert len(bench.reads) == 1, "one read at a time"
    assert bench.drain() == list(map(line, range(1, 211)))


def test_a_cursor_is_read_in_pages() -> None:
    bench = Bench()
    bench.stuck = True
    for seq in range(1, 1001):
        bench.box.deliver(entry(seq))
        bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    sizes = []
    while bench.reads:
        seqs = bench.reads.pop(0)
        sizes.append(len(seqs))
        bench.box.resume(b"".join(map(line, seqs)), len(seqs), 0)
        bench.flush()
    assert max(sizes) == CURSOR_PAGE
    assert len(sizes) > 1


def test_answers_keep_their_place_in_a_queue_and_are_never_dropped() -> None:
    bench = Bench()
    bench.stuck = True
    expected = []
    for seq in range(1, 301):
        bench.box.deliver(entry(seq))
        expected.append(line(seq))
        if seq % 50 == 0:
            bench.box.answer(b"answer %d\r\n" % seq)
            expected.append(b"answer %d\r\n" % seq)
        bench.flush()
    assert bench.drain() == expected


def test_answers_alone_use_up_the_room_so_that_the_input_pauses() -> None:
    bench = Bench()
    bench.stuck = True
    bench.box.answer(b"x" * 100)
    bench.flush()
    while not bench.box.is_behind:
        bench.box.answer(b"y" * 100)
        bench.flush()
    assert sum(map(len, bench.box.parts)) <= BUDGET + 100
    assert bench.emptied == 0
    bench.drain()
    assert not bench.box.is_behind
    assert bench.emptied == 1


def test_a_full_cursor_says_how_many_were_missed() -> None:
    bench = Bench(cursor_seqs=100)
    bench.stuck = True
    for seq in range(1, 501):
        bench.box.deliver(entry(seq))
        bench.flush()
    lines = bench.drain()
    *shown, notice = lines
    assert shown == list(map(line, range(1, len(shown) + 1)))
    assert notice == b"missed %d\r\n" % (500 - len(shown))


def test_what_comes_after_a_gap_stands_after_its_notice() -> None:
    bench = Bench(cursor_seqs=300)
    bench.stuck = True
    for seq in range(1, 401):
        bench.box.deliver(entry(seq))
        bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    # One page is taken, so that there is place for more while the rest still waits.
    seqs = bench.reads.pop(0)
    bench.box.resume(b"".join(map(line, seqs)), len(seqs), 0)
    bench.box.deliver(entry(401))
    bench.flush()
    lines = bench.drain()
    gap = next(at for at, text in enumerate(lines) if text.startswith(b"missed"))
    assert lines[:gap] == list(map(line, range(1, gap + 1)))
    assert lines[gap] == b"missed %d\r\n" % (400 - gap)
    assert lines[gap + 1 :] == [line(401)]


def test_a_screen_is_told_how_many_it_missed_and_shown_the_newest() -> None:
    bench = Bench(cursor_seqs=3, newest=True)
    bench.stuck = True
    for seq in range(1, 10):
        bench.box.deliver(entry(seq, "x" * 500))
        bench.flush()
    shown = bench.drain()
    assert [each for each in shown if each.startswith(b"missed")] == [b"missed 5\r\n"]
    assert shown[-4:] == [b"missed 5\r\n", line(7), line(8), line(9)]
    # And again, once it has caught up.
    bench.box.deliver(entry(10))
    bench.flush()
    assert bench.sent == [line(10)]


def read_for_a_screen() -> Bench:
    """Return a screen for which a page of three is being read: it was stuck, and goes on."""
    bench = Bench(cursor_seqs=3, newest=True)
    bench.stuck = True
    for seq in range(1, 8):
        bench.box.deliver(entry(seq, "x" * 500))
        bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    return bench


def test_what_is_being_read_for_a_screen_is_not_forgotten() -> None:
    bench = read_for_a_screen()
    reading = bench.reads[0]
    for seq in range(8, 11):
        bench.box.deliver(entry(seq))
    shown = bench.drain()
    assert len(reading) == 3
    assert shown[: shown.index(line(reading[-1])) + 1][-3:] == [line(seq) for seq in reading]
    assert b"missed 3\r\n" in shown
    assert shown[-3:] == [line(8), line(9), line(10)], "what comes meanwhile is the newest"


def test_what_comes_while_a_screen_is_read_for_is_bounded_as_well() -> None:
    bench = read_for_a_screen()
    before = len(bench.reads[0])
    for seq in range(8, 100):
        bench.box.deliver(entry(seq))
    assert bench.box._remembered <= before + 3
    shown = bench.drain()
    assert shown[-3:] == [line(97), line(98), line(99)]
    missed = sum(int(each.split()[1]) for each in shown if each.startswith(b"missed"))
    assert missed + sum(not each.startswith(b"missed") for each in shown) == 99


def test_the_bound_holds_for_all_cursors_of_a_queue_together() -> None:
    bench = Bench(cursor_seqs=100)
    bench.stuck = True
    for seq in range(1, 1001):
        bench.box.deliver(entry(seq))
        if seq % 40 == 0:
            bench.box.answer(b"answer\r\n")
        bench.flush()
    lines = bench.drain()
    missed = sum(int(text.split()[1]) for text in lines if text.startswith(b"missed"))
    shown = [text for text in lines if text.startswith(b":a!a@a")]
    # Before there was a cursor, the budget's worth was queued as bytes.
    assert len(shown) <= 100 + 2 * BUDGET // len(line(1))
    assert len(shown) + missed == 1000
    assert lines.count(b"answer\r\n") == 25


def test_what_the_archive_has_lost_counts_as_missed() -> None:
    bench = Bench()
    bench.stuck = True
    for seq in range(1, 101):
        bench.box.deliver(entry(seq))
        bench.flush()
    bench.stuck = False
    bench.box.writable()
    bench.flush()
    seqs = bench.reads.pop()
    bench.box.resume(line(seqs[0]), len(seqs), len(seqs) - 1)
    bench.flush()
    assert bench.sent[-1].endswith(b"missed %d\r\n" % (len(seqs) - 1))
    assert not bench.box.is_behind


def test_a_pending_answer_holds_its_place() -> None:
    bench = Bench()
    pending = bench.box.reserve()
    assert bench.box.is_behind
    bench.box.answer(b"later\r\n")
    bench.box.deliver(entry(1))
    bench.flush()
    assert bench.sent == []
    bench.box.fulfil(pending, b"page\r\n")
    assert bench.drain() == [b"page\r\n", b"later\r\n", line(1)]
    assert bench.emptied == 1


def test_a_long_answer_is_made_as_it_is_taken() -> None:
    bench = Bench()
    made = 0

    def pages() -> Iterator[bytes]:
        nonlocal made
        for _ in range(1000):
            made += 1
            yield b"x" * 998 + b"\r\n"

    bench.stuck = True
    bench.box.produce(pages())
    bench.flush()
    assert made * 1000 <= LONG_ANSWER_BYTES + 1000
    assert len(bench.drain()) == 1000
    assert made == 1000


def test_a_signal_is_lost_on_a_peer_that_is_behind() -> None:
    bench = Bench()
    bench.stuck = True
    bench.box.signal(b"typing\r\n")
    bench.flush()
    bench.box.answer(b"x" * BUDGET)
    bench.box.signal(b"lost\r\n")
    assert bench.drain() == [b"typing\r\n", b"x" * BUDGET]


def test_what_others_say_while_an_answer_is_awaited_needs_no_archive() -> None:
    bench = Bench()
    pending = bench.box.reserve()
    bench.box.deliver(entry(1))
    bench.flush()
    assert bench.sent == []
    bench.box.fulfil(pending, b"page\r\n")
    bench.flush()
    assert bench.sent == [b"page\r\n", line(1)]
    assert bench.reads == []


def test_what_a_monitor_is_told_is_bounded() -> None:
    bench = Bench(cursor_seqs=100)
    bench.stuck = True
    for number in range(1000):
        bench.box.tell(b"told %d\r\n" % number)
        bench.flush()
    lines = bench.drain()
    told = [text for text in lines if text.startswith(b"told")]
    assert told == [b"told %d\r\n" % number for number in range(len(told))]
    assert lines[len(told) :] == [b"missed %d\r\n" % (1000 - len(told))]
    assert len(told) < 300


def test_of_a_long_answer_each_turn_brings_a_page() -> None:
    bench = Bench()
    bench.box.produce(b"%d\r\n" % number for number in range(3 * LONG_ANSWER_BYTES // 4))
    turns = 0
    while bench.dirty:
        turns += 1
        bench.dirty.clear()
        bench.box.flush()
        assert sum(map(len, bench.sent)) <= turns * (LONG_ANSWER_BYTES + 10)
    assert turns > 3
    assert not bench.box.is_behind


def test_what_looks_through_much_and_finds_nothing_rests_as_well() -> None:
    bench = Bench()
    bench.box.produce(chain(repeat(REST, 100), [b"none\r\n"]))
    turns = 0
    while bench.dirty:
        turns += 1
        bench.dirty.clear()
        bench.box.flush()
    assert turns == 1 + 100 * REST_BYTES // LONG_ANSWER_BYTES
    assert bench.sent == [b"none\r\n"]


def test_who_is_closed_is_given_what_was_made_of_an_answer_and_what_came_after_it() -> None:
    bench = Bench()
    bench.box.produce(b"%d\r\n" % number for number in range(LONG_ANSWER_BYTES))
    bench.box.flush()
    made = b"".join(bench.sent)
    bench.box.answer(b"last\r\n")
    bench.box.finish()
    assert b"".join(bench.sent) == made + b"last\r\n"
