"""Whoever negotiated a capability gets from a real hub what it brings, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin
from hubbub.core.records.entries import Body, Draft
from hubbub.irc.capabilities import CAPABILITIES
from hubbub.irc.message import Message
from hubbub.node.limits.bounds import Bounds
from tests.node.node_harness import Guest, Node

POLICY: Final = Policy(flood=None, replay=0, operators={"root": OperBlock("hash:secret")})
BOB_HAS: Final = (
    "echo-message",
    "message-tags",
    "batch",
    "draft/multiline",
    "draft/message-redaction",
    "hubbub/message-edit",
)

Seen = Callable[[Message], bool]


@dataclass(frozen=True)
class Scene:
    """Say what happens, and how ann sees it: `seen` finds it among all that she is sent.

    Each step is a line after the name of who sends it. Before, ann and bob are in #c, where ann is
    operator, and cat in #open, which lets those outside speak. `needs` are capabilities without
    which the one in question has nothing to say; `account` is ann's.
    """

    seen: Seen
    steps: Sequence[str]
    needs: Sequence[str] = ()
    account: str = ""


def told(command: str, *params: str) -> Seen:
    """See a message with this command and, among others, these parameters."""
    return lambda message: message.command == command and set(params) <= set(message.params)


def tagged(tag: str, command: str = "PRIVMSG") -> Seen:
    """See a message with this command and tag."""
    return lambda message: message.command == command and tag in message.tags


SAYS: Final = "bob PRIVMSG #c :hello"
LOGS_IN: Final = "bob NS IDENTIFY robert secret"
APART: Final = ("ann MONITOR + bob", "bob PART #c")
LATER: Final = "timestamp=2100-01-01T00:00:00.000Z"
SETS_URL: Final = ("ann METADATA * SUB url", "bob METADATA * SET url :x")
LINES: Final = ("+1 draft/multiline #c", "@batch=1 PRIVMSG #c :one", "@batch=1 PRIVMSG #c :two")

SCENES: Final[Mapping[str, Sequence[Scene]]] = {
    "message-tags": (
        Scene(tagged("msgid"), [SAYS]),
        Scene(tagged("+x", "TAGMSG"), ["bob @+x=1 TAGMSG #c"]),
        Scene(tagged("+x", "TAGMSG"), ["bob @+x=1 TAGMSG ann"]),
        Scene(tagged("+typing", "TAGMSG"), ["bob @+typing=active TAGMSG #c"]),
    ),
    "server-time": (Scene(tagged("time"), [SAYS]),),
    "echo-message": (
        Scene(told("PRIVMSG", "#c"), ["ann PRIVMSG #c :hello"]),
        Scene(told("PRIVMSG", "#open"), ["ann PRIVMSG #open :from outside"]),
        Scene(told("PRIVMSG", "bob"), ["ann PRIVMSG bob :hello"]),
    ),
    "batch": (Scene(told("BATCH", "chathistory"), [SAYS, "ann CHATHISTORY LATEST #c * 9"]),),
    "labeled-response": (Scene(tagged("label", "PONG"), ["ann @label=x PING y"]),),
    "multi-prefix": (
        Scene(lambda m: "@+ann" in m.params[-1], ["ann MODE #c +v ann", "ann NAMES #c"]),
    ),
    "userhost-in-names": (Scene(lambda m: "@ann!ann@" in m.params[-1], ["ann NAMES #c"]),),
    "away-notify": (
        Scene(told("AWAY", "tea"), ["bob AWAY :tea"]),
        Scene(told("AWAY", "tea"), ["bob PART #c", "bob AWAY :tea", "bob JOIN #c"]),
    ),
    "invite-notify": (Scene(told("INVITE", "cat"), ["bob INVITE cat #c"]),),
    "extended-monitor": (
        Scene(told("AWAY"), [*APART, "bob AWAY :tea"], ["away-notify"]),
        Scene(told("AWAY"), [*APART, "bob AWAY *"], ["away-notify"]),
        Scene(told("SETNAME"), [*APART, "bob SETNAME :Robert"], ["setname"]),
        Scene(told("ACCOUNT"), [*APART, LOGS_IN], ["account-notify"]),
    ),
    "setname": (Scene(told("SETNAME", "Robert"), ["bob SETNAME :Robert"]),),
    "cap-notify": (Scene(told("CAP", "NEW"), ["settings change"]),),
    "no-implicit-names": (Scene(told("353", "#d"), ["ann JOIN #d"]),),
    "account-notify": (
        Scene(told("ACCOUNT", "robert"), [LOGS_IN]),
        Scene(told("ACCOUNT", "*"), [LOGS_IN, "bob NS LOGOUT"]),
        Scene(told("ACCOUNT", "robert"), ["ann NS IDENTIFY robert secret"]),
    ),
    "account-tag": (Scene(tagged("account"), [LOGS_IN, SAYS]),),
    "extended-join": (
        Scene(lambda m: m.command == "JOIN" and len(m.params) == 3, ["bob PART #c", "bob JOIN #c"]),
    ),
    "draft/persistence": (Scene(told("PERSISTENCE", "STATUS"), [], account="robert"),),
    "draft/channel-rename": (
        Scene(told("RENAME", "#d"), ["ann RENAME #c #d"]),
        Scene(told("RENAME", "#C"), ["ann RENAME #c #C"]),
    ),
    "draft/relaymsg": (
        Scene(tagged("draft/relaymsg"), ["ann MODE #c +o bob", "bob RELAYMSG #c zed/other :hello"]),
    ),
    "draft/event-playback": (
        Scene(
            lambda m: m.command == "JOIN" and "batch" in m.tags, ["ann CHATHISTORY LATEST #c * 9"]
        ),
    ),
    "draft/multiline": (
        Scene(
            told("BATCH", "draft/multiline"),
            [f"bob BATCH {LINES[0]}", f"bob {LINES[1]}", f"bob {LINES[2]}", "bob BATCH -1"],
        ),
    ),
    "draft/message-redaction": (
        Scene(told("REDACT", "#c"), ["bob PRIVMSG #c :oops", "bob REDACT #c MSGID"]),
        Scene(told("REDACT", "ann"), ["bob PRIVMSG ann :oops", "bob REDACT ann MSGID"]),
    ),
    "draft/metadata-2": (Scene(told("METADATA", "bob", "url"), SETS_URL),),
    "draft/metadata-3": (Scene(told("761", "bob", "url"), SETS_URL),),
    "draft/read-marker": (Scene(told("MARKREAD", "#d"), ["ann JOIN #d"]),),
    "hubbub/message-edit": (
        Scene(
            told("EDITMSG", "#c", "oops"), ["bob PRIVMSG #c :oosp", "bob EDITMSG #c MSGID :oops"]
        ),
        Scene(told("EDITMSG", "ann"), ["bob PRIVMSG ann :oosp", "bob EDITMSG ann MSGID :oops"]),
        Scene(
            tagged("hubbub/edited"),
            ["bob PRIVMSG #c :oosp", "bob EDITMSG #c MSGID :oops", "ann CHATHISTORY LATEST #c * 9"],
            ["message-tags"],
        ),
    ),
    "hubbub/catch-up": (
        Scene(told("CATCHUP", "#c"), [SAYS, f"ann MARKREAD #c {LATER}"], account="robert"),
        Scene(tagged("hubbub/mentions"), ["bob PRIVMSG #c :robert!"], ["message-tags"], "robert"),
    ),
    "draft/extended-isupport": (Scene(told("BATCH", "draft/isupport"), ["ann ISUPPORT"]),),
    "draft/whoami": (Scene(told("SETNAME"), []),),
    "draft/oper-tag": (Scene(tagged("draft/oper"), ["bob OPER root secret", SAYS]),),
}
"""What each capability brings, in every way in which it comes."""
INVERSE: Final = {"no-implicit-names"}
"""Who negotiated these is sent less."""
NEEDS: Final = {
    "labeled-response": ("batch", "message-tags"),
    "draft/event-playback": ("batch",),
    "draft/multiline": ("batch",),
    "draft/extended-isupport": ("batch",),
}
"""What these cannot do without."""
BRINGS_NOTHING: Final = {
    "chghost": "nobody's user name or host changes here",
    "standard-replies": "FAIL goes to everybody: there is no other answer",
    "sasl": "allows AUTHENTICATE",
    "draft/account-registration": "allows REGISTER and VERIFY",
    "draft/pre-away": "allows AWAY before registration",
    "draft/chathistory": "says that one asks, so that nothing is replayed",
    "soju.im/search": "allows SEARCH, whose answer is the same without",
    "hubbub/quiet": "makes one hear less: tests/node/test_quiet.py",
    "sts": "cannot be negotiated",
}


def test_each_capability_has_its_row() -> None:
    assert SCENES.keys().isdisjoint(BRINGS_NOTHING)
    assert SCENES.keys() | BRINGS_NOTHING.keys() == CAPABILITIES.keys()


@pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name, scenes in SCENES.items() for n in range(len(scenes))]
)
async def test_who_has_it_gets_what_it_brings(name: str, number: int) -> None:
    scene = SCENES[name][number]
    needs = (*NEEDS.get(name, ()), *scene.needs)
    having, lacking = await _play(scene, (*needs, name)), await _play(scene, needs)
    if name in INVERSE:
        having, lacking = lacking, having
    assert any(map(scene.seen, having)), having
    assert not any(map(scene.seen, lacking)), lacking


async def _play(scene: Scene, caps: Sequence[str]) -> list[Message]:
    """Return all that ann is sent."""
    node = Node(POLICY)
    origin = Origin(node.session(0), 0)
    robert = AccountRegistered(origin, "robert", by="test", histories=("$robert",))
    node.journal.append(Draft(robert, Body("hash:secret")))
    await node.quiet()
    people = {"ann": Guest(node), "bob": Guest(node), "cat": Guest(node)}
    people["ann"].connection.session.account = scene.account
    for nick, has in (("ann", caps), ("bob", BOB_HAS), ("cat", ())):
        people[nick].give(f"CAP REQ :{' '.join(has)}", f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        people[nick].give("CAP END", "JOIN #c" if nick != "cat" else "JOIN #open")
        await node.quiet()
    people["ann"].give("MODE #c +h bob")
    people["cat"].give("MODE #open -n")
    await node.quiet()
    msgid = ""
    for step in scene.steps:
        who, _, line = step.partition(" ")
        if who == "settings":
            node.hub.sessions.adopt(replace(POLICY, scram=not POLICY.scram), Bounds())
            continue
        heard = await people[who].ask(line.replace("MSGID", msgid))
        while people[who].connection.checking:
            await node.passwords.done.get()
            await node.quiet()
        if who == "bob":
            msgid = ([msgid] + [m.tags["msgid"] for m in heard if "msgid" in m.tags])[-1]
        else:
            people[who].stream.sent[:0] = [m.encode() for m in heard]
    await node.quiet()
    node.passwords.stop()
    return people["ann"].read()
