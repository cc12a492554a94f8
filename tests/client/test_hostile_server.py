"""Whatever a server says, a session and what draws it go on."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.handlers.replies import HANDLERS
from hubbub.client.preferences import Preferences
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.message import Message
from hubbub.irc.text import is_safe
from tests.client.harness import Peer

COMMANDS = [*sorted(HANDLERS), "BATCH", "301", "311", "317", "322", "401", "403", "421", "999", "X"]
WORDS = st.sampled_from(
    [
        *("ann", "bob", "#c", "#d", "@#c", "*", "+", "-", "+b", "-b", "+h", "-h", "n1", "0", ""),
        *("LS", "ACK", "NAK", "NEW", "DEL", "CHATHISTORY", "PRIVMSG", "9" * 20, "\x01"),
        *("chathistory", "draft/multiline", "\x01ACTION\x01", "-PREFIX", "PREFIX=", "CHANTYPES="),
        *("CASEMAPPING=ascii", "CHATHISTORY=0", "NICKLEN=0", "NICKLEN=1"),
    ]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=5)
TAGS = st.dictionaries(
    st.sampled_from(["time", "msgid", "batch", "label", "+hubbub/nonce"]),
    st.sampled_from(["", "b", "h", "n1", "2026-01-01T00:00:00.000Z", "9999-99-99T00:00:00Z", "x"])
    | st.sampled_from(["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "²Z"]),
    max_size=3,
)
MESSAGES = st.builds(
    Message,
    st.sampled_from(COMMANDS),
    st.lists(WORDS, max_size=6).map(tuple),
    st.none() | st.sampled_from(["ann!u@h", "bob!u@h", "irc.test", "", "!", "bob"]),
    TAGS,
)


@given(st.lists(MESSAGES, max_size=25), st.booleans())
def test_any_message_is_survived_and_drawn_safely(messages: list[Message], lost: bool) -> None:
    peer = Peer()
    peer.enter()
    peer.session.say("#c", "mine")
    peer.sent()
    if lost:
        peer.session.disconnected(peer.now)
        peer.register()
    view = View(Transcript(UTC), peer.session.state.features.fold, Preferences(notices="all"))
    for message in messages:
        for event in peer.session.receive(message, peer.now):
            for line in view.receive(event, peer.now):
                assert all(is_safe(part.text) or "marks" in part.text for part in line)
        for sent in peer.session.take():
            assert sent.encode().count(b"\n") == 1
    peer.session.tick(peer.now + 1000)
    peer.session.disconnected(peer.now)
