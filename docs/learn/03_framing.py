"""Bytes are not lines: show both, as they come: `python docs/learn/03_framing.py [PORT]`."""

import asyncio
import sys

LONGEST = 512


class TooLong(Exception):
    """The peer sent more than a line may have, and no end of the line."""


class Lines:
    """Put together lines of pieces that were cut anywhere; keep what is not a line yet."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, piece: bytes) -> list[str]:
        """Return the lines that are whole now. Raise TooLong where no end of one is in sight."""
        *whole, self.rest = (self.rest + piece).split(b"\n")
        if len(self.rest) > LONGEST:
            raise TooLong
        # Decoded only now: a piece may end in the middle of a letter, a line can not.
        return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in whole]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    lines = Lines()
    try:
        while piece := await reader.read(4096):
            writer.write(f"piece of {len(piece)} bytes: {piece!r}\n".encode())
            for line in lines.feed(piece):
                writer.write(f"  line: {line}\n".encode())
            await writer.drain()
        if lines.rest:
            writer.write(f"  never ended: {lines.rest!r}\n".encode())
    except TooLong:
        writer.write(b"  a line has %d bytes at most here\n" % LONGEST)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9003
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
