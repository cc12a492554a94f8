"""What is hidden until the database has carried it out."""

from __future__ import annotations

from hubbub.journal.archive.tombstones import Tombstones


def test_the_refused_and_the_erased_are_hidden_until_they_are_stored() -> None:
    hidden = Tombstones()
    hidden.refuse(1)
    hidden.refuse(2)
    hidden.erase([3, 4])
    assert (sorted(hidden.refused()), sorted(hidden.erased())) == ([1, 2], [3, 4])
    hidden.refusals_stored([2])
    hidden.erasures_stored((3,))
    assert (sorted(hidden.refused()), sorted(hidden.erased())) == ([1], [4])


def test_nothing_of_a_history_is_shown_until_it_is_known_how_much_is_meant() -> None:
    hidden = Tombstones()
    assert hidden.first_visible("#a") == 0
    hidden.forget("#a")
    assert hidden.first_visible("#a") is None
    assert hidden.first_visible("#b") == 0
    hidden.forget_upto("#a", 7)
    assert hidden.first_visible("#a") == 8
    hidden.forgotten("#a", 7)
    assert hidden.first_visible("#a") == 0


def test_what_is_forgotten_again_stays_hidden_when_the_first_is_done() -> None:
    hidden = Tombstones()
    hidden.forget_upto("#a", 7)
    hidden.forget("#a")
    hidden.forgotten("#a", 7)
    assert hidden.first_visible("#a") is None


def test_less_takes_nothing_back_of_more() -> None:
    hidden = Tombstones()
    hidden.forget_upto("#a", 7)
    hidden.forget_upto("#a", 5)
    assert hidden.first_visible("#a") == 8


def test_a_prefix_hides_all_that_begin_so_and_a_star_in_a_channel_none() -> None:
    hidden = Tombstones()
    hidden.forget_upto("@ann/*", 7)
    hidden.forget_upto("@ann/bob", 9)
    hidden.forget_upto("#*", 5)
    firsts = [hidden.first_visible(name) for name in ("@ann/eve", "@ann/bob", "@anna/eve", "#x")]
    assert firsts == [8, 10, 0, 0]
    for name, upto in (("@ann/*", 7), ("@ann/bob", 9), ("#*", 5)):
        hidden.forgotten(name, upto)
    assert hidden.first_visible("@ann/bob") == 0
