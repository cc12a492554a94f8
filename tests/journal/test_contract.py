"""What every journal and archive does, whatever it keeps its records in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ParamSpec

from msgspec import structs

from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import SaidInAbsence
from hubbub.journal.names import histories_of
from hubbub.journal.questions import Newest, Page, Position
from tests.journal.conftest import Implementation
from tests.journal.keeper import EVERYTHING, credential, joined, kept, renamed, said, texts

P = ParamSpec("P")


def in_loop(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)

        asyncio.run(main())

    return run


@in_loop
async def test_what_is_appended_comes_back_in_order_and_named(
    implementation: Implementation,
) -> None:
    drafts = [said(str(number), "#a") for number in range(2_500)]
    async with implementation.open() as opened:
        entries = await opened.keeper.keep(*drafts)
        assert [entry.record for entry in entries] == [draft.record for draft in drafts]
        assert texts(entries) == [str(number) for number in range(2_500)]
        seqs = [entry.seq for entry in entries]
        assert seqs == sorted(set(seqs))
        assert min(seqs) > 0
        assert len({entry.msgid for entry in entries}) == 2_500
        assert [opened.archive.position(entry.msgid) for entry in entries] == seqs
        assert opened.archive.position("A" * 22) is None


@in_loop
async def test_it_goes_on_after_the_last_when_opened_again(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        assert opened.last_seq == 0
        before = await opened.keeper.keep(said("one", "#a"), kept("#x"), said("two", "#a"))
    implementation.clock.now -= 3_600_000_000
    async with implementation.open() as opened:
        assert opened.last_seq == before[-1].seq
        (after,) = await opened.keeper.keep(said("three", "#a"))
        assert after.seq > before[-1].seq
        assert after.time // 1000 > before[-1].time // 1000
        assert after.msgid not in {entry.msgid for entry in before}
        page = await opened.archive.page(Page("#a", 10, EVERYTHING))
        assert texts(page) == ["one", "two", "three"]
        assert page[0] == before[0]


@in_loop
async def test_a_start_reads_what_changes_the_world_and_the_end(
    implementation: Implementation,
) -> None:
    async with implementation.open() as opened:
        entries = await opened.keeper.keep(
            kept("#a"), said("a", "#a"), joined("#a", "#a"), renamed("bob"), said("b")
        )
    async with implementation.open() as opened:
        assert opened.snapshot is None
        assert [entry.seq for entry in opened.state] == [entry.seq for entry in entries]
        changing = [entry for entry in opened.state if entry.record.changes_world]
        assert changing == [entries[0], entries[2], entries[3]]


@in_loop
async def test_a_snapshot_shortens_the_start(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        first, second, third = await opened.keeper.keep(kept("#a"), kept("#b"), kept("#c"))
        for entry in (first, second):
            opened.keeper.journal.save_snapshot(entry.seq, f"world {entry.seq}".encode())
    async with implementation.open() as opened:
        assert opened.snapshot == f"world {second.seq}".encode()
        assert opened.state == [third]


@in_loop
async def test_the_refused_cannot_be_read(implementation: Implementation) -> None:
    page = Page("#a", 10, EVERYTHING, events=True)
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        entries = await keeper.keep(
            said("good", "#a"), said("bad", "#a"), joined("#a", "#a"), joined("#a", "#a", "#b")
        )
        refused = [entries[1].seq, entries[2].seq]
        for seq in refused:
            keeper.journal.refuse(seq)
        at_once = await archive.page(page)
        assert at_once == [entries[0], entries[3]]
        await keeper.keep(kept("#x"))
        assert await archive.page(page) == at_once
        assert await archive.entries([entry.seq for entry in entries]) == at_once
        newest = await archive.latest(["#a"], 0, EVERYTHING, 5, EVERYTHING)
        assert newest == [("#a", entries[0].time, entries[0].seq)]
    async with implementation.open() as opened:
        assert await opened.archive.page(page) == at_once
        assert [type(entry.record) for entry in opened.state if entry.seq in refused] == []
        assert entries[3] in opened.state


@in_loop
async def test_the_erased_cannot_be_read(implementation: Implementation) -> None:
    page = Page("#a", 10, EVERYTHING, events=True)
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        entries = await keeper.keep(*[said(text, "#a", "#b") for text in ("one", "two", "three")])
        keeper.journal.erase([entries[2].seq, entries[0].seq])
        for _ in range(2):
            assert await archive.page(page) == [entries[1]]
            assert await archive.entries([entry.seq for entry in entries]) == [entries[1]]
            newest = await archive.latest(["#a", "#b"], 0, EVERYTHING, 5, EVERYTHING)
            place = (entries[1].time, entries[1].seq)
            assert newest == [("#a", *place), ("#b", *place)]
            await keeper.keep(kept("#x"))
        keeper.journal.erase([entries[0].seq, EVERYTHING])
    async with implementation.open() as opened:
        assert await opened.archive.page(page) == [entries[1]]
        assert await opened.archive.entries([entry.seq for entry in entries]) == [entries[1]]


@in_loop
async def test_a_seq_has_its_place_in_each_history_whatever_became_of_its_entry(
    implementation: Implementation,
) -> None:
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        # One history is minutes ahead of the clock, the other is not.
        await keeper.keep(*[said("x", "#busy") for _ in range(3_000)])
        drafts = [said(f"{n}", "#busy" if n % 3 else "#a") for n in range(30)]
        entries = await keeper.keep(*drafts, joined("#a", "#a"), kept("#x"), said("30", "#a"))
        keeper.journal.erase([entries[at].seq for at in (9, 12, 13)])
        await keeper.keep(kept("#y"))
        for history in ("#a", "#busy"):
            here = Page(history, 4_000, EVERYTHING, events=True)
            everything = [entry.seq for entry in await archive.page(here)]
            for entry in entries:
                place = await archive.place(history, entry.seq)
                for latest in (False, True):
                    after = replace(here, after=place, latest=latest)
                    found = [one.seq for one in await archive.page(after)]
                    assert found == [seq for seq in everything if seq > entry.seq]
                    before = replace(here, before=place, latest=latest)
                    found = [one.seq for one in await archive.page(before)]
                    assert found == [seq for seq in everything if seq < entry.seq]
        assert await archive.place("#a", 0) is None


@in_loop
async def test_what_is_kept_for_an_account_stays_until_it_is_erased(
    implementation: Implementation,
) -> None:
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        secrets = await keeper.keep(credential("hash", "$ann"), credential("token", "$ann"))
        await keeper.keep(kept("#a"), kept("#b"), kept("#c"))
        for entry in keeper.entries[-2:]:
            keeper.journal.save_snapshot(entry.seq, b"world")
        await keeper.keep(kept("#d"))
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        seqs = [entry.seq for entry in secrets]
        assert await archive.entries(seqs) == secrets
        keeper.journal.erase(seqs[:1])
        for _ in range(2):
            found = await archive.entries(seqs)
            assert texts(found) == ["token"]
            assert [entry.record for entry in found] == [entry.record for entry in secrets]
            await keeper.keep(kept("#e"))
    async with implementation.open() as opened:
        assert texts(await opened.archive.entries(seqs)) == ["token"]


@in_loop
async def test_a_forgotten_history_cannot_be_read(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        await keeper.keep(*[said(str(number), "#a") for number in range(2_200)])
        await keeper.keep(said("to both", "#a", "#b"))
        keeper.journal.forget("#a")
        assert await archive.page(Page("#a", 10, EVERYTHING)) == []
        assert await archive.latest(["#a"], 0, EVERYTHING, 5, EVERYTHING) == []
        await keeper.keep(said("afterwards", "#a"))
        assert texts(await archive.page(Page("#a", 10, EVERYTHING))) == ["afterwards"]
        assert texts(await archive.page(Page("#b", 10, EVERYTHING))) == ["to both"]
    async with implementation.open() as opened:
        page = await opened.archive.page(Page("#a", 10, EVERYTHING))
        assert texts(page) == ["afterwards"]
        assert texts(await opened.archive.entries(range(1, 11))) == []


@in_loop
async def test_a_history_is_forgotten_up_to_a_seq(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        keeper = opened.keeper
        entries = await keeper.keep(*[said(str(number), "#a") for number in range(4)])
        for place in (1, 0):
            keeper.journal.forget("#a", entries[place].seq)
        for _ in range(2):
            assert await opened.archive.page(Page("#a", 9, EVERYTHING)) == entries[2:]
            await keeper.keep(kept("#x"))
    async with implementation.open() as opened:
        assert await opened.archive.page(Page("#a", 9, EVERYTHING)) == entries[2:]


@in_loop
async def test_a_prefix_forgets_all_that_begin_so(implementation: Implementation) -> None:
    names = ("@ann/bob", "@ann/carl", "@anna/bob", "@am/bob")
    async with implementation.open() as opened:
        await opened.keeper.keep(*[said(name, name) for name in names])
        opened.keeper.journal.forget("@ann/*")
        for _ in range(2):
            left = [
                text
                for name in names
                for text in texts(await opened.archive.page(Page(name, 5, EVERYTHING)))
            ]
            assert left == ["@anna/bob", "@am/bob"]
            await opened.keeper.keep(kept("#x"))


@in_loop
async def test_a_star_in_a_channels_name_is_no_prefix(implementation: Implementation) -> None:
    names = ("#*", "#a", "#abcd/*", "#abcd/e", "#abcdef")
    async with implementation.open() as opened:
        await opened.keeper.keep(*[said(name, name) for name in names])
        newest = await opened.archive.latest(["#*"], 0, EVERYTHING, 10, EVERYTHING)
        assert [one.history for one in newest] == ["#*"]
        for forgotten in ("#*", "#abcd/*", "@abcd/*", "@ab/*"):
            opened.keeper.journal.forget(forgotten)
        for _ in range(2):
            left = [
                text
                for name in names
                for text in texts(await opened.archive.page(Page(name, 5, EVERYTHING)))
            ]
            assert left == ["#a", "#abcd/e", "#abcdef"]
            await opened.keeper.keep(kept("#x"))


@in_loop
async def test_a_record_is_in_all_its_histories(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        drafts = renamed("bob", "#a", "#b", "#c"), said("x", "@a/a", "@a/a")
        entries = await opened.keeper.keep(*drafts)
        for name in ("#a", "#b", "#c"):
            assert await opened.archive.page(Page(name, 5, EVERYTHING)) == []
            page = await opened.archive.page(Page(name, 5, EVERYTHING, events=True))
            assert page == [entries[0]]
        assert await opened.archive.page(Page("@a/a", 5, EVERYTHING)) == [entries[1]]


@in_loop
async def test_a_tagmsg_is_an_event(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        await opened.keeper.keep(
            said("one", "#a", command="NOTICE"), said("", "#a", command="TAGMSG")
        )
        page = await opened.archive.page(Page("#a", 5, EVERYTHING))
        assert [entry.record.__class__.__name__ for entry in page] == ["Said"]
        assert texts(page) == ["one"]
        everything = await opened.archive.page(Page("#a", 5, EVERYTHING, events=True))
        assert texts(everything) == ["one", ""]


@in_loop
async def test_entries_come_in_the_order_asked_for(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        entries = await opened.keeper.keep(*[said(str(n), "#a") for n in range(5)], said("guest"))
        asked = [entries[4].seq, entries[0].seq, EVERYTHING, entries[5].seq, entries[2].seq]
        found = await opened.archive.entries(asked)
        assert texts(found) == ["4", "0", "guest", "2"]
        assert await opened.archive.entries([]) == []


@in_loop
async def test_latest_names_the_newest_of_each(implementation: Implementation) -> None:
    clock = implementation.clock
    async with implementation.open() as opened:
        keeper, archive = opened.keeper, opened.archive
        times, seqs = dict[str, int](), dict[str, int]()
        for name in ("@a/b", "@a/c", "#x", "@b/a", "#x", "@a/c"):
            clock.now += 1_000_000
            (entry,) = await keeper.keep(said("hello", name))
            times[name], seqs[name] = entry.time, entry.seq
        last = entry.seq
        clock.now += 1_000_000
        await keeper.keep(joined("#x", "#x"))
        asked = ["#x", "#none", "@a/*"]
        names = ("@a/b", "#x", "@a/c")
        expected = [Newest(name, times[name], seqs[name]) for name in names]
        assert await archive.latest(asked, 0, EVERYTHING, 10, EVERYTHING) == expected
        assert await archive.latest(asked, 0, EVERYTHING, 2, EVERYTHING) == expected[:2]
        first, second = times["@a/b"], times["@a/c"]
        assert await archive.latest(asked, first, second, 10, EVERYTHING) == expected[1:2]
        earlier = await archive.latest(["@a/c"], 0, EVERYTHING, 10, last - 1)
        assert [one.history for one in earlier] == ["@a/c"]
        assert earlier[0].time < times["@a/c"]


@in_loop
async def test_what_is_beyond_the_newest_is_found(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        for n in range(6):
            await opened.keeper.keep(said(str(n), "#a"), joined("#a", "#a"), said("x", "#b"))
        beyond = [await opened.archive.beyond("#a", count, EVERYTHING) for count in range(8)]
        # Of what is said: 1, 4, 7, 10, 13, 16.
        assert beyond == [16, 13, 10, 7, 4, 1, None, None]
        assert await opened.archive.beyond("#c", 0, EVERYTHING) is None


@in_loop
async def test_what_waits_is_said_and_is_state(implementation: Implementation) -> None:
    """It is read back like any message, and applied again at a start: it is counted."""
    async with implementation.open() as opened:
        waits = SaidInAbsence(*structs.astuple(said("waits", "@a/b", "@b/a").record))
        entries = await opened.keeper.keep(Draft(waits, Body("waits")), said("other", "@a/b"))
        for history in ("@a/b", "@b/a"):
            page = Page(history, 10, EVERYTHING)
            assert (await opened.archive.page(page))[0] == entries[0]
        opened.keeper.journal.erase([entries[0].seq])
        assert await opened.archive.page(Page("@b/a", 10, EVERYTHING)) == []
    async with implementation.open() as opened:
        # Of those that are no state the newest are read again too, as long as there is no snapshot.
        assert opened.state[0].record == entries[0].record


@in_loop
async def test_times_are_told_apart_in_milliseconds_whatever_the_clock_does(
    implementation: Implementation,
) -> None:
    async with implementation.open() as opened:
        entries = []
        for step in (0, -3_600_000_000, 500, 400_000_000, -1):
            implementation.clock.now += step
            entries += await opened.keeper.keep(*[said(str(n), "#a", "#b") for n in range(180)])
        times = [entry.time // 1000 for entry in entries]
        assert times == sorted(set(times))
        # Far ahead of the clock is only that history: others have the time that it is.
        (other,) = await opened.keeper.keep(said("late", "#c"))
        assert other.time == max(entry.clock for entry in entries)
        # Whoever pages by what server-time shows is given each message once.
        paged = []
        after = Position(0)
        while page := await opened.archive.page(
            Page("#a", 70, EVERYTHING, after=after, latest=False)
        ):
            paged += page
            after = Position(page[-1].time // 1000 * 1000)
        assert paged == entries


@in_loop
async def test_a_start_gives_the_times_that_would_have_been(
    implementation: Implementation,
) -> None:
    drafts = [said("x", "#a"), said("x", "#b"), said("x", "#c", "#d"), kept("#x"), said("x", "#a")]
    more = [said("x", "#d"), said("x", "#e"), said("x", "#a")]
    async with implementation.open() as opened:
        await opened.keeper.keep(*drafts)
        times = [entry.time for entry in await opened.keeper.keep(*more)]
    other = type(implementation)(implementation.path.with_name("other"))
    async with other.open() as opened:
        await opened.keeper.keep(*drafts)
    for draft, time in zip(more, times, strict=True):
        async with other.open() as opened:
            (entry,) = await opened.keeper.keep(draft)
            assert entry.time == time


@in_loop
async def test_no_load_makes_two_messages_of_a_history_share_a_millisecond(
    implementation: Implementation,
) -> None:
    """Not a start while the history is far ahead of the clock either, which goes back besides."""
    entries: list[Entry] = []
    for step in (0, 1_000_000, -3_600_000_000, 700):
        implementation.clock.now += step
        async with implementation.open() as opened:
            for number in range(3):
                drafts = [said(str(n), "#a", f"#b{number}") for n in range(1_500)]
                entries += await opened.keeper.keep(*drafts, said("other", "#c"))
    for history in ("#a", "#b0", "#b1", "#b2", "#c"):
        times = [one.time // 1000 for one in entries if history in histories_of(one.record)]
        assert times == sorted(set(times))
    clocks = [entry.clock for entry in entries]
    assert clocks == sorted(clocks)
    assert clocks[-1] - clocks[0] < 2_000_000
    leads = [one.lead for one in entries if "#c" in histories_of(one.record)]
    assert max(leads) < 20_000


@in_loop
async def test_stop_writes_and_hands_back_what_was_taken(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        for number in range(100):
            opened.keeper.journal.append(said(str(number), "#a"))
        assert opened.keeper.journal.waiting == 100
    assert opened.keeper.journal.waiting == 0
    assert texts(opened.keeper.entries) == [str(number) for number in range(100)]
    async with implementation.open() as opened:
        page = await opened.archive.page(Page("#a", 200, EVERYTHING))
        assert len(page) == 100


@in_loop
async def test_since_is_where_rights_begin(implementation: Implementation) -> None:
    async with implementation.open() as opened:
        entries = await opened.keeper.keep(*[said(str(n), "#a") for n in range(5)])
        since = Position(entries[2].time, entries[2].seq)
        page = Page("#a", 10, EVERYTHING, after=Position(0), since=since)
        assert texts(await opened.archive.page(page)) == ["2", "3", "4"]
        page = Page("#a", 10, entries[3].seq, since=Position(entries[2].time + 1))
        assert texts(await opened.archive.page(page)) == ["2", "3"]


@in_loop
async def test_text_of_any_kind_is_kept(implementation: Implementation) -> None:
    strange = "\x00\x02\x1b[31m\"'\\ \u202e \U0001f600 \uffff é\r\n"
    async with implementation.open() as opened:
        (entry,) = await opened.keeper.keep(said(strange, f"#{strange}"))
        assert await opened.archive.entries([entry.seq]) == [entry]
        await opened.keeper.keep(kept(strange))
    async with implementation.open() as opened:
        assert [e.record.patterns for e in opened.state if isinstance(e.record, Kept)] == [
            (strange,)
        ]
