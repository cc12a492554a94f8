"""A chat with names, and word of who comes and goes: `python docs/learn/04_names.py [PORT]`."""

import asyncio
import re
import sys

NAME = re.compile(r"[a-z][a-z0-9_-]{0,15}")
LONGEST = 512
members: dict[str, asyncio.StreamWriter] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    name = ""
    try:
        name = await ask_for_name(reader, writer)
        if name:
            tell_others(name, f"* {name} joined")
            await talk(name, reader)
    except (ConnectionError, ValueError):  # died, or sent a line without an end
        pass
    finally:
        # However it ended, by a goodbye, a dead line or a fault of ours: the others are told, once.
        if members.pop(name, None):
            tell_others(name, f"* {name} left")
        writer.close()


async def ask_for_name(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Ask until a name is fit and free, take it, and return it; "" when the client left."""
    writer.write(b"Your name?\n")
    while line := await reader.readline():
        name = line.decode("utf-8", "replace").strip().lower()
        if not NAME.fullmatch(name):
            writer.write(b"A name is a letter and up to 15 letters, digits, _ or -. Your name?\n")
        elif name in members:
            writer.write(f"{name} is taken. Your name?\n".encode())
        else:
            # Looked up and taken without an await between: nobody can come between.
            members[name] = writer
            writer.write(f"Here: {' '.join(sorted(members))}\n".encode())
            return name
    return ""


async def talk(name: str, reader: asyncio.StreamReader) -> None:
    """Tell the others what one member says, until it leaves."""
    while line := await reader.readline():
        text = "".join(letter for letter in line.decode("utf-8", "replace") if letter.isprintable())
        if text:
            tell_others(name, f"<{name}> {text}")


def tell_others(name: str, text: str) -> None:
    for other, writer in members.items():
        if other != name:
            writer.write(f"{text}\n".encode())


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9004
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=LONGEST)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
