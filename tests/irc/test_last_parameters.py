"""Where the last parameter has its colon: one decision for each message, as others send it."""

from __future__ import annotations

import pytest

from hubbub.irc import numerics
from hubbub.irc.message import Message, parse
from hubbub.irc.numerics import Numeric

DATA = {
    "004": "RFC 2812: the letters of modes",
    "212": "STATS m: a count",
    "221": "modes",
    "243": "STATS o: a class",
    "271": "a mask",
    "324": "modes and their parameters",
    "329": "a time",
    "333": "who, and a time",
    "336": "a channel",
    "338": "an address",
    "341": "nick and channel",
    "346": "mask, who, time",
    "348": "mask, who, time",
    "354": "WHOX: the fields that were asked for",
    "367": "mask, who, time",
}
"""The numerics that end with a word of data, bare as in the RFCs; all others end with text or a
list, and a client that looks for ` :` finds it."""
NUMERICS = sorted({one.code for one in vars(numerics).values() if isinstance(one, Numeric)})

FORMS = [
    # Text and lists: always with a colon.
    ("CAP * ACK :sasl", ("CAP", "*", "ACK", "sasl")),
    ("CAP * LS :sasl", ("CAP", "*", "LS", "sasl")),
    ("CAP * LS * :sasl", ("CAP", "*", "LS", "*", "sasl")),
    ("CAP * NAK :sasl", ("CAP", "*", "NAK", "sasl")),
    ("CAP ann LIST :", ("CAP", "ann", "LIST", "")),
    ("PING :server", ("PING", "server")),
    ("PONG server :token", ("PONG", "server", "token")),
    ("PRIVMSG #c :hello", ("PRIVMSG", "#c", "hello")),
    ("NOTICE ann :hello", ("NOTICE", "ann", "hello")),
    ("TOPIC #c :new", ("TOPIC", "#c", "new")),
    ("PART #c :bye", ("PART", "#c", "bye")),
    ("QUIT :bye", ("QUIT", "bye")),
    ("KICK #c ann :bye", ("KICK", "#c", "ann", "bye")),
    ("AWAY :lunch", ("AWAY", "lunch")),
    ("SETNAME :Ann", ("SETNAME", "Ann")),
    ("WALLOPS :hello", ("WALLOPS", "hello")),
    ("ERROR :bye", ("ERROR", "bye")),
    ("JOIN #c ann :Ann", ("JOIN", "#c", "ann", "Ann")),
    ("REDACT #c id :oops", ("REDACT", "#c", "id", "oops")),
    ("RENAME #c #d :better", ("RENAME", "#c", "#d", "better")),
    ("METADATA ann key * :value", ("METADATA", "ann", "key", "*", "value")),
    ("FAIL * CODE :No", ("FAIL", "*", "CODE", "No")),
    # Names and data: bare.
    ("JOIN #c", ("JOIN", "#c")),
    ("PART #c", ("PART", "#c")),
    ("NICK bob", ("NICK", "bob")),
    ("INVITE bob #c", ("INVITE", "bob", "#c")),
    ("MODE #c +o bob", ("MODE", "#c", "+o", "bob")),
    ("ACCOUNT ann", ("ACCOUNT", "ann")),
    ("AUTHENTICATE +", ("AUTHENTICATE", "+")),
    ("BATCH -1", ("BATCH", "-1")),
    ("AWAY", ("AWAY",)),
    ("TAGMSG #c", ("TAGMSG", "#c")),
    # What a client sends stays as it is written there.
    ("CAP END", ("CAP", "END")),
    ("CAP LS 302", ("CAP", "LS", "302")),
]


@pytest.mark.parametrize(("line", "words"), FORMS)
def test_each_message_has_its_form(line: str, words: tuple[str, ...]) -> None:
    message = Message(words[0], words[1:])
    assert message.format() == line
    assert parse(line.encode()) == message


@pytest.mark.parametrize("code", NUMERICS)
def test_numerics_end_with_text_unless_they_carry_data_only(code: str) -> None:
    colon = "" if code in DATA else ":"
    assert Message(code, ("ann", "word"), "srv").format() == f":srv {code} ann {colon}word"


def test_no_numeric_with_a_text_is_taken_for_data() -> None:
    told = {one.code for one in vars(numerics).values() if isinstance(one, Numeric) and one.text}
    assert not told & set(DATA)
    assert set(DATA) <= set(NUMERICS)
