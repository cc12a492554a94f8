"""The bounds of everything that a client could make grow.

Each says in its description what happens when it is exceeded.
"""

import os

from pydantic import Field

from hubbub.settings.section import RESTART, Section


def default_password_checks() -> int:
    """Return how many password checks may run at once: one core stays free for everybody else."""
    return max(1, (os.cpu_count() or 1) - 1)


class Limits(Section):
    """Bound everything that a client could make grow."""

    line_bytes: int = Field(
        512,
        ge=512,
        le=16384,
        description="A line without its tags, CR LF included. Longer: ERR_INPUTTOOLONG (417), the "
        "line is dropped.",
        json_schema_extra=RESTART,
    )
    tags_bytes: int = Field(
        8191,
        ge=512,
        le=65536,
        description="The tags of a line, `@` and space included. Longer: ERR_INPUTTOOLONG (417), "
        "the line is dropped.",
        json_schema_extra=RESTART,
    )
    input_bytes: int = Field(
        16384,
        ge=16384,
        le=16777216,
        description="Unread input of one connection. Over it, reading pauses until it is "
        "worked off.",
    )
    outbox_bytes: int = Field(
        1048576,
        ge=4096,
        le=1073741824,
        description="Output waiting for one connection. Over it, the queue becomes a cursor into "
        "the journal and catches up when the client reads again.",
    )
    stalled_seconds: float = Field(
        120.0,
        ge=0.1,
        le=86400,
        description="A connection whose socket accepts nothing for this long is closed.",
    )
    cursor_messages: int = Field(
        10000,
        ge=100,
        le=1000000,
        description="Messages that a cursor remembers. Over it, the client gets a notice with the "
        "number it missed.",
    )
    session_unwritten_records: int = Field(
        64,
        ge=1,
        le=65536,
        description="Records of one session that wait for the disk. Over it, reading from that "
        "client pauses.",
    )
    unwritten_records: int = Field(
        8192,
        ge=64,
        le=1048576,
        description="Records of all sessions that wait for the disk. Over it, reading pauses.",
    )
    handshake_seconds: float = Field(
        10.0, ge=0.1, le=600, description="Time to finish the TLS handshake. Over it: closed."
    )
    registration_seconds: float = Field(
        30.0,
        ge=0.1,
        le=600,
        description="Time to register, waiting for a password check not counted. Over it: closed "
        "with ERROR.",
    )
    login_seconds: float = Field(
        60.0,
        ge=0.1,
        le=3600,
        description="Time to log in over SSH, key exchange included. Over it: closed.",
        json_schema_extra=RESTART,
    )
    login_attempts: int = Field(
        10,
        ge=1,
        le=100,
        description="Keys and answers that an SSH connection may try. Over it: closed.",
        json_schema_extra=RESTART,
    )
    unauthenticated: int = Field(
        2048,
        ge=2,
        le=1000000,
        description="Connections at the TLS doors that nobody has registered on yet, and as many "
        "at the plain ones and for WebSockets. From half of it on new ones are refused by chance, "
        "over it all are. Loopback has as many for itself, unless `doors.proxies` lists any.",
    )
    ssh_unauthenticated: int = Field(
        100,
        ge=2,
        le=100000,
        description="SSH connections that nobody has logged in on yet. From half of it on new ones "
        "are refused by chance, over it all are; the client shows why. Loopback has as many for "
        "itself, as above.",
    )
    unauthenticated_refused_percent: int = Field(
        30,
        ge=0,
        le=100,
        description="How many of a hundred new connections are refused when half of the two bounds "
        "above is reached; the share rises evenly up to all of them at the bound. 0: few at first; "
        "100: the bounds are half of what they say.",
    )
    unauthenticated_per_address: int = Field(
        16,
        ge=1,
        le=1000000,
        description="Connections from one IPv4 address or one IPv6 /64 at one kind of door that "
        "nobody has logged in or registered on yet. Over it: refused. Raise it where so many "
        "people behind one address may reconnect in the same second. Loopback is exempt, as above.",
    )
    ssh_sessions_per_connection: int = Field(
        10,
        ge=1,
        le=1000,
        description="Sessions on one SSH connection. Over it: refused.",
        json_schema_extra=RESTART,
    )
    ssh_unsent_bytes: int = Field(
        65536,
        ge=16384,
        le=67108864,
        description="Text that waits for one SSH client, and as much again that waits to become "
        "text. Over it, a pipe catches up as other clients do, and a terminal as the next says.",
        json_schema_extra=RESTART,
    )
    ssh_messages: int = Field(
        200,
        ge=1,
        le=100000,
        description="Messages that a terminal is shown when it goes on, the newest; how many more "
        "there were is said.",
    )
    ssh_suspended: int = Field(
        100,
        ge=1,
        le=100000,
        description="Terminals that take nothing for longer than stalled_seconds, as one whose ssh "
        "was suspended does. Over it, the one that has done so for longest is closed.",
        json_schema_extra=RESTART,
    )
    ping_after_seconds: float = Field(
        90.0, ge=0.1, le=86400, description="Silence after which a client is sent a PING."
    )
    ping_timeout_seconds: float = Field(
        60.0,
        ge=0.1,
        le=86400,
        description="Time to answer that PING. Over it: closed as timed out.",
    )
    connections_per_address: int = Field(
        64,
        ge=1,
        le=1000000,
        description="Connections from one IPv4 address or one IPv6 /64. Over it: refused with "
        "ERROR. Loopback is exempt, unless `doors.proxies` lists any.",
    )
    audit_days: int = Field(
        365,
        ge=0,
        le=36500,
        description="Days for which what operators did is kept (AUDIT). Over it: forgotten. 0: "
        "kept for good. Fewer days hold when the settings are reread (SIGHUP, REHASH), not by a "
        "mere start.",
    )
    history_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="Days for which what is said in a channel is kept. Over it: forgotten, "
        "within the hour. 0: for good. Fewer hold when the settings are reread (SIGHUP, REHASH), "
        "not by a mere start.",
    )
    history_messages: int = Field(
        0,
        ge=0,
        le=1000000000,
        description="Messages of each channel that are kept, the newest. Over it: forgotten, "
        "within the hour. 0: any number. Fewer hold when the settings are reread (SIGHUP, REHASH), "
        "not by a mere start.",
    )
    direct_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="Days for which direct messages are kept. Over it: forgotten, "
        "within the hour. 0: for good. Fewer hold when the settings are reread (SIGHUP, REHASH), "
        "not by a mere start.",
    )
    direct_messages: int = Field(
        0,
        ge=0,
        le=1000000000,
        description="Messages of each direct conversation that are kept on each side, the newest. "
        "Over it: forgotten, within the hour. 0: any number. Fewer hold when the settings are "
        "reread (SIGHUP, REHASH), not by a mere start.",
    )
    flood: bool = Field(
        True,
        description="Hold each user to the two rates below: an account with all of its sessions, a "
        "guest by connection, and all guests of one IPv4 address or IPv6 /64 to 16 times these. "
        "`false` turns flood control off, for bots on a trusted network and for measuring.",
    )
    message_burst: int = Field(
        10, ge=1, le=100000, description="Messages a user may send at once before being slowed."
    )
    messages_per_second: float = Field(
        2.0,
        gt=0,
        le=100000,
        description="Messages a second after the burst. Faster: delayed, not dropped; FAIL when "
        "the input is full.",
    )
    password_checks: int = Field(
        default_factory=default_password_checks,
        ge=1,
        le=1024,
        description="Password checks at once; each costs 19 MiB and a core for some 30 ms. The "
        "rest wait their turn.",
        json_schema_extra=RESTART,
    )
    password_checks_waiting: int = Field(
        1000,
        ge=1,
        le=1000000,
        description="Password checks that wait; addresses take turns. Over it: FAIL for the newest "
        "of the address that has most waiting.",
        json_schema_extra=RESTART,
    )
    history_page: int = Field(
        200,
        ge=1,
        le=10000,
        description="Messages in one page of history; a larger request is clamped.",
    )
    waiting_per_speaker: int = Field(
        200,
        ge=0,
        le=100000,
        description="Direct messages from one account that wait for another which is not "
        "connected. Over it: not kept, and refused (531).",
    )
    waiting_from_guests: int = Field(
        100,
        ge=0,
        le=100000,
        description="Direct messages from all guests together that wait for one account. Over it: "
        "those of guests are not kept, and refused (531), until the account has connected.",
    )
