"""The formats of an export: JSON Lines, plain text, HTML that holds no script."""

from __future__ import annotations

import html
import json
import re
import zlib
from typing import Any, Final, Protocol

from hubbub.irc.text import plain
from hubbub.irc.timestamps import format_time
from hubbub.keeping.exporting.lines import ACTION, MESSAGE, NOTICE, Line, sentence

_COLOURS: Final = 8
_URL: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")


class Format(Protocol):
    """Write lines one after the other; `state` is what it keeps between them, to be given back."""

    state: str

    def begin(self, title: str) -> str:
        """Return what comes first."""

    def write(self, line: Line, before: Line | None) -> str:
        """Return a line, which comes after another."""

    def end(self) -> str:
        """Return what comes last."""


class JSONLines:
    """Write an object for each entry, on a line of its own."""

    state = ""

    def begin(self, title: str) -> str:
        """Return nothing: each line stands alone."""
        return ""

    def write(self, line: Line, before: Line | None) -> str:
        """Return an object."""
        return encoded(object_of(line))

    def end(self) -> str:
        """Return nothing."""
        return ""


def object_of(line: Line) -> dict[str, Any]:
    """Return a line as an object; what is empty is left out."""
    held = {
        "id": line.msgid,
        "time": format_time(line.time),
        "kind": line.kind,
        "in": line.where[0] if len(line.where) == 1 else list(line.where),
        "from": line.source,
        "account": line.account,
        "text": line.text,
        "tags": line.tags,
        "edited": format_time(line.edited) if line.edited else "",
    }
    return {name: value for name, value in held.items() if value or name == "text"}


def encoded(held: dict[str, Any]) -> str:
    """Return an object as a line of JSON, in which what could control a terminal is escaped."""
    text = json.dumps(held, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
    return f"{text}\n"


class PlainText:
    """Write a line for each entry, as people read a log; nothing in it controls a terminal."""

    state = ""

    def begin(self, title: str) -> str:
        """Return the title."""
        return f"{plain(title)}\n\n"

    def write(self, line: Line, before: Line | None) -> str:
        """Return an entry, the second and later lines of it indented."""
        when = format_time(line.time)[:19].replace("T", " ")
        where = f"[{plain(', '.join(line.where))}] "
        nick = plain(line.nick)
        if not line.is_said:
            return f"{when} {where}-- {nick} {plain(sentence(line))}\n"
        name = {MESSAGE: f"<{nick}>", NOTICE: f"-{nick}-", ACTION: f"* {nick}"}[line.kind]
        lines = [plain(one) for one in line.text.split("\n")]
        lines[-1] += " (edited)" if line.edited else ""
        first, *rest = lines
        return "\n".join((f"{when} {where}{name} {first}", *(f"    {one}" for one in rest), ""))

    def end(self) -> str:
        """Return nothing."""
        return ""


_HEAD: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --dim: #667; --line: #ccd; }}
@media (prefers-color-scheme: dark) {{ :root {{ --dim: #99a; --line: #445; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto;
  padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }}
h2 {{ font-size: 1rem; border-bottom: 1px solid var(--line); margin: 2rem 0 .5rem; }}
p {{ margin: 0; display: grid; grid-template-columns: 3.5rem 9rem 1fr; gap: .8rem; }}
p > * {{ overflow-wrap: anywhere; }}
time, .event, .where {{ color: var(--dim); font-size: .85em; }}
b {{ text-align: right; font-weight: 600; }}
.text {{ white-space: pre-wrap; }}
{colours}
</style>
</head>
<body>
<h1>{title}</h1>
"""
_HUES: Final = (210, 0, 120, 280, 30, 180, 330, 60)


class HTML:
    """Write a page that stands alone: it loads nothing, and nothing in it runs."""

    state = ""

    def begin(self, title: str) -> str:
        """Return the head of the page."""
        colours = "\n".join(
            f".c{number} {{ color: light-dark(hsl({hue} 70% 35%), hsl({hue} 70% 72%)); }}"
            for number, hue in enumerate(_HUES)
        )
        return _HEAD.format(title=html.escape(plain(title)), colours=colours)

    def write(self, line: Line, before: Line | None) -> str:
        """Return an entry, under a heading where its day or its place is another than before."""
        day, hour = format_time(line.time)[:10], format_time(line.time)[11:16]
        where = plain(", ".join(line.where))
        parts = []
        if before is None or (format_time(before.time)[:10], before.where) != (day, line.where):
            parts.append(f'<h2>{day} <span class="where">{html.escape(where)}</span></h2>\n')
        nick = html.escape(plain(line.nick))
        colour = zlib.crc32(line.nick.lower().encode()) % _COLOURS
        parts.append(f'<p id="{html.escape(line.msgid)}"><time>{hour}</time>')
        if line.is_said:
            text = "\n".join(_linked(plain(one)) for one in line.text.split("\n"))
            text = f"<i>{text}</i>" if line.kind == ACTION else text
            text += ' <span class="event">(edited)</span>' if line.edited else ""
            parts.append(f'<b class="c{colour}">{nick}</b><span class="text">{text}</span></p>\n')
        else:
            what = html.escape(plain(sentence(line)))
            parts.append(f'<b></b><span class="event">{nick} {what}</span></p>\n')
        return "".join(parts)

    def end(self) -> str:
        """Return the foot of the page."""
        return "</body>\n</html>\n"


def _linked(text: str) -> str:
    """Return a text for HTML, what looks like a link made one."""
    parts, at = [], 0
    for found in _URL.finditer(text):
        url = html.escape(found[0])
        parts += [html.escape(text[at : found.start()])]
        parts += [f'<a href="{url}" rel="noopener noreferrer nofollow">{url}</a>']
        at = found.end()
    return "".join((*parts, html.escape(text[at:])))


FORMATS: Final[dict[str, type[Format]]] = {"json": JSONLines, "text": PlainText, "html": HTML}
"""The formats by the words that name them."""
