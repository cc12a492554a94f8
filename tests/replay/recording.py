"""Record what a version's rules make of a long log, for later versions to be compared with.

    python -m tests.replay.recording RULES     (make record-rules: the newest)

It is run at a release, by its program, and what it writes is kept for good: a program that makes
something else of the same records under the same rules would differ from those that lived by them.
"""

from __future__ import annotations

import base64
import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final, get_args

import msgspec

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.base import Record
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.core.records.moderation import NetworkBanRemoved, SwitchSet
from hubbub.core.rules import RULES, SINCE
from hubbub.core.world.expiry import expired
from hubbub.core.world.world import World
from tests.core import test_world_properties as lives
from tests.core import world_harness
from tests.core.world_harness import Client, Harness

HERE: Final = Path(__file__).parent
STEPS: Final = 2_000
EACH: Final = 500
"""After how many entries it is noted what they have come to."""


def elements(strategy: Any) -> list[str]:
    """Return what a strategy samples from."""
    return list(getattr(strategy, "wrapped_strategy", strategy).elements)


LINES: Final = [elements(lives.LIKELY), elements(lives.EVERY), elements(lives.ABOUT_ACCOUNTS)]
OFTEN: Final = [
    *(f"JOIN {channel}" for channel in ("#one", "#two", "#kept")),
    *(f"PRIVMSG {target} :hello" for target in ("#one", "#kept", "ann", "bob", "one")),
    *("AWAY :gone", "AWAY", "CHANNEL REGISTER #one", "CHANNEL ACCESS #one two operator"),
    *("INVITE bob #two", "KICK #one bob", "TOPIC #one :x", "KILL bob", "SILENCE +x!*@*"),
    *("ACCOUNT OPERATOR one owner", "ACCOUNT SHOW one", "CHANNEL TRANSFER #one two"),
    *("RENAME #one #new", "RENAME #new #one", "INVITECODE ADD 1 1h", "TOKEN ADD bot"),
]


class Recording:
    """Let several people do anything for a while, and the time pass."""

    def __init__(self, rules: int, seed: int) -> None:
        self.chance = Random(seed)
        # The first record of a journal says by which rules it goes.
        setattr(world_harness, "RULES", rules)  # noqa: B010
        self.harness = Harness(lives.FRIENDLY, kept=("#kept",))
        self.clients: list[Client] = []
        self.rules = rules

    def live(self) -> None:
        """Let all that happen."""
        for _ in range(STEPS):
            (step,) = self.chance.choices(*zip(*self.steps(), strict=True))
            # What the harness does not play (such as a secret that is gone) is no record.
            with suppress(AssertionError, LookupError):
                step()
        self.harness.commit_all()
        self.bring_the_rest()

    def steps(self) -> list[tuple[Any, int]]:
        """Return what may happen, and how often it does."""
        return [
            (self.act, 30),
            (self.come, 6 if len([one for one in self.clients if not one.closed]) > 3 else 60),
            (self.lose, 2),
            (self.wait, 3),
            (self.retain, 1),
            (self.keep, 1),
            (self.restart, 1 if self.chance.random() < 0.3 else 0),
        ]

    def act(self) -> None:
        """Have lines decided on, some of them before others are kept."""
        self.harness.held = self.chance.random() < 0.3
        for _ in range(self.chance.randint(1, 6)):
            here = [client for client in self.clients if not client.closed]
            if here:
                among = self.chance.choices((OFTEN, *LINES), (12, 4, 4, 4))[0]
                self.chance.choice(here).send(self.chance.choice(among))
        self.harness.held = False
        self.harness.commit_all()

    def come(self) -> None:
        """Let somebody come, with an account or without."""
        self.pardon()
        nick = self.chance.choice(("ann", "bob", "cy"))
        account = self.chance.choice(("", "one", "two", "ann"))
        found = self.harness.world.reserved_for(account) if account else None
        if account and not (found is not None and found.dropped):
            self.clients.append(self.harness.connect_as(nick, account, "message-tags"))
        else:
            self.clients.append(self.harness.connect(nick, "message-tags", "sasl"))
        self.clients[-1].send("JOIN #one,#kept")
        if self.chance.random() < 0.5:
            self.clients[-1].send("OPER root secret")

    def pardon(self) -> None:
        """Let everybody come in again, so that it goes on."""
        console = self.harness.console
        for ban in list(self.harness.world.bans):
            lifted = NetworkBanRemoved(console, ban.kind, ban.target, console=True)
            self.harness.append(Draft(lifted))
        for name in list(self.harness.world.closed):
            self.harness.append(Draft(SwitchSet(console, name, False, console=True)))
        self.harness.settle()

    def lose(self) -> None:
        """Let a connection be lost."""
        here = [client for client in self.clients if not client.closed]
        if here:
            self.harness.disconnect(self.chance.choice(here))

    def wait(self) -> None:
        """Let time pass, and what it ends end."""
        harness = self.harness
        harness.time += self.chance.choice((1, 2, 3600, 2 * 86_400)) * 1_000_000
        for make in list(expired(harness.world, "hub.test", harness.time // 1_000_000)):
            if make is not None:
                harness.append(Draft(make(harness.console)))
        harness.settle()

    def retain(self) -> None:
        """Let users stay for so long."""
        self.harness.retain(self.chance.choice((0, 60, 86_400)))

    def keep(self) -> None:
        """Let other channels be kept."""
        patterns = self.chance.choice((("#kept",), ("#*",), ("#one", "#kept")))
        self.harness.append(Draft(Kept(self.harness.console, patterns, 3)))
        self.harness.settle()

    def restart(self) -> None:
        """Let the node be killed and begin anew."""
        self.clients.clear()
        self.harness.restart()

    def bring_the_rest(self) -> None:
        """Enter records of those kinds that nobody has asked for, as they stand in journals."""
        for record in written():
            if type(record) not in {type(entry.record) for entry in self.harness.entries}:
                origin = self.harness.console
                self.harness.append(Draft(msgspec.structs.replace(record, origin=origin)))
        self.harness.commit_all()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Return the entries, and now and then what they have come to by then."""
        world = World()
        for number, entry in enumerate(self.harness.entries, 1):
            snapshot_due = number % EACH == 0 or number == len(self.harness.entries)
            yield {
                "entry": [entry.seq, entry.time, entry.msgid, entry.lead],
                "record": entry.record,
            }
            apply(world, entry)
            if snapshot_due:
                yield {"world": base64.b64encode(snapshot.encode(world)).decode()}


def written() -> Iterator[AnyRecord]:
    """Return records of every kind, as the tests of how they stand in journals have them."""
    for path in sorted((HERE.parent / "core" / "records").glob("test_*.py")):
        module = __import__(f"tests.core.records.{path.stem}", fromlist=["WRITTEN"])
        yield from (record for record, _ in getattr(module, "WRITTEN", ()))


def kinds(rules: int) -> set[type[Record]]:
    """Return the kinds of record that there are under these rules."""
    return {kind for kind in get_args(AnyRecord) if SINCE.get(kind, 0) <= rules}


def record(rules: int) -> None:
    """Write what these rules make of a log in which every kind of record is."""
    recording = Recording(rules, seed=rules)
    recording.live()
    entries, refused = recording.harness.entries, recording.harness.refused
    counted = Counter(type(entry.record) for entry in entries if entry.seq not in refused)
    there = {type(entry.record) for entry in entries}
    missing = sorted(kind.__name__ for kind in kinds(rules) - there)
    if missing:
        raise SystemExit(f"no record of {', '.join(missing)}: let it happen in {__file__}")
    refused_only = sorted(kind.__name__ for kind in there - counted.keys())
    path = HERE / f"rules-{rules}.jsonl.gz"
    text = b"\n".join(msgspec.json.encode(line) for line in recording.lines())
    path.write_bytes(gzip.compress(text, mtime=0))
    sys.stdout.write(
        f"{path}: {len(entries)} entries, {path.stat().st_size} bytes\n"
        f"only refused: {', '.join(refused_only) or 'none'}\n"
    )


if __name__ == "__main__":
    record(int(sys.argv[1]) if len(sys.argv) > 1 else RULES)
