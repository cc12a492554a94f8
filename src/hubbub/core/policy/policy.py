"""What the operator has settled, as the rules see it: names, texts and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hubbub.core.policy.privileges import ADMIN

LIST_CONDITIONS: Final = 10
LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
BAN_UNASKED: Final = 5
"""A ban that hits more users than these has to be confirmed."""


class OperBlock(NamedTuple):
    """Hold what OPER needs to know: an argon2id hash, and the class of who has the password."""

    password: str
    operator_class: str = ADMIN


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold what the rules need of the settings.

    `operators` maps a name to what OPER needs of it, `password` is an argon2id hash or "" for none.
    `flood` is (burst, messages a second) or None. `replay` is how many messages a client gets when
    it joins that cannot ask for history, and `replay_to` who gets them (deciding/replaying.py).
    `waiting_per_speaker` and `waiting_from_guests` are how many direct messages wait for an account
    that is not connected: from one account, and from all guests together. `redact_seconds` is how
    long one may take back or edit what one said, 0 for ever; with `keep_edits` earlier texts stay
    for who moderates. `icon` is the URL of the network's, or "".
    `sts_seconds` is for how long clients are to come back over TLS only (IRCv3 sts), at `tls_port`;
    0 for no such wish, or no such door. `created` is the moment the node started, as text, and
    `started` the same in seconds since 1970. `access` is open (guests may come in), invite (an
    account needs an invite code) or closed (operators make accounts). `step_up_seconds` is for how
    long a proof of the account is fresh, `second_factor_for` the classes of operators who have to
    give a second factor for it where they have one (deciding/step_up.py). `email` is off, optional
    or required; `scram` has SCRAM keys made. `proxies` are the networks of trusted proxies;
    `shared_hosts` the (cloaked) hosts of those and of this machine, behind which anybody can be.
    """

    server: str = "hubbub.localhost"
    network: str = "Hubbub"
    description: str = "Hubbub"
    created: str = ""
    started: int = 0
    motd: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    operators: Mapping[str, OperBlock] = field(default_factory=dict)
    password: str = ""
    access: str = "open"
    register_before_connect: bool = True
    email: str = "off"
    scram: bool = False
    password_length: int = 8
    step_up_seconds: int = 600
    second_factor_for: frozenset[str] = frozenset({"owner", "admin"})
    proxies: tuple[str, ...] = ()
    shared_hosts: frozenset[str] = frozenset()
    replay: int = 50
    flood: tuple[int, float] | None = (10, 2.0)
    history_page: int = 200
    redact_seconds: int = 0
    keep_edits: bool = False
    icon: str = ""
    sts_seconds: int = 0
    tls_port: int = 0
    channels_per_user: int = 100
    channels_per_account: int = 20
    access_entries: int = 100
    list_entries: int = 100
    monitor: int = 100
    silence: int = 32
    targets: int = 4
    waiting_per_speaker: int = 200
    waiting_from_guests: int = 100
    replay_to: frozenset[str] = frozenset({"accounts", "guests", "untimed"})
