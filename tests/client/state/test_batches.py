"""Messages that belong together come as one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.state.batches import ITEMS, OPEN, Batch, Batches, join_lines
from hubbub.irc.message import Message, parse_text
from tests.client.harness import Peer


def fed(batches: Batches, *lines: str) -> list[Message | Batch]:
    """Return what could be taken up after these lines."""
    return [item for line in lines if (item := batches.feed(parse_text(line))) is not None]


def whole(*lines: str) -> Batch:
    (batch,) = fed(Batches(), *lines)
    assert isinstance(batch, Batch)
    return batch


def test_what_belongs_to_a_batch_comes_with_its_end_and_the_rest_at_once() -> None:
    batches = Batches()
    assert fed(batches, "BATCH +a netjoin x", "@batch=a JOIN #c", "PING y")[0] == parse_text(
        "PING y"
    )
    (batch,) = fed(batches, "BATCH -a")
    assert isinstance(batch, Batch)
    assert (batch.kind, batch.params) == ("netjoin", ("x",))
    assert [item.command for item in batch.items if isinstance(item, Message)] == ["JOIN"]


def test_a_batch_in_a_batch_is_one_of_its_items() -> None:
    outer = whole("BATCH +a chathistory #c", "@batch=a BATCH +b draft/multiline #c",
                  "@batch=b PRIVMSG #c :x", "BATCH -b", "BATCH -a")  # fmt: skip
    (inner,) = outer.items
    assert isinstance(inner, Batch)
    assert len(inner.items) == 1


def test_an_end_without_a_beginning_and_half_a_batch_are_nothing() -> None:
    batches = Batches()
    assert fed(batches, "BATCH -never", "BATCH +a", "BATCH -a") == []
    # What says that it belongs to one that there is not stands alone.
    assert len(fed(batches, "@batch=a JOIN #c", "BATCH +")) == 2


def test_neither_open_batches_nor_what_they_hold_grow_without_end() -> None:
    batches = Batches()
    fed(batches, *(f"BATCH +{number} x" for number in range(OPEN + 1)))
    assert len(fed(batches, f"@batch={OPEN} PING x")) == 1
    fed(batches, *("@batch=0 PING x" for _ in range(ITEMS + 9)))
    (batch,) = fed(batches, "BATCH -0")
    assert isinstance(batch, Batch)
    assert len(batch.items) == ITEMS


def test_lines_are_joined_with_the_opening_as_their_head() -> None:
    batch = whole("@msgid=m :bob!b@h BATCH +a draft/multiline #c", "@batch=a PRIVMSG #c :one",
                  "@batch=a;draft/multiline-concat PRIVMSG #c :, two", "@batch=a PRIVMSG #c :three",
                  "BATCH -a")  # fmt: skip
    joined = join_lines(batch)
    assert joined is not None
    assert (joined.params, joined.nick) == (("#c", "one, two\nthree"), "bob")
    assert joined.tags["msgid"] == "m"
    assert join_lines(whole("BATCH +a draft/multiline #c", "BATCH -a")) is None


@given(st.lists(st.sampled_from(
    ["BATCH +a x", "BATCH +b y", "@batch=a BATCH +c z", "BATCH -a", "BATCH -b", "BATCH -c",
     "@batch=a PING 1", "@batch=b PING 2", "@batch=c PING 3", "PING 4"])))  # fmt: skip
def test_whatever_order_a_server_chooses_nothing_is_taken_up_twice(lines: list[str]) -> None:
    def messages(item: Message | Batch) -> list[int]:
        return [id(item)] if isinstance(item, Message) else [
            each for inner in item.items for each in messages(inner)]  # fmt: skip

    taken = [each for item in fed(Batches(), *lines) for each in messages(item)]
    assert len(taken) == len(set(taken)) <= sum("PING" in line for line in lines)


def test_a_replay_on_a_server_without_history_is_shown_once() -> None:
    peer = Peer("server-time batch")
    peer.enter()
    replay = "@time=2026-01-01T00:00:01.000Z :bob!u@h PRIVMSG #c :hi"
    peer.receive(replay)
    peer.session.disconnected(peer.now)
    peer.register()
    peer.join()
    peer.receive(":s BATCH +r chathistory #c", f"@batch=r;{replay[1:]}", ":s BATCH -r")
    assert peer.said() == [("bob", "hi", "received")]


def test_a_multiline_message_goes_and_comes_as_one() -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "one\ntwo")
    assert peer.sent() == [
        "@+hubbub/nonce=n1;label=n1 BATCH +mn1 draft/multiline #c",
        "@batch=mn1 PRIVMSG #c :one",
        "@batch=mn1 PRIVMSG #c :two",
        "BATCH -mn1",
    ]
    peer.receive(
        "@label=n1;msgid=x;+hubbub/nonce=n1 :ann!u@h BATCH +e draft/multiline #c",
        "@batch=e :ann!u@h PRIVMSG #c :one",
        "@batch=e :ann!u@h PRIVMSG #c :tw",
        "@batch=e;draft/multiline-concat :ann!u@h PRIVMSG #c :o",
        ":ann!u@h BATCH -e",
    )
    assert peer.said() == [("ann", "one\ntwo", "confirmed")]
