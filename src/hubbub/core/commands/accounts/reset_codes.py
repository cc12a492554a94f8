"""Codes with which an account's owner sets a password: an operator gives them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.core.deciding import audit
from hubbub.core.deciding.context import Context
from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.requests import Draw
from hubbub.core.world.accounts import code_digest, shown_code
from hubbub.core.world.session import Awaiting

RESET_SECONDS: Final = 86_400
"""How long a code can be used that an operator gave to who lost a password."""


def give(ctx: Context, name: str) -> None:
    """Give out a code with which an account's owner sets a password."""

    def drawn(codes: Sequence[str]) -> None:
        ctx.session.await_answer(Awaiting(ctx.service, shown_code(codes[0])))
        over = ctx.now // 1_000_000 + RESET_SECONDS
        id = code_digest(codes[0])
        ctx.append(CredentialAdded(ctx.origin, name, "reset", id, expires=over, by=ctx.by))
        audit.acted(ctx, "RESET CODE", name)

    ctx.effects.append(Draw(1, drawn))
