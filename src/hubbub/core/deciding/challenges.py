"""Texts that the holder of an SSH key signs, to show that it is the account's (ssh-keygen -Y)."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.core.deciding.context import Context
from hubbub.core.requests import Draw


def namespace_of(ctx: Context) -> str:
    """Return what a signature has to be made for: it is worth nothing elsewhere."""
    return f"hubbub@{ctx.policy.server}"


def challenge(ctx: Context, account: str) -> None:
    """Give a text to sign; it says for whose account, and is good once and for this connection."""

    def drawn(codes: Sequence[str]) -> None:
        session, namespace = ctx.session, namespace_of(ctx)
        session.challenge, session.signature = f"{account}.{codes[0].lower()}", ""
        ctx.tell("KEY", "CHALLENGE", session.challenge)
        sign = f"printf %s '{session.challenge}' | ssh-keygen -Y sign -n {namespace} -f KEYFILE"
        ctx.tell("KEY", "NEXT", f"{sign} - and give what that prints: KEY PROVE ...")

    ctx.effects.append(Draw(1, drawn))
