"""What an operator means to ban: a nick, a mask, an address or an account, and whom that hits."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hubbub.core.access import ranks
from hubbub.core.deciding.context import Context
from hubbub.core.policy.policy import LOOPBACK
from hubbub.core.requests import Census
from hubbub.core.world.bans import ACCOUNT, ADDRESS, MASK, NetworkBan, parse_network
from hubbub.core.world.state import User
from hubbub.irc import masks, names

ACCOUNT_PREFIX: Final = "account:"


@dataclass(frozen=True, slots=True)
class BanTarget:
    """Hold what a ban is on: `kind` and `name` as in world/bans.py, and how it was `given`."""

    kind: str
    name: str
    given: str = ""

    def __str__(self) -> str:
        """Return it as operators read it."""
        return f"{self.kind} {self.name}"

    @property
    def taken_as(self) -> str:
        """Say as what an address was taken that was written otherwise, or return ""."""
        plainly = (self.given.lower(), f"{self.given}/32")
        if self.kind != ADDRESS or self.name in plainly:
            return ""
        return f"{self.given} is taken as {self.name}"

    def find_hit(self, ctx: Context, then: Callable[[Sequence[User]], None]) -> None:
        """Go on with who is here and would have to go; who asks is told where that is not known."""
        if self.kind == ADDRESS:

            def counted(users: Sequence[User], unknown: str) -> None:
                if unknown:
                    ctx.notice(f"Not all who come from {self.name} are known: {unknown}")
                then(users)

            ctx.requests.append(Census(ipaddress.ip_network(self.name), counted))
            return
        ban = NetworkBan(self.kind, self.name, "", 0)
        users = ctx.world.users.values()
        then([user for user in users if ban.meets(user.source, user.account)])


def find(ctx: Context, given: str) -> BanTarget | None:
    """Return what a word means, or None.

    A nick means the account of who has it, or its host: never an address, which nobody but the
    server knows.
    """
    if given.startswith(ACCOUNT_PREFIX):
        name = given[len(ACCOUNT_PREFIX) :]
        return BanTarget(ACCOUNT, name) if names.is_mask(name) else None
    user = ctx.world.user(given)
    if user is not None and user.account:
        return BanTarget(ACCOUNT, user.account)
    return address_of(ctx, given) or mask_of(ctx, given)


def address_of(ctx: Context, given: str) -> BanTarget | None:
    """Return the network that a word names, or None."""
    network = parse_network(given)
    return BanTarget(ADDRESS, str(network), given) if network is not None else None


def mask_of(ctx: Context, given: str) -> BanTarget | None:
    """Return the mask that a word is, or that of the host of who has it as a nick, or None."""
    user = ctx.world.user(given)
    if user is not None:
        return BanTarget(MASK, f"*!*@{user.host}")
    mask = names.complete_mask(given)
    if not any(sign in given for sign in "!@*?") or not _is_usable(mask):
        return None
    return BanTarget(MASK, mask)


def _is_usable(mask: str) -> bool:
    return names.is_mask(mask) and not masks.is_too_wild(mask)


def protection(ctx: Context, target: BanTarget, hit: Sequence[User]) -> str:
    """Say why something may not be banned that would hit these, or "" where it may."""
    world, held = ctx.world, ctx.user.wielded
    if not all(ranks.may_act_on(world, held, user) for user in hit):
        return "It would hit an operator who may do what you may not"
    if not ranks.may_lift(held, world.bans.get(target.kind, target.name, ctx.now // 1_000_000)):
        return "An operator who may do what you may not has banned this"
    if target.kind == ACCOUNT:
        if not ranks.may_act_on_account(world, held, target.name):
            return "It is the account of an operator who may do what you may not"
    elif target.kind == ADDRESS:
        network = ipaddress.ip_network(target.name)
        if any(network.overlaps(kept) for kept in _kept_networks(ctx, network.version)):
            return "It would hit this machine, or a proxy through which others come"
    elif target.kind == MASK:
        return _mask_protection(ctx, target.name)
    return ""


def _kept_networks(
    ctx: Context, version: int
) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for text in (*LOOPBACK, *ctx.policy.proxies):
        network = ipaddress.ip_network(text, strict=False)
        if network.version == version:
            yield network


def _mask_protection(ctx: Context, mask: str) -> str:
    if not mask.strip("*?!@."):
        return "It would hit everybody"
    before, _, host = mask.rpartition("@")
    everybody = not before.strip("*?!")
    if everybody and any(masks.matches(host, shared) for shared in ctx.policy.shared_hosts):
        return (
            "It would hit everybody who comes from this machine or through a proxy; ban"
            " nick!user@host or the account"
        )
    return ""
