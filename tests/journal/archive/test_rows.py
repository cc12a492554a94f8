"""A batch of entries is written in as few statements as can be, and is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.entries import Draft
from hubbub.journal.archive import rows
from hubbub.journal.database import migrations
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.sequencer import OrderState, Sequencer
from tests.journal.keeper import joined, kept, said

NOW = 1_700_000_000_000_000


@pytest.fixture
def connection(path: Path) -> Iterator[apsw.Connection]:
    """Return a new journal's database."""
    made = apsw.Connection(str(path))
    migrations.migrate(made)
    yield made
    made.close()


def written(connection: apsw.Connection, *drafts: Draft) -> None:
    sequencer = Sequencer(MsgidKey(bytes(16)), OrderState())
    rows.write(connection, sequencer.place(drafts, NOW))


@pytest.mark.parametrize("count", [0, 1, 2, 5, 17, 65, 257, 1_000, 1_001, 2_500])
def test_every_entry_is_written_and_nothing_that_fills_up(
    connection: apsw.Connection, count: int
) -> None:
    written(connection, *[said(str(number), "#a") for number in range(count)])
    seqs = [seq for (seq,) in connection.execute("SELECT seq FROM record ORDER BY seq")]
    assert seqs == list(range(1, count + 1))


def test_each_column_says_what_it_is_for(connection: apsw.Connection) -> None:
    written(
        connection,
        said("x", "#a", "#b", "#a"),
        joined("#a", "#a"),
        kept("#a"),
        said("y", command="TAGMSG"),
    )
    found = connection.execute("SELECT seq, state, refs, body IS NULL FROM record").fetchall()
    assert found == [(1, 0, 2, 0), (2, 1, 1, 1), (3, 1, 0, 1), (4, 0, 0, 0)]


def test_how_far_a_time_leads_stands_beside_it(connection: apsw.Connection) -> None:
    written(connection, *[said("x", "#busy")] * 1_200)
    times = connection.execute("SELECT time - lead, lead FROM record WHERE seq = 1200").fetchall()
    assert times == [(NOW, 1_199_000)]
    assert connection.execute("SELECT target FROM leading").fetchall() == [("#busy",)]


@pytest.mark.parametrize("is_open", [False, True])
def test_all_or_none_are_written(connection: apsw.Connection, is_open: bool) -> None:
    entries = Sequencer(MsgidKey(bytes(16)), OrderState()).place([said("x", "#a")] * 1_500, NOW)
    if is_open:
        connection.execute("BEGIN")
    with pytest.raises(apsw.ConstraintError):
        rows.write(connection, [*entries, entries[0]])
    if is_open:
        # Whose transaction it is, ends it.
        assert connection.in_transaction
        connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM record").get == 0
