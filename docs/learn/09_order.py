"""Two nodes and one order: `python docs/learn/09_order.py [SEED]`.

Two servers of one chat, with a slow line between them. First each shows its own people's messages
at once and tells the other; then both write into one log, and show what comes back from there.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable

Fact = tuple[str, str]
"""What happened: ("say", text), or ("name", "ann = PERSON") where somebody takes a name."""

SAID = {
    "A": [("say", "shall we?"), ("name", "ann = Anna"), ("say", "yes, at eight")],
    "B": [("say", "shall we what?"), ("name", "ann = Annika"), ("say", "no, at nine")],
}


class Node:
    """What one server knows: a history, and who has which name."""

    def __init__(self) -> None:
        self.history: list[str] = []
        self.names: dict[str, str] = {}

    def apply(self, fact: Fact) -> None:
        """Make a fact true here. What has the same facts in the same order comes to the same."""
        kind, text = fact
        if kind == "name":
            name, person = text.split(" = ")
            if name in self.names:
                text = f"{person} may not be {name}"
            else:
                self.names[name] = person
        self.history.append(text)


class Line:
    """A line on which each fact takes a while, and none overtakes another."""

    def __init__(self, arrive: Callable[[Fact], None], chance: random.Random) -> None:
        self._arrive = arrive
        self._chance = chance
        self._queue: asyncio.Queue[Fact] = asyncio.Queue(100)
        self.send: Callable[[Fact], Awaitable[None]] = self._queue.put
        self._task = asyncio.create_task(self._carry())

    async def _carry(self) -> None:
        while True:
            fact = await self._queue.get()
            await asyncio.sleep(self._chance.uniform(0.01, 0.03))
            self._arrive(fact)
            self._queue.task_done()

    async def end(self) -> None:
        await self._queue.join()
        self._task.cancel()


async def each_for_itself(nodes: dict[str, Node], chance: random.Random) -> None:
    to_other = {"A": Line(nodes["B"].apply, chance), "B": Line(nodes["A"].apply, chance)}
    for a_and_b in zip(SAID["A"], SAID["B"], strict=True):
        for own, fact in zip("AB", a_and_b, strict=True):
            nodes[own].apply(fact)
            await to_other[own].send(fact)
            await asyncio.sleep(chance.uniform(0, 0.02))
    await asyncio.gather(*(line.end() for line in to_other.values()))


async def one_log(nodes: dict[str, Node], chance: random.Random) -> None:
    from_log = [Line(node.apply, chance) for node in nodes.values()]
    log = asyncio.Lock()  # the one place that all pass, one after the other: that is the order

    async def append(fact: Fact) -> None:
        async with log:
            for line in from_log:
                await line.send(fact)

    for a_and_b in zip(SAID["A"], SAID["B"], strict=True):
        await asyncio.gather(*map(append, chance.sample(a_and_b, 2)))
    await asyncio.gather(*(line.end() for line in from_log))


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for title, way in [("each for itself", each_for_itself), ("one log", one_log)]:
        nodes = {"A": Node(), "B": Node()}
        asyncio.run(way(nodes, random.Random(seed)))  # noqa: S311 (nobody shall be surprised by it)
        a, b = nodes.values()
        print(f"{title}: {'the same' if a.history == b.history else 'DIFFERENT'}")
        for left, right in zip(a.history, b.history, strict=True):
            print(f"  {left:<28}{right}")
        print(f"  ann is {a.names['ann']:<21}ann is {b.names['ann']}\n")


if __name__ == "__main__":
    main()
