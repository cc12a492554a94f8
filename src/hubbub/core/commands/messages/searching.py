"""Searching what was said: SEARCH, its attributes, and where one may look (soju.im/search).

The attributes are those of soju's doc/ext/search.md, written as tags are; `text` is in the language
of hubbub.core.searching, and `page` goes on before a message that an earlier answer had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hubbub.core.access.history import EVERYTHING, Reach, reach
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import FULL, Command, CommandContext, FollowUps
from hubbub.core.deciding.reading import readable
from hubbub.core.errors import QueryError
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.requests import FullTextSearch, Msgid
from hubbub.core.searching.language import parse
from hubbub.core.searching.query import Query
from hubbub.core.world.state import User
from hubbub.irc.message import parse_tags
from hubbub.irc.names import fold
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import parse_time

ATTRIBUTES: Final = frozenset({"text", "from", "in", "before", "after", "limit", "page"})
USUAL: Final = 50
"""How many messages are found where no limit is given."""
DIRECT: Final = "direct"
"""The attribute by which who looks after the server searches direct messages too."""


class _InvalidAttribute(Exception):
    """Carry the attribute that is wrong, and why."""


def search(ctx: CommandContext) -> None:
    """Answer with the newest of what fits, out of what the asker may read."""
    attributes = parse_tags(ctx.param(0))
    try:
        query, limit = _query(ctx, attributes), _limit(ctx, attributes)
        page = Msgid(attributes["page"]) if attributes.get("page") else None
        if ctx.session.scope == CONSOLE:
            asked = _everywhere(ctx, query, limit, page, DIRECT in attributes)
        else:
            places = query.places
            asked = _within(ctx, query, limit, page) if places else _own(ctx, query, limit, page)
    except _InvalidAttribute as invalid:
        ctx.fail("INVALID_PARAMS", *invalid.args)
    else:
        ctx.requests.append(asked)


def _query(ctx: CommandContext, attributes: Mapping[str, str]) -> Query:
    text, own = attributes.get("text", ""), _own_names(ctx.user)
    known = ATTRIBUTES | ({DIRECT} if ctx.session.scope == CONSOLE else frozenset())
    if attributes.keys() - known:
        text = f"An attribute is not known; there are {', '.join(sorted(known))}"
        raise _InvalidAttribute("*", text)
    try:
        query = parse(text, ctx.now, own) if text.strip() else Query()
    except QueryError as error:
        raise _InvalidAttribute("text", str(error)) from None
    after, before = _time(attributes, "after"), _time(attributes, "before")
    if before is not None:
        # It is a whole millisecond, and included.
        before = before // 1000 * 1000 + 1000
    query = replace(
        query,
        after=max((each for each in (query.after, after) if each is not None), default=None),
        before=min((each for each in (query.before, before) if each is not None), default=None),
    )
    if attributes.get("from"):
        if query.speakers:
            raise _InvalidAttribute("from", "Who said it is given twice; leave one of them out")
        query = replace(query, speakers=(fold(attributes["from"]),))
    if attributes.get("in"):
        # It stands alone: a token that reads one channel names that one here, and no other in text.
        if query.places:
            raise _InvalidAttribute("in", "Where it was said is given twice; leave one of them out")
        query = replace(query, places=(attributes["in"],))
    if query.is_empty:
        raise _InvalidAttribute("*", "Say what to search for: text=, from=, in=, after= or before=")
    return query


def _own_names(user: User) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (user.nick, user.account) if name))


def _time(attributes: Mapping[str, str], name: str) -> int | None:
    given = attributes.get(name)
    if not given:
        return None
    time = parse_time(given)
    if time is None:
        raise _InvalidAttribute(name, "Give a time such as 2026-05-31T12:00:00.000Z")
    return time


def _limit(ctx: CommandContext, attributes: Mapping[str, str]) -> int:
    given = attributes.get("limit")
    limit = number_of(given) if given is not None else USUAL
    if not limit:
        raise _InvalidAttribute("limit", "Give a number of messages from 1 on")
    return min(limit, ctx.policy.history_page)


def _within(ctx: CommandContext, query: Query, limit: int, page: Msgid | None) -> FullTextSearch:
    """Search those places that are named."""
    names, reaches = dict[str, str](), dict[str, Reach]()
    for place in query.places:
        found = readable(ctx, place)
        if found is None:
            raise _InvalidAttribute("in", "Nothing there that you may read")
        history, name, part = found
        names[history] = name
        if part != EVERYTHING:
            reaches[history] = part
    return FullTextSearch(query, limit, names, reaches, page=page)


def _own(ctx: CommandContext, query: Query, limit: int, page: Msgid | None) -> FullTextSearch:
    """Search all channels that the asker is in, and all whom the asker has spoken to."""
    user = ctx.user
    channels = user.channels.values()
    reaches = {channel.history: reach(channel, user) for channel in channels}
    return FullTextSearch(
        query,
        limit,
        {channel.history: channel.name for channel in channels},
        {history: part for history, part in reaches.items() if part != EVERYTHING},
        direct=f"@{user.presence}/",
        page=page,
    )


def _everywhere(
    ctx: CommandContext, query: Query, limit: int, page: Msgid | None, direct: bool
) -> FullTextSearch:
    """Search the whole server, for who sits at its machine; that leaves a record."""
    text = parse_tags(ctx.param(0)).get("text", "")
    audit.acted(ctx, "SEARCH", "everything" if direct else "channels", text)
    if not query.places:
        everywhere = "*" if direct else "#*"
        return FullTextSearch(query, limit, everywhere=everywhere, page=page, as_lines=True)
    names = dict[str, str]()
    for place in query.places:
        channel = ctx.world.channel(place)
        if channel is None:
            raise _InvalidAttribute("in", "There is no such channel")
        names[channel.history] = channel.name
    return FullTextSearch(query, limit, names, page=page, as_lines=True)


COMMANDS: Final = (
    Command(
        "SEARCH",
        search,
        "text=words|from=nick|in=target|after=time|before=time|limit=number[;...]",
        'find what was said: words, "phrases", begin*, -without, from:, in:, on:, has:link',
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
