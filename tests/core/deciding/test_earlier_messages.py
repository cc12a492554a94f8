"""A message that a command names: where it is, whose it is, and who would hear of it now."""

from __future__ import annotations

from hubbub.core.deciding.earlier_messages import history_of, is_own, may_look, recipient
from hubbub.core.records.messages import Said
from hubbub.irc.message import parse_text
from tests.core.world_harness import Client, Harness


def named(harness: Harness, who: Client, target: str) -> tuple[str, str]:
    """Return in which history the newest message is for who names this target, and its name now."""
    entry = harness.entries[-1]
    assert isinstance(entry.record, Said)
    ctx = who.command_context(parse_text(f"REDACT {target} {entry.msgid}"))
    return history_of(ctx, entry, entry.record), recipient(ctx, entry.record)[0]


def test_a_channel_and_a_partner_are_found_by_their_names_of_today(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    ann.send("JOIN #c")
    ann.send("PRIVMSG #c :hello")
    assert named(harness, ann, "#C") == (harness.world.channels["#c"].history, "#c")
    assert named(harness, ann, "#d") == ("", "#d")
    ann.send("PRIVMSG bob :psst")
    said = harness.entries[-1].record
    assert isinstance(said, Said)
    assert is_own(harness.world, ann.user, said)
    assert not is_own(harness.world, bob.user, said)
    assert named(harness, bob, "ann") == ("@a:bob/a:ann", "ann")


def test_only_who_is_in_may_look(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #c")
    for who, may in ((ann, True), (bob, False)):
        assert may_look(who.command_context(parse_text("EDITS #c x"))) is may
    assert not may_look(ann.command_context(parse_text("EDITS #nowhere x")))
