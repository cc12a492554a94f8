"""The formats: what is typed can harm neither a terminal nor a browser, nor a program."""

from __future__ import annotations

import html.parser
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.irc.text import is_safe
from hubbub.keeping.exporting.formats import FORMATS
from hubbub.keeping.exporting.lines import Line

TIME = 1_796_000_000_123_000


def line(text: str, kind: str = "message", source: str = "ann!a@h", where: str = "#a") -> Line:
    return Line(7, TIME, "id", kind, (where,), source, "Ann", text, {})


def test_json_has_what_is_not_empty() -> None:
    written = FORMATS["json"]().write(line("ü\n<b>"), None)
    assert json.loads(written) == {
        "id": "id",
        "time": "2026-11-30T00:53:20.123Z",
        "kind": "message",
        "in": "#a",
        "from": "ann!a@h",
        "account": "Ann",
        "text": "ü\n<b>",
    }
    assert written.count("\n") == 1


@given(st.text())
def test_no_json_controls_a_terminal_and_it_says_the_same(text: str) -> None:
    written = FORMATS["json"]().write(line(f"\x9b31m\u202e\x7f{text}"), None)
    assert written.removesuffix("\n").isprintable()
    assert json.loads(written)["text"] == f"\x9b31m\u202e\x7f{text}"


def test_what_was_edited_is_marked_in_each() -> None:
    edited = replace(line("one\ntwo"), edited=TIME)
    written = {form: make().write(edited, None) for form, make in FORMATS.items()}
    assert json.loads(written["json"])["edited"] == "2026-11-30T00:53:20.123Z"
    assert written["text"] == "2026-11-30 00:53:20 [#a] <ann> one\n    two (edited)\n"
    assert 'two <span class="event">(edited)</span></span></p>' in written["html"]


def test_text_has_a_line_for_each() -> None:
    style = FORMATS["text"]()
    written = [
        style.write(line(*each), None) for each in (("one\ntwo",), ("x", "notice"), ("", "join"))
    ]
    assert written == [
        "2026-11-30 00:53:20 [#a] <ann> one\n    two\n",
        "2026-11-30 00:53:20 [#a] -ann- x\n",
        "2026-11-30 00:53:20 [#a] -- ann joined\n",
    ]


def test_a_page_has_a_heading_for_each_day_and_links() -> None:
    style = FORMATS["html"]()
    first = style.write(line("see https://a.example/?b=1&c, now"), None)
    assert '<h2>2026-11-30 <span class="where">#a</span></h2>' in first
    assert '<a href="https://a.example/?b=1&amp;c" rel="noopener noreferrer nofollow">' in first
    assert "<h2>" not in style.write(line("more"), line("x"))


class Page(html.parser.HTMLParser):
    """Collect which elements and attributes there are."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.links += [value or "" for name, value in attributes if name == "href"]


ANYTHING = st.text() | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=y>',
        "javascript:x",
        'https://a/"onclick="x',
    ]
)


@settings(max_examples=50)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_nothing_that_is_typed_runs_or_loads(text: str, nick: str, where: str) -> None:
    style = FORMATS["html"]()
    page = Page()
    page.feed(style.begin(where))
    for kind in ("message", "topic"):
        page.feed(style.write(line(text, kind, f"{nick}!a@h", where), None))
    page.feed(style.end())
    page.close()
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2"),
        *("p", "time", "b", "span", "a", "i"),
    }
    assert page.attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "rel"),
    }
    assert all(link.startswith(("http://", "https://")) for link in page.links)


@settings(max_examples=50)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_nothing_that_is_typed_controls_a_terminal(text: str, nick: str, where: str) -> None:
    style = FORMATS["text"]()
    for kind in ("message", "notice", "topic"):
        written = style.write(line(text, kind, f"{nick}!a@h", where), None)
        assert all(is_safe(each) for each in written.split("\n"))


@given(st.text(), st.text())
def test_every_object_is_one_line(text: str, nick: str) -> None:
    written = FORMATS["json"]().write(line(text, source=nick), None)
    assert written.count("\n") == 1
    assert json.loads(written)["text"] == text
