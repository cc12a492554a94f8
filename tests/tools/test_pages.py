"""What the pages tell people to type is there: commands, options, targets, files, settings."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from hubbub.cli.commands import app
from hubbub.settings import SettingsError, load_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(
            page
            for page in ROOT.glob("docs/**/*.md")
            if not {"reference", "decisions"} & set(page.parts)
        ),
    ]
)
NEVER_RUN = {"CHANGELOG.md"}
"""What stood in it was true then."""
BLOCK = re.compile(r"(?:^(?: {4}.*|)\n)+", re.M)
CODE = re.compile(r"`([^`\n]+)`")
BEFORE = re.compile(
    r"^(?:\$ |sudo (?:-u \w+ )?|docker compose exec hubbub |docker compose run --rm |[A-Z_]+=\S* "
    r"|/\S+/(?=hubbub))+"
)
END = frozenset({"&&", "|", ";", "<", ">", "2>&1"})
NAMES = ("hubbub", "hubbub-admin")
BY_PAGE = pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in NEVER_RUN],
    ids=lambda page: str(page.relative_to(ROOT)),
)


def blocks(page: Path) -> list[str]:
    """Return the blocks of code of a page, without what they are moved in by."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r"^ {4}", "", block, flags=re.M).strip("\n") for block in found if block.strip()]


def code(page: Path) -> Iterator[str]:
    """Yield each line of code of a page, those that go on in the next one as one."""
    for block in blocks(page):
        yield from re.sub(r" *\\\n *", " ", block).splitlines()
    yield from CODE.findall(page.read_text(encoding="utf-8"))


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each command of Hubbub's that a page tells people to type."""
    for line in code(page):
        for part in re.split(r" && | \| ", line):
            command = BEFORE.sub("", part.strip())
            if not command.startswith(tuple(f"{name} " for name in NAMES)):
                continue
            try:
                words = shlex.split(command, comments=True)
            except ValueError:
                continue
            ends = [number for number, word in enumerate(words) if word in END]
            yield words[1 : min(ends, default=len(words))]


def refused(words: list[str]) -> str:
    """Say why a command would be refused; "" where it would run."""
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        found = command.commands.get(words[0])
        if found is None:
            return f"no command {words[0]}"
        command, words = found, words[1:]
    if command.context_settings.get("ignore_unknown_options"):
        return ""
    known = {"--help", "-h"}
    for option in command.params:
        known |= {*option.opts, *option.secondary_opts}
    strange = [word for word in words if word.startswith("-") and word.split("=")[0] not in known]
    return f"no options {strange}" if strange else ""


@BY_PAGE
def test_each_command_is_one(page: Path) -> None:
    wrong = [(words, why) for words in commands(page) if (why := refused(words))]
    assert wrong == []


def test_the_walk_has_commands() -> None:
    assert len(list(commands(ROOT / "docs/operating.md"))) > 12
    assert refused(["status", "--jsn"])
    assert refused(["statsu"])


@BY_PAGE
def test_each_target_and_file_is_there(page: Path) -> None:
    lines = list(code(page))
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M))
    made = {name for line in lines for name in re.findall(r"(?:^|sudo )make ([a-z-]+)", line)}
    assert made - targets == set()
    named = {
        path for line in lines for path in re.findall(r"(?<![\w/-])deploy/[\w./*-]*[\w*]", line)
    }
    assert [path for path in sorted(named) if not list(ROOT.glob(path))] == []


@BY_PAGE
def test_each_setting_is_one(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        try:
            given = tomllib.loads(block)
        except tomllib.TOMLDecodeError:
            continue
        if (
            not given
            or "keep_days" in given
            or given.keys() <= {"data", "settings", "also", "elsewhere"}
        ):
            continue
        (tmp_path / "hubbub.toml").write_text(block)
        environ = {} if "access" in given else {"HUBBUB_ACCESS": "invite"}
        said = ""
        try:
            load_settings(tmp_path / "hubbub.toml", tmp_path / "data", environ, tmp_path)
        except SettingsError as error:
            said = str(error)
        # Files that are not here, and what stands for something of yours, are no matter.
        assert "no setting" not in said, block


@BY_PAGE
def test_each_setting_that_is_named_is_one(page: Path) -> None:
    reference = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^\| `([\w.]+)` \|", reference, re.M))
    sections = {name.partition(".")[0] for name in names if "." in name}
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page.read_text(encoding="utf-8")))
    named = {name for name in named if name.partition(".")[0] in sections}
    assert {name for name in named - names if not name.endswith((".lock", ".md", ".py"))} == set()
