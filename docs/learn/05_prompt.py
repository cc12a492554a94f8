"""A client whose prompt stays: `python docs/learn/05_prompt.py [PORT]`, with lesson 4's server."""

import asyncio
import codecs
import os
import sys
import termios
import tty

PROMPT = "> "
TO_FIRST_COLUMN = "\r"  # what readline's cursorTo(0) sends
CLEAR_TO_END = "\x1b[K"  # clearLine(stdout, 1) of readline; with 0 all of it: ESC [ 2 K
BACKSPACE, ENTER, END_OF_FILE, INTERRUPT = "\x7f\b", "\r\n", "\x04", "\x03"


class Prompt:
    """The one line at the bottom that a person types in; all else is written above it."""

    def __init__(self) -> None:
        self.typed = ""

    def show(self, line: str) -> None:
        """Write a line where the prompt is, and the prompt with what was typed so far below it."""
        self._write(f"{TO_FIRST_COLUMN}{CLEAR_TO_END}{line}\r\n{PROMPT}{self.typed}")

    def redraw(self) -> None:
        self._write(f"{TO_FIRST_COLUMN}{CLEAR_TO_END}{PROMPT}{self.typed}")

    def press(self, key: str) -> str | None:
        """Take one key, and return the line that it finishes, if it does."""
        if key in ENTER:
            line, self.typed = self.typed, ""
            return line
        if key in BACKSPACE:
            self.typed = self.typed[:-1]
        elif key.isprintable():
            self.typed += key
        self.redraw()
        return None

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


async def chat(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    prompt = Prompt()
    finished = asyncio.Event()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def on_keys() -> None:
        keys = os.read(sys.stdin.fileno(), 1024)
        for key in decoder.decode(keys):
            if key in (END_OF_FILE, INTERRUPT):
                finished.set()
            elif (line := prompt.press(key)) is not None:
                prompt.show(f"{PROMPT}{line}")
                writer.write(f"{line}\n".encode())

    async def on_lines() -> None:
        while line := await reader.readline():
            text = line.decode("utf-8", "replace")
            prompt.show("".join(letter for letter in text if letter.isprintable()))
        finished.set()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), on_keys)
    hearing = asyncio.create_task(on_lines())
    await finished.wait()
    hearing.cancel()
    writer.close()


def main() -> None:
    if not sys.stdin.isatty():
        sys.exit("This needs a terminal.")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9004
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)  # each key comes at once, and the terminal shows none by itself
    try:
        asyncio.run(chat(port))
    except OSError as error:
        sys.stdout.write(f"{TO_FIRST_COLUMN}{error}; is 04_names.py running?\r\n")
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        print()


if __name__ == "__main__":
    main()
