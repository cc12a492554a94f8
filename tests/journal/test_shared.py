"""What a shared log must do, and the one of the tests does."""

from __future__ import annotations

from queue import SimpleQueue

from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.shared import SharedLog
from tests.journal.keeper import ManualClock, said
from tests.journal.shared_log import Shelf


def test_what_comes_while_it_rests_is_heard_when_it_is_asked_again() -> None:
    shelf = Shelf(ManualClock())
    log: SharedLog = (reader := shelf.reader())
    heard: SimpleQueue[Ordered] = SimpleQueue()
    batches = [DraftBatch(1, 1, number, [said("x", "#a")]) for number in (1, 2, 3)]
    log.hear(0, heard.put)
    log.append(batches[0])
    assert heard.get(timeout=5).batch == batches[0]
    log.rest()
    for batch in batches[1:]:
        log.append(batch)
    log.hear(1, heard.put)
    assert [heard.get(timeout=5).position for _ in range(2)] == [2, 3]
    assert heard.empty()
    reader.stop()
