"""What is seen knows which lesson explains it."""

from __future__ import annotations

from hubbub.wire.seen import OnLayer, Seen, note


def test_a_lesson_goes_by_layer_and_name_or_by_its_own_key() -> None:
    assert Seen(OnLayer.TLS, "Finished").subject == "tls Finished"
    assert Seen(OnLayer.IRC, "001 RPL_WELCOME", lesson="numeric").subject == "irc numeric"
    assert note("made", "own key", why="so").details == (("why", "so"),)
