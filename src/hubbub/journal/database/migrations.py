"""The schema of the journal's database, in numbered steps that only go forwards.

    record       every record, in the journal's order. `state` is 1 where it changes the World, so
                 that a start need not read messages; `refs` counts the rows of `history` that
                 name it; `body` can be erased without touching `data`, the record. `time` is ahead
                 of the clock by `lead`: seen without it, times rise with the seqs
    history      where a record is found again: in this history, at this time. `said` is 1 for
                 PRIVMSG and NOTICE, 2 for what belongs to one, and comes before the time, so that a
                 page of those need not pass over a mass of joins; `author` tells who said it, so
                 that one's own is not counted. Written for many records at once, up to the seq that
                 `meta` calls 'indexed' (hubbub.journal.archive.index)
    refused      the seqs that apply refused
    mention      for whom a message is meant: a folded account, or the history's own name for all in
                 the channel; written and taken out with the rows of history
    context      what belongs to a message (reactions), found by the seq of that one: its rows of
                 history have 2 as `said`, which no page shows by itself
    edition      which entries gave an entry another body, and what it `was` before where that is
                 kept; the body of the last of them is in `record`, and all goes with that
    snapshot     the World as of a seq; the last two are kept
    forgetting   histories that are being deleted, up to a seq
    leading      histories that have been ahead of the clock by more than a second, so that a start
                 finds their last times
    search       the words of what was said, by seq, up to the seq that `meta` calls 'searchable':
                 full text without the text (hubbub.journal.archive.search.index)
    unsearch     what was in that index and is there no more, until its words are taken out
    meta         the journal's id and key; the epochs of msgids, by their first seqs; by how much
                 times were moved that had been ahead, by the seqs on both sides; whose 'log' gives
                 the order, and where to go on in one that is not this file's own

A batch of records is written through the view `batch`, and a slice deleted with what depends on it
through triggers, in one statement each: see docs/decisions/journal-writes.md. A record that loses
its last row of `history` loses its body with it.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Final

import apsw

from hubbub.journal import codec
from hubbub.journal.database.transaction import transaction
from hubbub.journal.msgid import KEY_BYTES
from hubbub.journal.port import JournalUnusable

APPLICATION_ID: Final = 0x48756262
"""What marks the file as ours (`file` and PRAGMA application_id show it): "Hubb"."""

_FIRST: Final = """
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  state INTEGER NOT NULL,
  refs INTEGER NOT NULL,
  data TEXT NOT NULL,
  body TEXT
) STRICT;
CREATE INDEX record_state ON record (seq) WHERE state = 1;
CREATE INDEX record_loose ON record (seq) WHERE refs = 0;

CREATE TABLE history (
  target TEXT NOT NULL,
  said INTEGER NOT NULL,
  time INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (target, said, time, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE refused (seq INTEGER PRIMARY KEY) STRICT;
CREATE TABLE snapshot (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE forgetting (target TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID, STRICT;

-- kind: bit 0 is state, bit 1 said, the rest refs.
CREATE VIEW batch AS SELECT
  0 AS seq, 0 AS time, 0 AS kind, '' AS data, '' AS body, '' AS first, '' AS rest;
CREATE TRIGGER batch_insert INSTEAD OF INSERT ON batch BEGIN
  INSERT INTO record (seq, time, state, refs, data, body)
    VALUES (new.seq, new.time, new.kind & 1, new.kind >> 2, new.data, new.body);
  INSERT INTO history (target, said, time, seq)
    SELECT new.first, new.kind >> 1 & 1, new.time, new.seq WHERE new.first IS NOT NULL;
  INSERT INTO history (target, said, time, seq)
    SELECT value, new.kind >> 1 & 1, new.time, new.seq FROM json_each(new.rest);
END;

CREATE TRIGGER history_delete AFTER DELETE ON history BEGIN
  UPDATE record SET refs = refs - 1, body = iif(refs = 1, NULL, body) WHERE seq = old.seq;
END;
CREATE TRIGGER record_delete AFTER DELETE ON record BEGIN
  DELETE FROM refused WHERE seq = old.seq;
END;
"""

_LEADS: Final = """
ALTER TABLE record ADD COLUMN lead INTEGER NOT NULL DEFAULT 0;
CREATE TABLE leading (target TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;

-- kind: bit 0 is state, bit 1 said, the next twenty refs, the rest the lead.
DROP TRIGGER batch_insert;
CREATE TRIGGER batch_insert INSTEAD OF INSERT ON batch BEGIN
  INSERT INTO record (seq, time, state, refs, data, body, lead)
    VALUES (new.seq, new.time, new.kind & 1, new.kind >> 2 & 0xFFFFF, new.data, new.body,
      new.kind >> 22);
  INSERT INTO history (target, said, time, seq)
    SELECT new.first, new.kind >> 1 & 1, new.time, new.seq WHERE new.first IS NOT NULL;
  INSERT INTO history (target, said, time, seq)
    SELECT value, new.kind >> 1 & 1, new.time, new.seq FROM json_each(new.rest);
END;
CREATE TRIGGER batch_leads INSTEAD OF INSERT ON batch WHEN new.kind >> 22 > 1000000 BEGIN
  INSERT OR IGNORE INTO leading VALUES (new.first);
  INSERT OR IGNORE INTO leading SELECT value FROM json_each(new.rest) WHERE new.rest IS NOT NULL;
END;
"""

_INDEX_LATER: Final = """
INSERT INTO meta SELECT 'indexed', coalesce(max(seq), 0) FROM record;
DROP TRIGGER batch_insert;
CREATE TRIGGER batch_insert INSTEAD OF INSERT ON batch BEGIN
  INSERT INTO record (seq, time, state, refs, data, body, lead)
    VALUES (new.seq, new.time, new.kind & 1, new.kind >> 2 & 0xFFFFF, new.data, new.body,
      new.kind >> 22);
END;
"""

OWN: Final = "own"
"""What `meta` calls a log that is the order of this file's own commits."""
SHARED: Final = "shared"
"""What it calls one that other nodes share."""

# A program that knows of no shared log would put records of its own behind what came of one.
_LOG: Final = f"INSERT INTO meta VALUES ('log', '{OWN}');"

CREATE_SEARCH: Final = """
CREATE VIRTUAL TABLE search USING fts5(
  words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
"""
"""The SQL that makes an empty index of words."""

_SEARCH: Final = f"""
{CREATE_SEARCH}
INSERT INTO meta VALUES ('searchable', 0);
CREATE TABLE unsearch (
  seq INTEGER PRIMARY KEY, data TEXT NOT NULL, body TEXT NOT NULL, lead INTEGER NOT NULL
) STRICT;

-- Whoever takes what was said away, or puts something else in its place, has its words taken out.
CREATE TRIGGER record_unsaid AFTER UPDATE OF body ON record
  WHEN old.body IS NOT NULL AND new.body IS NOT old.body AND substr(old.data, 1, 6) = '["said'
    AND old.seq <= (SELECT value FROM meta WHERE name = 'searchable')
BEGIN
  INSERT OR IGNORE INTO unsearch VALUES (old.seq, old.data, old.body, old.lead);
END;
CREATE TRIGGER record_unsaid_whole BEFORE DELETE ON record
  WHEN old.body IS NOT NULL AND substr(old.data, 1, 6) = '["said'
    AND old.seq <= (SELECT value FROM meta WHERE name = 'searchable')
BEGIN
  INSERT OR IGNORE INTO unsearch VALUES (old.seq, old.data, old.body, old.lead);
END;
"""

# The author is a folded account or a guest's presence; of rows from before, the record tells.
_CATCH_UP: Final = """
ALTER TABLE history ADD COLUMN author TEXT;
CREATE TABLE mention (
  who TEXT NOT NULL,
  target TEXT NOT NULL,
  time INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (who, target, time, seq)
) WITHOUT ROWID, STRICT;
CREATE INDEX mention_seq ON mention (seq);
CREATE TABLE context (
  parent INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (parent, seq)
) WITHOUT ROWID, STRICT;
CREATE INDEX context_seq ON context (seq);
CREATE TABLE edition (
  seq INTEGER NOT NULL,
  by INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  was TEXT,
  PRIMARY KEY (seq, by)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER history_mention AFTER DELETE ON history WHEN old.said = 1 BEGIN
  DELETE FROM mention WHERE seq = old.seq AND target = old.target;
END;
-- However the words of a message go, what it said before its edits goes too, and what they say.
CREATE TRIGGER record_unedited AFTER UPDATE OF body ON record
  WHEN old.body IS NOT NULL AND new.body IS NULL AND substr(old.data, 1, 6) = '["said'
BEGIN
  UPDATE record SET body = NULL WHERE seq IN (SELECT by FROM edition WHERE seq = old.seq);
  DELETE FROM edition WHERE seq = old.seq;
END;
CREATE TRIGGER history_context AFTER DELETE ON history WHEN old.said = 2 BEGIN
  DELETE FROM context WHERE seq = old.seq;
END;
"""

# What came between two releases is one step: no journal that anybody has is in the middle of it.
STEPS: Final = (_FIRST, _LEADS, _INDEX_LATER, "\n".join((_LOG, _SEARCH, _CATCH_UP)))
"""The SQL that takes a database from version N to N + 1, at place N."""


def check(connection: apsw.Connection) -> None:
    """Raise JournalUnusable where it is another program's database, or a newer one's.

    Nothing is written.
    """
    version = _pragma(connection, "user_version")
    owner = _pragma(connection, "application_id")
    if version == 0 and (owner or connection.execute("SELECT 1 FROM sqlite_schema").fetchone()):
        raise JournalUnusable("it is another program's database; move it away")
    if version and owner != APPLICATION_ID:
        raise JournalUnusable("it is another program's database; move it away")
    if version > len(STEPS):
        raise JournalUnusable(
            f"it was written by a newer hubbub (schema {version}, this one knows {len(STEPS)}); "
            "run the newer one"
        )
    if version:
        _check_records(connection)


def migrate(connection: apsw.Connection) -> None:
    """Bring a database that was checked to this version, each step in its own transaction."""
    version = _pragma(connection, "user_version")
    for number in range(version, len(STEPS)):
        with transaction(connection):
            connection.execute(STEPS[number])
            if number == 0:
                _identify(connection)
            connection.execute(f"PRAGMA user_version = {number + 1}")
    connection.execute(
        "UPDATE meta SET value = ?1 WHERE name = 'records' AND value < ?1", (codec.VERSION,)
    )


def identity(connection: apsw.Connection) -> tuple[str, int, int]:
    """Return the id of a database that was checked, and its last record's seq and time.

    All are empty where it has just been made.
    """
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return "", 0, 0
    id = connection.execute("SELECT value FROM meta WHERE name = 'id'").get
    row = connection.execute("SELECT seq, time FROM record ORDER BY seq DESC LIMIT 1").fetchone()
    return str(id), *((0, 0) if row is None else (int(row[0]), int(row[1])))


def is_shared(connection: apsw.Connection) -> bool:
    """Say whether the order of a database that was checked comes of a log that others share."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return False
    return bool(connection.execute("SELECT value FROM meta WHERE name = 'log'").get == SHARED)


def _pragma(connection: apsw.Connection, name: str) -> int:
    value = connection.execute(f"PRAGMA {name}").get
    assert isinstance(value, int), "these pragmas are numbers"
    return value


def _identify(connection: apsw.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    rows = [
        ("id", str(uuid.uuid4())),
        ("msgid key", secrets.token_bytes(KEY_BYTES)),
        ("records", codec.VERSION),
    ]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def _check_records(connection: apsw.Connection) -> None:
    written = connection.execute("SELECT value FROM meta WHERE name = 'records'").get
    if not isinstance(written, int) or written > codec.VERSION:
        raise JournalUnusable(
            f"it holds records of a newer hubbub (version {written}, this one knows "
            f"{codec.VERSION}); run the newer one"
        )
