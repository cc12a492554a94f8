"""`hubbub search`: what was said on a running server, for who looks after its machine."""

import json
from typing import Annotated

import typer

from hubbub.cli.administration_line import Config, Data, carry_out, fail
from hubbub.irc.message import Message, format_tags
from hubbub.irc.text import visible

PAGE = 100
"""How many messages are asked for at once."""


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS",
            help="As in chat: 'disk \"no space\" -solved from:bob in:#ops after:7d'.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="An object a line.")] = False,
    count: Annotated[
        int, typer.Option("-n", "--lines", min=1, max=10_000, help="How many, the newest.")
    ] = 50,
    direct: Annotated[
        bool, typer.Option("--direct", help="Search direct messages, too; on record as that.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Find what was said in any channel of the running server; that you searched is on record."""
    found: list[Message] = []
    notes: dict[str, None] = {}
    while len(found) < count:
        limit = min(PAGE, count - len(found))
        attributes = {"text": " ".join(words), "limit": str(limit)}
        attributes |= {"page": found[-1].params[2]} if found else {}
        attributes |= {"direct": ""} if direct else {}
        answers = carry_out(config, data, "SEARCH", format_tags(attributes)[1:-1])
        noted = [one.params[-1] for one in answers if one.command == "NOTE"]
        notes |= dict.fromkeys(noted)
        page = [one for one in answers if one.params[:1] == ("HIT",)]
        found += reversed(page)
        # Each question is on record: none is asked whose answer is known.
        if not page or (len(page) < limit and not noted):
            break
    for hit in reversed(found):
        _print(hit, as_json)
    if notes:
        fail("; ".join(notes), 1)


def _print(hit: Message, as_json: bool) -> None:
    _, time, msgid, target, source, given = hit.params
    text = str(json.loads(given))
    nick = source.partition("!")[0]
    if as_json:
        who = {"target": target, "nick": nick, "source": source}
        typer.echo(json.dumps({"time": time, **who, "text": text, "msgid": msgid}))
        return
    for line in text.split("\n"):
        said = visible(f"{target} <{nick}> {line}")
        typer.echo(f"{time[:10]} {time[11:19]}Z {said}")
