"""What happened to nodes, and by which rules all of them go."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import Origin, Record, SessionId

ORDER: Final = Origin(SessionId(0, 0, 0), 0)
"""Where a record comes from that nobody asked for: it follows from the order itself."""


class NodeStarted(Record, frozen=True, array_like=True, tag="start"):
    """A node began a new epoch: every session of its earlier epochs is over.

    `knows` is the newest version of the rules that its program can follow, and `least` the oldest;
    programs that did not say so knew 6. `program` is its version, as people call it, and `bundle` a
    digest of what the members of a cluster share ("" for one node alone). So is how a member is
    called, and where the others reach it: `route` and `door` as in NodeAdmitted.
    """

    knows: int = 6
    least: int = 6
    program: str = ""
    bundle: str = ""
    name: str = ""
    route: str = ""
    door: str = ""


class NodeStopped(Record, frozen=True, array_like=True, tag="stop"):
    """A node ended in good order: its sessions are over, and nothing more of its epoch counts.

    `told` names those of its sessions, by their numbers, that had not taken all that they were
    told, with the seq up to which they had.
    """

    told: tuple[tuple[int, int], ...] = ()


class NodeLost(Record, frozen=True, array_like=True, tag="lost"):
    """The order went on without a node for too long: the sessions of its epoch are over.

    No node asks for it: every one that hears the order finds it at the same place (ORDER).
    """

    node: int
    epoch: int


class NodeAdmitted(Record, frozen=True, array_like=True, tag="admit"):
    """Another node is to come, under this name: it has the next number that was never given.

    `route` and `door` are where the others reach it: the log's server, and the door for copies.
    """

    name: str
    route: str = ""
    door: str = ""


class NodeDraining(Record, frozen=True, array_like=True, tag="drain"):
    """A node is about to stop, and asks for nothing more that holds for all; or it stays after all.

    Its people are here as before until it stops.
    """

    node: int
    is_draining: bool = True


class NodeLeft(Record, frozen=True, array_like=True, tag="left"):
    """A node has gone for good: its sessions are over, and its number is never given again."""

    node: int


class RulesRaised(Record, frozen=True, array_like=True, tag="rules"):
    """From here on the World goes by these rules, unless a member does not know them."""

    rules: int


class RetentionSet(Record, frozen=True, array_like=True, tag="retain"):
    """The operator has things kept for so long: who is not connected, what operators did.

    And what is said, in each channel and each direct conversation: so many days, so many messages.
    0 is for good, and for any number, in all of them.
    """

    stay_seconds: int
    audit_days: int
    channel_days: int = 0
    channel_messages: int = 0
    direct_days: int = 0
    direct_messages: int = 0


class SettingsSet(Record, frozen=True, array_like=True, tag="settings"):
    """A setting that is a rule has this value for all nodes, as JSON, whatever their files say.

    The name is that of the settings file, as `channels.access_entries`; with the value "" each node
    goes by its file again.
    """

    name: str
    value: str


class Forgotten(Record, frozen=True, array_like=True, tag="forgot"):
    """What stands in a history up to a seq has been kept for long enough."""

    history: str
    upto: int


class ClockSetBack(Record, frozen=True, array_like=True, tag="clock"):
    """The clock had been ahead by so many microseconds, from `since` on; it is `now` really.

    The times of the entries before have been put right in the journal; those that the World holds
    have not. `since` and `now` are in microseconds since 1970, as they are right.
    """

    ahead: int
    since: int
    now: int


NodeRecord = (
    NodeStarted
    | NodeStopped
    | NodeLost
    | NodeAdmitted
    | NodeDraining
    | NodeLeft
    | RulesRaised
    | RetentionSet
    | SettingsSet
    | Forgotten
    | ClockSetBack
)
