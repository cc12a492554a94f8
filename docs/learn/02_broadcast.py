"""Many clients, each hears all the others: `python docs/learn/02_broadcast.py [PORT]`."""

import asyncio
import itertools
import sys

numbers = itertools.count(1)
clients: dict[int, asyncio.StreamWriter] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk with one client for as long as it is here: this runs once for each, side by side."""
    number = next(numbers)
    clients[number] = writer
    try:
        while received := await reader.read(4096):
            tell_others(number, received)
    except ConnectionError:
        pass
    finally:
        del clients[number]
        writer.close()


def tell_others(number: int, received: bytes) -> None:
    """Send what one client wrote to all who are in the list, but not to itself."""
    for other, writer in clients.items():
        if other != number:
            writer.write(b"%d: %b" % (number, received))


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9002
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
