"""CLUSTER: what operators say to the nodes of a server, of which there may be several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hubbub.core.apply.nodes import unready
from hubbub.core.deciding import audit
from hubbub.core.deciding.confirming import ask, take_sure
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.shared import value_of
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import NodeLeft, RulesRaised, SettingsSet
from hubbub.core.rules import RULES
from hubbub.core.world.nodes import Node
from hubbub.irc.numbers import number_of

ORDER: Final = "order"
"""What the names of the lines begin with by which a node says how its order does."""
NODE: Final = "node-"
"""What the name of a node's line begins with; its number follows."""
PLACE: Final = "member-"
"""What the name of the line begins with by which STATUS says where a node is, and how far."""
LOOK_AT: Final = "look-at"
_VALUE_CHARACTERS: Final = 256


def cluster(ctx: CommandContext) -> None:
    """Do one of the things that concern all nodes."""
    what = ctx.param(0, "STATUS").upper()
    if what not in _ACTIONS:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(0)), f"CLUSTER {'|'.join(_ACTIONS)}")
        return
    _ACTIONS[what](ctx, list(ctx.message.params[1:]))


def _status(ctx: CommandContext, words: list[str]) -> None:
    """Tell of each node and of their order, as seen from here."""
    told = ctx.node.troubles()
    lines = dict(_nodes(ctx, told))
    lines.update((name, text) for name, text in told.items() if name.startswith(ORDER))
    wrong = [name for name in told.get(LOOK_AT, "").split() if name in lines]
    down = [f"{NODE}{n}" for n, node in ctx.world.members().items() if not node.is_up]
    lines["rules"] = _rules(ctx)
    lines[LOOK_AT] = " ".join(dict.fromkeys(wrong + down)) or "nothing"
    for name, text in lines.items():
        ctx.tell("CLUSTER", "STATUS", name, text)
    ctx.tell("CLUSTER", "END", "End of status")


def _nodes(ctx: Context, told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a line for each node: what all know of it, and what this one does."""
    for number, node in sorted(ctx.world.nodes.items()):
        if not node.has_left:
            known = (told.get(f"{prefix}{number}", "") for prefix in (PLACE, NODE))
            words = (_described(ctx, number, node), *known)
            yield f"{NODE}{number}", "; ".join(filter(None, words))


def _described(ctx: Context, number: int, node: Node) -> str:
    sessions = sum(session.node == number for session in ctx.world.sessions)
    state = "up" if node.is_up else "down" if node.epoch else "admitted, was never there"
    words = [
        node.name or "(no name)",
        f"{state}{', draining' if node.is_up and node.is_draining else ''}",
        f"start {node.epoch}",
        f"{sessions} sessions",
        f"knows rules {node.knows}",
        *([node.program] if node.program else ()),
    ]
    return ", ".join(words)


def _rules(ctx: Context) -> str:
    if ctx.world.rules >= RULES:
        return f"{ctx.world.rules}, the newest that this node knows"
    waiting = _named(ctx.world.nodes, unready(ctx.world, RULES))
    then = f"{waiting} must be updated first" if waiting else "CLUSTER FINALIZE begins them"
    return f"{ctx.world.rules}; this node knows {RULES}: {then}"


def _leave(ctx: CommandContext, words: list[str]) -> None:
    """Let a node go for good: this one, or one that will not come back."""
    sure = take_sure(words)
    own = ctx.session.id.node
    number = _node(ctx, words[0]) if words else own
    if number is None:
        ctx.fail("INVALID_PARAMS", shown(words[0]), "There is no such node; CLUSTER lists them")
        return
    node, others = ctx.world.nodes[number], ctx.world.members().keys() - {number}
    if not others:
        text = "It is the only node; hubbub cluster dissolve makes it one by itself again"
        ctx.fail("INVALID_PARAMS", shown(str(number)), text)
    elif not sure:
        name = f"Node {number}{f' ({node.name})' if node.name else ''}"
        left_over = "1 node is" if len(others) == 1 else f"{len(others)} nodes are"
        stops = ", and stops" if node.is_up else ""
        text = (
            f"{name} goes for good{stops}: its number is never given again, what lies in its data "
            f"directory is of no use any more, and {left_over} left"
        )
        ask(ctx, str(number), text)
    else:
        audit.acted(ctx, "CLUSTER LEAVE", str(number))
        ctx.append(NodeLeft(ctx.origin, number))


def _finalize(ctx: CommandContext, words: list[str]) -> None:
    """Go by the newest rules from here on, after which no older program can follow."""
    sure = take_sure(words)
    world = ctx.world
    waiting = _named(world.nodes, unready(world, RULES))
    if world.rules >= RULES:
        ctx.notice(f"Rules {world.rules} are in force, the newest that this node knows")
    elif waiting:
        ctx.fail("INVALID_PARAMS", str(RULES), f"{waiting} must be updated first, or leave")
    elif not sure:
        text = f"Rules {RULES} begin, and a program that knows {world.rules} only cannot come back"
        ask(ctx, str(RULES), text)
    else:
        audit.acted(ctx, "CLUSTER FINALIZE", str(RULES))
        ctx.append(RulesRaised(ctx.origin, RULES))


def _set(ctx: CommandContext, words: list[str]) -> None:
    """Show which settings hold for all nodes, or let one be another."""
    if not words:
        for name, held in ctx.world.settings.items():
            ctx.tell("CLUSTER", "SET", name, held)
        ctx.tell("CLUSTER", "END", "End of settings")
        return
    name, text = words[0], " ".join(words[1:])
    try:
        value = value_of(name, text)
    except ValueError as error:
        ctx.fail("INVALID_PARAMS", shown(name), str(error))
        return
    if len(ctx.world.members()) == 1:
        ctx.fail("INVALID_PARAMS", name, "There is one node, and it goes by its settings file")
    elif not text or len(value) > _VALUE_CHARACTERS:
        ctx.fail("INVALID_PARAMS", name, f"Give a value of at most {_VALUE_CHARACTERS} characters")
    else:
        audit.acted(ctx, "CLUSTER SET", name, value)
        ctx.append(SettingsSet(ctx.origin, name, value))


_ACTIONS: Final = {"STATUS": _status, "LEAVE": _leave, "FINALIZE": _finalize, "SET": _set}


def _node(ctx: Context, given: str) -> int | None:
    """Return the number of a node that is named by that, or by its name."""
    number = number_of(given)
    if number is None:
        number = ctx.world.node_named(given)
    node = ctx.world.nodes.get(-1 if number is None else number)
    return None if node is None or node.has_left else number


def _named(nodes: Mapping[int, Node], numbers: list[int]) -> str:
    return ", ".join(f"node {n} ({nodes[n].name or 'no name'})" for n in numbers)


def left(ctx: Context, record: NodeLeft, entry: Entry) -> None:
    """Say that a node has left; where it is this one, who runs it sees to its end."""
    name = ctx.world.nodes[record.node].name
    ctx.tell("CLUSTER", "LEFT", str(record.node), f"{name or 'It'} is no member any more")


def finalized(ctx: Context, record: RulesRaised, entry: Entry) -> None:
    """Say by which rules all go now."""
    ctx.tell("CLUSTER", "RULES", str(ctx.world.rules), "are in force")


def settings_set(ctx: Context, record: SettingsSet, entry: Entry) -> None:
    """Say what holds for all now."""
    ctx.tell("CLUSTER", "SET", record.name, f"is {record.value} on all nodes")


COMMANDS: Final = (
    Command(
        "CLUSTER",
        cluster,
        "[STATUS | LEAVE [SURE] [node] | FINALIZE [SURE] | SET [name value]]",
        "tell of the nodes of this server, and what holds for all of them",
        privilege="cluster",
    ),
)

FOLLOW_UPS: Final[FollowUps] = {NodeLeft: left, RulesRaised: finalized, SettingsSet: settings_set}
