"""What a command has at hand while it is decided on, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from msgspec import structs

from hubbub.core.access.channels import Refusal
from hubbub.core.policy.policy import Policy
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.base import Origin, Record
from hubbub.core.records.entries import AnyRecord, Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.core.requests import Answer, AnswerMany, Append, Request
from hubbub.core.world.failed_logins import FailedLogins
from hubbub.core.world.service_nicks import is_lookalike, named, source_of
from hubbub.core.world.session import Session
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import numerics
from hubbub.irc.capabilities import BATCH, LABELED_RESPONSE
from hubbub.irc.fitting import fitted, wrap
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from hubbub.irc.numerics import Numeric

T = TypeVar("T")

REST_AFTER: Final = 64
"""After how many that are passed over a long answer rests."""
_ERRORS: Final = "45"
"""The first digits of numerics that say what went wrong."""

Idle = Callable[[User], int | None]
"""Tell how long a user has said nothing; what sessions did last is no part of the World."""

Troubles = Callable[[], Mapping[str, str]]
"""Tell what is wrong with the node and what to do, by subject."""


def _elsewhere(user: User) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what the rules may ask a node that is no part of the World, the same for all commands.

    `idle` gives the seconds since a user last said something, or None where the user's sessions are
    elsewhere; `troubles` what is wrong with the node, by subject, `failed_logins` what was guessed.
    """

    idle: Idle = _elsewhere
    troubles: Troubles = dict
    failed_logins: FailedLogins = field(default_factory=FailedLogins)


NOWHERE: Final = Surroundings()
"""The surroundings of what is decided apart from any node."""
NOTHING: Final[frozenset[tuple[str, str]]] = frozenset()
"""The privileges that were used where none was."""
NO_COMMAND: Final = Message("")
"""The message of a context that no command is decided in."""


class Context:
    """Collect what is decided for a session, in `requests`, in order.

    That is what a command wants done (CommandContext), what follows from an entry, or what a door
    asks for. `command` is the name of the command, or "". `label` is the label that the answer
    carries, or "". `now` is in microseconds since 1970. `node` is asked for what is no part of the
    World. `exercised` are the privileges that it has used (User.exercised), for deciding/audit.py;
    `known` is the seq up to which the World had followed when this was begun. `service` names the
    service that was asked, which answers in words of its own; `secret` is what an answer shows
    once.

    Everybody's messages make one each, so it is made in one call.
    """

    __slots__ = (
        "exercised",
        "known",
        "label",
        "message",
        "node",
        "now",
        "policy",
        "requests",
        "secret",
        "service",
        "session",
        "world",
    )

    def __init__(
        self,
        world: World,
        session: Session,
        policy: Policy,
        now: int,
        node: Surroundings = NOWHERE,
        message: Message = NO_COMMAND,
    ) -> None:
        self.world = world
        self.known = world.applied
        self.session = session
        self.policy = policy
        self.now = now
        self.node = node
        self.message = message
        self.requests: list[Request] = []
        self.service = ""
        self.secret = ""
        tags = message.tags
        self.label = tags.get("label", "") if tags and session.caps & LABELED_RESPONSE else ""
        self.exercised: frozenset[tuple[str, str]] = NOTHING

    @property
    def command(self) -> str:
        """Return the name of the command; what a service is asked for is put in its place."""
        return self.message.command

    @property
    def user(self) -> User:
        """Return who the session is. Only for commands that need registration."""
        user = self.session.user
        assert user is not None, "dispatch admits registered sessions only"
        return user

    @property
    def by(self) -> str:
        """Return as whom an operator acts, for the record: the account, or how OPER was said.

        That has a blank, so that nobody's account is called so.
        """
        if self.session.scope == CONSOLE:
            return CONSOLE
        return self.user.account or f"OPER {self.operator}"

    @property
    def operator(self) -> str:
        """Return the name of the operator who acts in this session, by OPER or by its account."""
        name = self.session.oper_name if self.session.id in self.user.opered else ""
        return name or self.user.account or self.user.operator

    @property
    def origin(self) -> Origin:
        """Return the origin of the records that this command asks for."""
        return Origin(self.session.id, self.session.requests)

    def is_reserved(self, nick: str) -> bool:
        """Say whether a nick is a service's or the server's, or could be taken for it.

        An account that had such a name before keeps it.
        """
        server = self.policy.server
        ours = (server, server.partition(".")[0], self.policy.network)
        held = self.world.reserved_for(nick)
        return named(nick) != "" or (held is None and is_lookalike(nick, *ours))

    def answer(self, message: Message) -> None:
        """Answer with a message that fits a line."""
        self.requests.append(Answer(message))

    def reply(self, numeric: Numeric, *params: str) -> None:
        """Answer with a numeric: these parameters, then the numeric's own text if it has one.

        A service says in its own name what went wrong.
        """
        message = self.numeric(numeric, *params)
        if self.service and numeric.code in numerics.ERRORS:
            self.say(message.params[-1])
        else:
            self.requests.append(Answer(fitted(message)))

    def numeric(self, numeric: Numeric, *params: str) -> Message:
        """Return a numeric reply as a message."""
        text = (numeric.text,) if numeric.text else ()
        params = (self.session.shown_nick, *params, *text)
        return Message(numeric.code, params, self.policy.server)

    def refuse(self, refusal: Refusal | None) -> bool:
        """Answer with a refusal, if there is one, and say whether there was."""
        if refusal is None:
            return False
        numeric, params = refusal
        self.reply(numeric, *params)
        return True

    def send(self, command: str, *params: str, source: str | None = None) -> None:
        """Answer with a message that is no numeric; from the server where no source is given."""
        self.requests.append(Answer(fitted(Message(command, params, source or self.policy.server))))

    def batch(self, kind: tuple[str, ...], messages: Iterable[Message]) -> None:
        """Answer with messages as one batch, made as they are taken; bare without that capability.

        `kind` is the batch's type and its parameters (IRCv3 batch).
        """
        if not self.session.has(BATCH):
            self.requests.append(AnswerMany(iter(messages)))
            return
        reference = f"b{self.session.requests:x}.{len(self.requests):x}"
        self.requests.append(AnswerMany(_batched(reference, kind, messages, self.policy.server)))

    def notice(self, text: str) -> None:
        """Answer with a NOTICE from the server: what no numeric is for."""
        self.send("NOTICE", self.session.shown_nick, text)

    def fail(self, code: str, *context: str, command: str = "") -> None:
        """Answer FAIL; the last of `context` is the description (IRCv3 standard-replies)."""
        if self.service:
            self.say(context[-1])
        else:
            self.send("FAIL", command or self.command, code, *context)

    def tell(self, command: str, *params: str) -> None:
        """Answer that a command was carried out."""
        self.requests.append(Answer(self.telling(command, *params)))

    def telling(self, command: str, *params: str) -> Message:
        """Return what tells that a command was carried out; a service leaves out two words."""
        if self.service:
            return self._saying(": ".join(params[1:]) if len(params) > 1 else params[0])
        return fitted(Message(command, params, self.policy.server))

    def say(self, text: str) -> None:
        """Answer a person, in the name of the service that was asked."""
        self.requests.append(Answer(self._saying(text)))

    def _saying(self, text: str) -> Message:
        source = source_of(self.service, self.policy.server)
        return fitted(Message("NOTICE", (self.session.shown_nick, text), source))

    def append(
        self, record: AnyRecord, body: Body | None = None, acting: User | None = None
    ) -> None:
        """Ask for a record to be kept; `acting` is who seems to act, where that is another."""
        user = acting or self.session.user
        if user is not None and (user.account or user.operator):
            record = signed(record, user)
        self.requests.append(Append(Draft(record, body)))

    def words(
        self, head: Iterable[str], words: Iterable[str], numeric: Numeric, separator: str = " "
    ) -> None:
        """Answer with as many numerics as it takes to list all words, each within a line."""
        params = tuple(head)
        empty = self.numeric(numeric, *params, "").format()
        for line in wrap(words, LINE_BYTES - 2 - len(empty.encode()), separator):
            self.requests.append(Answer(self.numeric(numeric, *params, line)))


class CommandContext(Context):
    """Collect what a command wants done: its `message` is at hand.

    A command that belongs to a batch has no label of its own (IRCv3 labeled-response).
    """

    __slots__ = ()

    def param(self, index: int, default: str = "") -> str:
        """Return a parameter, or the default where it was left out."""
        params = self.message.params
        return params[index] if index < len(params) else default

    def need_more_params(self) -> None:
        """Answer that parameters are missing."""
        self.reply(numerics.ERR_NEEDMOREPARAMS, self.command)


def signed(record: AnyRecord, user: User) -> AnyRecord:
    """Return a record that tells as whom a user did it (IRCv3 account-tag, oper-tag)."""
    changes: dict[str, Any] = {}
    # What is relayed is somebody else's.
    if user.wielded_class and hasattr(record, "by_operator") and not _is_relayed(record):
        changes["by_operator"] = True
    if user.account and hasattr(record, "by_account"):
        changes["by_account"] = user.account
    return structs.replace(record, **changes) if changes else record


def _is_relayed(record: AnyRecord) -> bool:
    return isinstance(record, Said) and bool(record.relayed_by)


def _batched(
    reference: str, kind: tuple[str, ...], messages: Iterable[Message], server: str
) -> Iterator[Message]:
    yield Message("BATCH", (f"+{reference}", *kind), server)
    for message in messages:
        tags = {**message.tags, "batch": reference}
        yield Message(message.command, message.params, message.source, tags)
    yield Message("BATCH", (f"-{reference}",), server)


def sifted(user: User, candidates: Iterable[T], keep: Callable[[T], bool]) -> Iterator[T | None]:
    """Yield what is to be kept, and None for a rest after each so many that are not (AnswerMany).

    What privileges a user has used for one candidate counts for that one (audit.witnessed).
    """
    passed = 0
    for candidate in candidates:
        user.exercised.clear()
        if keep(candidate):
            yield candidate
        else:
            passed += 1
            if passed % REST_AFTER == 0:
                user.exercised.clear()
                yield None


def shown(given: str) -> str:
    """Return what a client sent as it can stand in the middle of a reply, or `*`."""
    return given if given and " " not in given and given[0] != ":" else "*"


Handler = Callable[[CommandContext], None]

SLIGHT: Final = 0.02
"""What a command costs that programs send by themselves: CAP, PING, PONG, QUIT."""
LIGHT: Final = 0.2
"""What one costs that asks or sets something for oneself, and is answered in a few lines."""
FULL: Final = 1.0
"""What one costs that many are told of, whose answer is long, or that tries a secret: a message's.
"""


@dataclass(frozen=True, slots=True)
class Command:
    """Describe a command: who handles it, what it needs, and what HELP says of it.

    `minimum` counts the parameters it cannot do without. `early` admits it before registration,
    `late` after it. `pipelined` lets it be decided on while earlier records of the session are on
    their way; `settles` has it wait for those of all sessions. `cost` is what it takes of the flood
    allowance: 1 for what many are told or what is long to answer, as a message does. `privilege` is
    the one (hubbub.core.policy.privileges) that a server operator needs for it, "" where it is for
    everybody.
    """

    name: str
    handler: Handler
    syntax: str
    summary: str
    minimum: int = 0
    early: bool = False
    late: bool = True
    pipelined: bool = False
    privilege: str = ""
    settles: bool = False
    cost: float = LIGHT


FollowUp = Callable[[Context, Any, Entry], None]
"""Tell the session that asked for an entry what follows from it: context, record, entry."""
FollowUps = dict[type[Record], FollowUp]
