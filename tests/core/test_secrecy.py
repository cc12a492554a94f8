"""A secret channel is as good as none to those outside, whatever they try."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from tests.core.world_harness import Client, Harness

CAPS = (
    "message-tags",
    "echo-message",
    "batch",
    "labeled-response",
    "multi-prefix",
    "away-notify",
    "invite-notify",
    "extended-monitor",
    "setname",
    "draft/chathistory",
    "draft/multiline",
    "hubbub/message-edit",
)
ATTEMPTS = (
    "WHO #secret",
    "WHO #secret o%tcnfo,1",
    "WHO ann",
    "WHO ann %tcuhnfo,1",
    "WHO *",
    "WHO #*",
    "WHOIS ann",
    "WHOIS hub.test ann",
    "WHOWAS ann",
    "LIST",
    "LIST #secret",
    "LIST *",
    "LIST >0",
    "NAMES #secret",
    "NAMES",
    "TOPIC #secret",
    "TOPIC #secret :mine",
    "MODE #secret",
    "MODE #secret b",
    "MODE #secret +e",
    "MODE #secret +o bob",
    "MODE #secret -s",
    "INVITE bob #secret",
    "INVITE ann #secret",
    "INVITE nobody #secret",
    "KICK #secret ann",
    "KICK #secret nobody",
    "PART #secret",
    "PRIVMSG #secret :hello",
    "PRIVMSG @#secret :hello",
    "NOTICE #secret :hello",
    "@+react=x TAGMSG #secret",
    "@+draft/reply=id5;+draft/react=x TAGMSG #secret",
    "@+typing=active TAGMSG #secret",
    "@+typing=active TAGMSG +#secret",
    "BATCH +r draft/multiline #secret\n@batch=r PRIVMSG #secret :hello\nBATCH -r",
    "CHATHISTORY LATEST #secret * 10",
    "CHATHISTORY AROUND #secret msgid=id5 10",
    "SEARCH in=#secret;text=hello",
    "SEARCH text=in:#secret\\shello",
    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9",
    "MONITOR + ann",
    "MONITOR + #secret",
    "USERHOST ann",
    "ISON ann #secret",
    "SILENCE +#secret",
    "LUSERS",
    "STATS u",
    "HELP #secret",
    "HELPOP #secret",
    "CHANNEL INFO #secret",
    "CHANNEL LIST",
    "CHANNEL REGISTER #secret",
    "CHANNEL DROP #secret",
    "CHANNEL OPENPAST #secret SURE",
    "CHANNEL PURGE SURE #secret",
    "CHANNEL TRANSFER #secret bob",
    "CHANNEL ACCESS #secret",
    "CHANNEL ACCESS #secret bob founder",
    "CS INFO #secret",
    "CS AMODE #secret",
    "CS AMODE #secret -v ann",
    "CS OP #secret",
    "CHANSERV AMODE #secret +o bob",
    "PRIVMSG ChanServ :TRANSFER #secret bob",
    "RENAME #secret #mine",
    "RELAYMSG #secret x/y :hello",
    "MODE #open +f #secret",
    "MARKREAD #secret",
    "MARKREAD #secret timestamp=2024-01-01T00:00:00.000Z",
    "CATCHUP",
    "MENTIONS",
    "METADATA #secret GET soju.im/muted",
    "METADATA #secret SET soju.im/pinned 1",
    "METADATA #secret GET key",
    "METADATA #secret LIST",
    "METADATA #secret SET key :value",
    "METADATA #secret CLEAR",
    "METADATA #secret SYNC",
    "TBAN #secret",
    "TBAN #secret 1h x",
    "EDITMSG #secret id5 :other",
    "EDITS #secret id5",
    "REDACT #secret id5",
    "REDACT #secret id99 :why",
)
UNREVEALING = {
    # What names no channel that others are in, and lists none.
    "ACCOUNT",
    "ACCOUNTINFO",
    "ADMIN",
    "AUDIT",
    "AUTHENTICATE",
    "AWAY",
    "CAP",
    "CERT",
    "DEVICES",
    "REAUTH",
    "REVOKE",
    "DLINE",
    "EMAIL",
    "GHOST",
    "IDENTIFY",
    "INFO",
    "INVITECODE",
    "ISUPPORT",
    "KEY",
    "KILL",
    "KLINE",
    "LINKS",
    "LOGOUT",
    "MOTD",
    "NICKSERV",
    "NICK",
    "NS",
    "OPER",
    "OWNERCODE",
    "PASS",
    "PASSWD",
    "PERSISTENCE",
    "PING",
    "PONG",
    "QUIT",
    "REDEEM",
    "REGAIN",
    "REGISTER",
    "RESETPASS",
    "SENDPASS",
    "SETNAME",
    "STATUS",
    "SWITCH",
    "TIME",
    "TOKEN",
    "TOTP",
    "UBAN",
    "UNDLINE",
    "UNKLINE",
    "UNREGISTER",
    "USER",
    "USERS",
    "VERIFY",
    "VERSION",
    # Who tries the right name comes in, or is told what keeps them out.
    "JOIN",
}
"""The commands of which no attempt is made, for they have nothing to tell of a channel."""


def outsider(*steps: str) -> tuple[Client, Client]:
    """Return ann, who did these steps, and bob, who shares another channel with her."""
    harness = Harness()
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob", *CAPS)
    for line in ("JOIN #open", *steps):
        ann.send(line)
    bob.send("JOIN #open")
    bob.taken_requests()
    harness.time = 1_800_000_000_000_000
    return ann, bob


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_answer_is_that_of_no_channel(attempt: str) -> None:
    _, inside = outsider("JOIN #secret", "MODE #secret +s-n", "TOPIC #secret :ours")
    _, without = outsider()
    for line in attempt.split("\n"):
        assert inside.send(line) == without.send(line)
        assert str(inside.taken_requests()) == str(without.taken_requests())


def test_no_command_is_forgotten() -> None:
    attempted = {
        line.split()[line.startswith("@")] for attempt in ATTEMPTS for line in attempt.split("\n")
    }
    # What needs a privilege is answered before it looks at anything.
    public = {name for name, command in COMMANDS.items() if not command.privilege}
    assert attempted | UNREVEALING >= public, "say what a new command tells of a channel"
    assert attempted.isdisjoint(UNREVEALING)
    assert set(COMMANDS) >= UNREVEALING


def test_what_happens_inside_is_not_heard_outside() -> None:
    ann, bob = outsider("JOIN #secret", "MODE #secret +s")
    bob.send("PART #open")
    for line in (
        "PRIVMSG #secret :hello",
        "TOPIC #secret :new",
        "MODE #secret +i",
        "AWAY :gone",
        "SETNAME :Ann Else",
        "NICK anna",
        "PART #secret",
        "QUIT",
    ):
        ann.send(line)
        assert bob.take() == []


def test_a_channel_that_is_not_secret_is_told_apart() -> None:
    _, inside = outsider("JOIN #secret", "MODE #secret -n", "TOPIC #secret :ours")
    _, without = outsider()
    lines = [line for attempt in ATTEMPTS for line in attempt.split("\n")]
    told = [line for line in lines if inside.send(line) != without.send(line)]
    assert len(told) > 20
