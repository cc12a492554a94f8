"""What a session is offered: capabilities whose value, or presence, depends on the settings."""

from __future__ import annotations

from collections.abc import Mapping

from hubbub.core.policy.policy import Policy
from hubbub.core.world.session import Session


def mechanisms(policy: Policy, session: Session) -> tuple[str, ...]:
    """Return the SASL mechanisms that a session can use, in alphabetical order."""
    offered = ["PLAIN"]
    if session.certfp:
        offered.insert(0, "EXTERNAL")
    if policy.scram:
        offered.append("SCRAM-SHA-256")
    return tuple(offered)


def values(policy: Policy, session: Session) -> Mapping[str, str]:
    """Return the values of those capabilities that have none of their own in the table."""
    return {
        "sasl": ",".join(mechanisms(policy, session)),
        "draft/account-registration": ",".join(_registration(policy)),
        "sts": _sts(policy, session),
    }


def news(before: Policy, policy: Policy, session: Session) -> list[str]:
    """Return what CAP NEW tells a session after the settings changed: the values that did.

    What has no value any more is told without one, but for `sts`, which nobody may take back (IRCv3
    sts, 3.4).
    """
    was, now = values(before, session), values(policy, session)
    changed = [name for name, value in now.items() if value != was[name]]
    if session.cap_version < 302:
        return [name for name in changed if name != "sts"]
    return [
        f"{name}={now[name]}" if now[name] else name
        for name in changed
        if now[name] or name != "sts"
    ]


def _sts(policy: Policy, session: Session) -> str:
    """Return the policy for the kind of connection there is (IRCv3 sts), "" for none."""
    if not policy.sts_seconds:
        return ""
    if session.secure:
        return f"duration={policy.sts_seconds}"
    return f"port={policy.tls_port}" if policy.tls_port else ""


def _registration(policy: Policy) -> list[str]:
    offered = []
    if policy.register_before_connect:
        offered.append("before-connect")
    if policy.email == "required":
        offered.append("email-required")
    return offered
