"""Words of services, and the commands that they stand for."""

from __future__ import annotations

from hubbub.core import dispatch
from hubbub.core.commands.services.aliases import Face, Word, after, unchanged
from hubbub.irc.message import Message
from tests.core.world_harness import Harness


def test_every_word_stands_for_a_command_that_there_is() -> None:
    for words in dispatch.SERVICES.words.values():
        for name, word in words.items():
            assert name == name.upper()
            assert word.command is dispatch.COMMANDS[word.face.command]


def word(face: Face) -> Word:
    return Word(face, dispatch.COMMANDS[face.command])


def test_a_word_without_a_purpose_of_its_own_is_explained_as_its_command() -> None:
    command, plain = dispatch.COMMANDS["GHOST"], word(Face("AWAY-WITH", "GHOST"))
    assert plain.usage == f"AWAY-WITH {command.syntax}"
    assert plain.purpose == command.summary
    assert word(Face("AWAY-WITH", "GHOST", syntax="somebody")).usage == "AWAY-WITH somebody"


def test_a_word_with_a_purpose_of_its_own_takes_no_more_than_it_says() -> None:
    mine = word(Face("OUT", "GHOST", summary="send away"))
    assert (mine.usage, mine.purpose) == ("OUT", "send away")
    taking = word(Face("OUT", "GHOST", syntax="nick", summary="send away"))
    assert taking.usage == "OUT nick"


def test_words_go_on_unchanged_or_behind_others(harness: Harness) -> None:
    ctx = harness.connect("ann").command_context(Message(""))
    assert list(unchanged(ctx, ["a", "b"])) == ["a", "b"]
    assert list(after("SURE", "DROP")(ctx, ["a", "b"])) == ["SURE", "DROP", "a", "b"]


def test_a_word_that_takes_a_privilege_is_for_those_who_have_it(harness: Harness) -> None:
    guest, root = harness.connect("guest"), harness.connect("root")
    root.send("OPER root secret")
    for face, everybody in ((Face("LIST", "ACCOUNT"), False), (Face("GHOST", "GHOST"), True)):
        assert word(face).is_for(guest.command_context(Message(""))) == everybody
        assert word(face).is_for(root.command_context(Message("")))
