"""Nothing secret of a line is shown, whichever way and in whatever spelling it goes."""

from __future__ import annotations

import pytest

from hubbub.core.commands.services.chanserv import CHANSERV
from hubbub.core.commands.services.nickserv import NICKSERV
from hubbub.core.dispatch import COMMANDS
from hubbub.irc.message import parse
from hubbub.wire.decoding import secrets
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
    "MODE #x k hunter2",
    "MODE #x l+k 5 hunter2",
    "MODE #x +k -hunter2",
    "MODE #x +o ann +k +hunter2",
    "PRIVMSG NickServ :hunter2",
    "PRIVMSG NickServ :idetnify hunter2",
    "PRIVMSG NickServ!services@srv :identify hunter2",
    "NS hunter2",
    "SQUERY NickServ :IDENTIFY hunter2",
    "GHOST ann hunter2",
    "PASSS hunter2",
    "VHOST ann hunter2",
    "BOUNCER ADDNETWORK host=x;pass=hunter2",
    "AUTHORIZATION: Basic hunter2",
    "GET /?token=hunter2 HTTP/1.1",
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
    ":srv 696 ann #x k -hunter2 :Invalid key",
    ":srv 324 ann #x k hunter2",
    ":srv EXTJWT #x * hunter2",
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


def test_of_each_command_of_ours_it_is_known_what_is_secret() -> None:
    """A command that is in no table here would be masked whole; a new one needs a place."""
    known = secrets._OPEN | secrets._SERVICE_COMMANDS | set(secrets._HIDING)
    assert set(COMMANDS) - known == set()
    assert secrets._OPEN & set(secrets._HIDING) == set()


def test_of_each_word_of_our_services_it_is_known_what_is_secret() -> None:
    words = {face.word.lower() for face in (*NICKSERV, *CHANSERV)}
    assert words - secrets._VERBS - secrets._SAFE_WORDS == set()
