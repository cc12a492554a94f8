"""Records as JSON: every kind comes back as it was."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord, Body
from hubbub.journal import codec
from hubbub.journal.port import JournalUnusable
from tests.journal.keeper import kept

NUMBERS = st.integers(0, (1 << 63) - 1)
SESSIONS = st.builds(SessionId, NUMBERS, NUMBERS, NUMBERS)
KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    Origin: st.builds(Origin, SESSIONS, NUMBERS),
    SessionId | None: st.none() | SESSIONS,
    tuple[int, ...]: st.lists(NUMBERS).map(tuple),
}


def records(kind: Any) -> st.SearchStrategy[AnyRecord]:
    """Return a strategy for one kind of record, with every field filled."""
    hints = get_type_hints(kind)
    types = {field.name: hints[field.name] for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **{n: KNOWN.get(t, st.from_type(t)) for n, t in types.items()})


@given(st.one_of([records(kind) for kind in get_args(AnyRecord)]))
def test_every_record_comes_back(record: AnyRecord) -> None:
    assert codec.decode_record(codec.encode_record(record)) == record


@pytest.mark.parametrize("kind", get_args(AnyRecord))
def test_every_kind_is_drawn(kind: Any) -> None:
    @given(records(kind))
    def check(record: AnyRecord) -> None:
        text = codec.encode_record(record).decode()
        assert text.startswith('["')
        assert type(codec.decode_record(text)) is kind

    check()


@given(st.builds(Body, st.text(), st.dictionaries(st.text(), st.text())))
def test_every_body_comes_back(body: Body) -> None:
    assert codec.decode_body(codec.encode_body(body)) == body


def test_rows_come_back() -> None:
    record = kept("#a").record
    data, body = codec.encode_record(record).decode(), codec.encode_body(Body("x")).decode()
    rows = codec.decode_rows(f"[[1,2,{data},{body},0],[3,4,{data},null,1]]")
    assert rows == [(1, 2, record, Body("x"), 0), (3, 4, record, None, 1)]


def test_fields_that_an_older_record_lacks_have_their_defaults() -> None:
    record = codec.decode_record('["join",[[1,2,3],4],"a!b@c","","A","#a"]')
    assert record == codec.decode_record('["join",[[1,2,3],4],"a!b@c","","A","#a","",[],false]')


@pytest.mark.parametrize("data", ['["hologram",[[1,2,3],4]]', '["kept"', "{}", '["kept",1,2]'])
def test_what_cannot_be_read_says_so(data: str) -> None:
    with pytest.raises(JournalUnusable, match=r"cannot read \(.*\); a newer hubbub wrote it"):
        codec.decode_record(data)
    with pytest.raises(JournalUnusable, match="newer hubbub"):
        codec.decode_rows(f"[[1,2,{data},null,0]]")
    with pytest.raises(JournalUnusable, match="newer hubbub"):
        codec.decode_body("[]")
