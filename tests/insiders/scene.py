"""The scene in which everybody who is in tries every command: who is here, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.world.accounts import code_digest
from hubbub.irc.message import Message
from hubbub.irc.numerics import ERRORS
from tests.core.world_harness import POLICY, Client, Harness, code, shown

WHO: Final = {
    "G": ("gus", "a guest, in no channel"),
    "M": ("mem", "a member of #c, logged in"),
    "O": ("opa", "an operator of #c by its access list"),
    "F": ("fay", "the founder of #c"),
    "H": ("hal", "a server operator of class helper, in no channel"),
    "D": ("mod", "the same, of class moderator"),
    "A": ("adm", "the same, of class admin"),
    "W": ("owl", "the same, of class owner"),
    "P": ("pip", "a bot with a token for post:#c"),
    "R": ("rob", "a bot with a token for read:#c"),
    "T": ("thi", "a thief with a stolen app token for everything of mem's account, not in #c"),
    "B": ("bea", "logged in, and banned from #c"),
}
"""Who tries, by the letter of the column: the nick, and what that is."""
_CLASSES: Final = {"hal": "helper", "mod": "moderator", "adm": "admin", "owl": "owner"}
_SCOPES: Final = {"P": "post:#c", "R": "read:#c"}
CAPS: Final = (
    "message-tags",
    "batch",
    "draft/multiline",
    "draft/chathistory",
    "draft/message-redaction",
    "hubbub/message-edit",
    "draft/read-marker",
    "draft/relaymsg",
)


@dataclass
class Scene:
    """Hold a World with everybody in it."""

    harness: Harness
    actor: Client
    msgid: str
    own: str


@dataclass(frozen=True)
class Outcome:
    """Hold what a command came to: what was told, what it asked to be kept, what went on record."""

    told: tuple[str, ...]
    records: tuple[str, ...]
    acts: tuple[OperatorActed, ...]
    requests: tuple[str, ...]
    closed: bool

    @property
    def cell(self) -> str:
        """Return it as a cell of the table: `+` or what was refused; `!` where it is on record."""
        mark = "!" * bool(self.acts)
        for line in self.told:
            words = line.split()
            if words[0] in ERRORS:
                return words[0] + mark
            if words[0] == "FAIL":
                return words[2] + mark
        if self.closed:
            return "closed" + mark
        return ("+" if self.told or self.records or self.requests else ".") + mark


def scene(who: str, operator_class: str | None = None) -> Scene:
    """Return the World with one who tries; an operator has another class where one is given."""
    operators = {"root": OperBlock("hash:secret", "admin")}
    harness = Harness(replace(POLICY, operators=operators))
    fay, opa, tom = (harness.connect_as(nick, nick, *CAPS) for nick in ("fay", "opa", "tom"))
    for line in ("JOIN #c", "CHANNEL REGISTER #c", "CHANNEL ACCESS #c opa operator", "JOIN #f"):
        fay.send(line)
    for client in (opa, tom):
        client.send("JOIN #c")
    sue = harness.connect_as("sue", "sue")
    for line in ("JOIN #s", "MODE #s +s", "CHANNEL REGISTER #s", "MODE sue +i", "JOIN #k"):
        sue.send(line)
    sue.send("MODE #k +ik key")
    for name in ("bea", "mem", "zed", "own"):
        harness.account(name)
    harness.account("boss").operator = harness.account("own").operator = "owner"
    fay.send("MODE #c +b a:bea")
    tom.send("PRIVMSG #c :hello")
    msgid = harness.entries[-1].msgid
    owner = harness.connect_as("own", "own")
    for line in ("INVITECODE ADD 3", "OWNERCODE", "KLINE old!*@*", "DLINE 198.51.100.1"):
        owner.send(line)
    harness.connect("gil", *CAPS)
    actor = _enter(harness, who, operator_class)
    if who not in ("P", "R", "T"):
        # Who came in by a password has proved the account just now; a token proves nothing.
        actor.session.proved_at = actor.session.code_at = harness.time // 1_000_000
    for client in harness.clients.values():
        client.take(), client.taken_requests()
    return Scene(harness, actor, msgid, _own(harness, actor) or msgid)


def _enter(harness: Harness, who: str, operator_class: str | None) -> Client:
    nick = WHO[who][0]
    if who == "G":
        return harness.connect(nick, *CAPS)
    if who in ("F", "O"):
        return next(one for one in harness.clients.values() if one.user.nick == nick)
    account = harness.account("mem" if who == "T" else nick)
    account.operator = _CLASSES.get(nick, "") if operator_class is None else operator_class
    client = harness.open(CAPS)
    client.session.account, client.session.credential = account.name, ("password", "")
    if who in ("P", "R", "T"):
        client.session.credential = ("token", "x")
        client.session.scope = _SCOPES.get(who)
    client.send(f"NICK {nick}")
    client.send(f"USER {nick} 0 * :{nick}")
    if who in ("M", "P", "R"):
        client.send("JOIN #c")
    return client


def _own(harness: Harness, actor: Client) -> str:
    channel = harness.world.channels["#c"]
    if actor.user not in channel.members:
        return ""
    before = len(harness.entries)
    actor.send("PRIVMSG #c :mine")
    return harness.entries[-1].msgid if len(harness.entries) > before else ""


def attempt(who: str, lines: str, operator_class: str | None = None) -> Outcome:
    """Return what comes of it when somebody sends lines, with ` ; ` between them."""
    held = scene(who, operator_class)
    harness, actor = held.harness, held.actor
    told: list[Message] = []
    *first, last = lines.split(" ; ")
    for line in first if not last.startswith("BATCH") else ():
        actor.send(line)
    before = len(harness.entries)
    for line in [last] if not last.startswith("BATCH") else [*first, last]:
        # The first code that was drawn is the invite's, the second one the owner's.
        filled = line.replace("{msgid}", held.msgid).replace("{own}", held.own)
        if line.startswith("INVITECODE"):
            # Operators name a code by the first letters of its digest.
            filled = filled.replace("{invite}", code_digest(code(0))[:12])
            filled = filled.replace("{ownercode}", code_digest(code(1))[:12])
        filled = filled.replace("{invite}", code(0)).replace("{ownercode}", code(1))
        told += actor.send(filled)
    kept: list[AnyRecord] = [
        entry.record for entry in harness.entries[before:] if entry.seq not in harness.refused
    ]
    acts = tuple(record for record in kept if isinstance(record, OperatorActed))
    others = tuple(repr(record) for record in kept if not isinstance(record, OperatorActed))
    requests = tuple(type(one).__name__ for one in actor.taken_requests())
    lines_told = tuple(shown(told))
    return Outcome(lines_told, others, acts, requests, bool(actor.closed))
