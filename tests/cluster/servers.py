"""Three nats-servers of this machine, as nodes run them, and a log on them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from hubbub.cluster.jetstream.connection import Access, Login
from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.cluster.jetstream.stream import Shape
from hubbub.cluster.nats_server import NatsServer, Plan

USER, SYSTEM = Login("hubbub", "word"), Login("system", "other word")
SHAPE = Shape("test-journal", 3, 64 << 20)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@dataclass
class Trio:
    """Three servers; each may be killed and started again."""

    servers: list[NatsServer]
    plans: list[Plan]

    def access(self, number: int) -> Access:
        """Return how the node of that number reaches its own."""
        return Access([f"nats://{self.plans[number].listen}"], USER, SYSTEM)

    def log(self, number: int, shape: Shape = SHAPE) -> JetStreamLog:
        """Return the log as the node of that number has it; not open."""
        return JetStreamLog(self.access(number), number, shape)

    def named(self, name: str) -> NatsServer:
        """Return a server by its name."""
        return self.servers[[plan.name for plan in self.plans].index(name)]

    async def stop(self) -> None:
        """End all."""
        for server in self.servers:
            await server.stop()


def plans(count: int = 3) -> list[Plan]:
    """Return how servers that find each other are to be."""
    ports = free_ports(2 * count)
    listens = [f"127.0.0.1:{port}" for port in ports[:count]]
    routes = [f"127.0.0.1:{port}" for port in ports[count:]]
    passwords = {one.user: one.password for one in (USER, SYSTEM)}
    return [
        Plan(
            f"hubbub-{number}",
            listens[number],
            routes[number],
            [one for one in routes if one != routes[number]],
            passwords,
            SYSTEM.user,
            None,
            SHAPE.max_bytes,
        )
        for number in range(count)
    ]


async def start_trio(folder: Path) -> Trio:
    """Start three."""
    made = plans()
    servers = [NatsServer(plan, folder / plan.name) for plan in made]
    for server, plan in zip(servers, made, strict=True):
        (folder / plan.name).mkdir()
        await server.start()
    return Trio(servers, made)
