"""Nothing secret of a line is shown, whichever way and in whatever spelling it goes."""

from __future__ import annotations

import pytest

from hubbub.irc.message import parse
from hubbub.wire.decoding.irc_lines import describe_line
from hubbub.wire.seen import MASKED, Way

SENT = [
    "PASS hunter2",
    "pass :hunter2 and more hunter2",
    "@label=1 PASS hunter2",
    "OPER ann hunter2",
    "AUTHENTICATE aHVudGVyMg==hunter2",
    "AUTHENTICATE PLAINhunter2",
    "JOIN #x,#y hunter2,hunter2",
    "MODE #x +k hunter2",
    "MODE #x +o-v+k ann bob hunter2",
    "SAMODE #x +k hunter2",
    "PRIVMSG NickServ :IDENTIFY ann hunter2",
    "PRIVMSG nickserv@services.example :identify hunter2",
    "PRIVMSG bob,NickServ :identify hunter2",
    "NOTICE ChanServ :IDENTIFY #x hunter2",
    "PRIVMSG Q@CServe.quakenet.org :AUTH ann hunter2",
    "PRIVMSG *controlpanel :Set Password ann hunter2",
    "NS IDENTIFY hunter2",
    "NICKSERV :IDENTIFY ann hunter2",
    "IDENTIFY ann hunter2",
    "REGISTER * * hunter2",
    "REGISTER * a@b.c hunter2 hunter2",
    "VERIFY ann hunter2",
    "PASSWD hunter2 hunter2",
    "RESETPASS ann hunter2 hunter2",
    "UNREGISTER ann hunter2",
    "REAUTH :hunter2",
    "REDEEM hunter2",
    "TOTP CONFIRM hunter2",
    "EMAIL SET a@b.c hunter2",
    "KEY PROVE hunter2",
    "ACCOUNT ADD ann hunter2",
    "ACCOUNT PASSWORD ann hunter2",
    "WEBIRC hunter2 gateway host 127.0.0.1",
]
RECEIVED = [
    ":srv TOKEN ADDED phone hunter2",
    ":srv TOTP RECOVERY :hunter2 hunter2",
    ":srv INVITECODE ADDED ABCD hunter2",
    ":srv ACCOUNT RESET ann hunter2",
    ":NickServ!s@s NOTICE ann :Your token: hunter2",
    ":ann!a@b PRIVMSG NickServ :IDENTIFY hunter2",
    ":ann!a@b MODE #x +k hunter2",
    ":srv 324 ann #x +ntk hunter2",
    "AUTHENTICATE hunter2",
]


@pytest.mark.parametrize("line", SENT)
def test_a_client_s_secrets_are_masked(line: str) -> None:
    shown = str(describe_line(parse(line.encode()), Way.SENT, 0).details)
    assert "hunter2" not in shown
    assert MASKED in shown


@pytest.mark.parametrize("line", RECEIVED)
def test_a_server_s_secrets_are_masked(line: str) -> None:
    shown = str(describe_line(parse(line.encode()), Way.RECEIVED, 0).details)
    assert "hunter2" not in shown
    assert MASKED in shown


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ("PRIVMSG #x :hello there", Way.SENT),
        ("AUTHENTICATE SCRAM-SHA-256", Way.SENT),
        ("AUTHENTICATE +", Way.RECEIVED),
        ("JOIN #x", Way.SENT),
        (":ann!a@b JOIN #x ann :Ann Example", Way.RECEIVED),
        ("MODE #x +o ann", Way.SENT),
        ("PRIVMSG NickServ :HELP REGISTER", Way.SENT),
        (":srv NOTICE * :Looking up your host", Way.RECEIVED),
    ],
)
def test_what_is_no_secret_is_shown(line: str, way: Way) -> None:
    message = parse(line.encode())
    assert ("parameters", message.params) in describe_line(message, way, 0).details
