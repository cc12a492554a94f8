"""What the rooms need of the settings, in their own terms."""

from __future__ import annotations

from datetime import datetime

from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.world.world import KeptFor
from hubbub.irc.framing import CLIENT_TAG_BYTES
from hubbub.node.life import Shared
from hubbub.node.limits.bounds import Bounds
from hubbub.node.mailer import Route
from hubbub.settings import Settings
from hubbub.transport.ssh.bounds import SSHBounds


def policy_of(settings: Settings, started: datetime) -> Policy:
    """Return the rules' part; `started` is when the node started, in UTC."""
    limits, admin = settings.limits, settings.admin
    flood = (limits.message_burst, limits.messages_per_second) if limits.flood else None
    return Policy(
        server=settings.name,
        network=settings.network,
        description=settings.description,
        created=started.strftime("%a %d %b %Y at %H:%M:%S UTC"),
        started=int(started.timestamp()),
        motd=tuple(settings.motd.splitlines()),
        admin=tuple(line for line in (admin.location, admin.organisation, admin.contact) if line),
        operators={
            name: OperBlock(operator.password, operator.operator_class)
            for name, operator in settings.operators.items()
        },
        password=settings.password or "",
        proxies=tuple(map(str, settings.doors.proxies)),
        access=settings.access,
        register_before_connect=settings.accounts.register_before_connect,
        email=settings.accounts.email,
        scram=settings.accounts.scram,
        password_length=settings.accounts.password_length,
        step_up_seconds=settings.accounts.step_up_minutes * 60,
        second_factor_for=frozenset(settings.accounts.second_factor_for),
        channels_per_account=settings.channels.per_account,
        access_entries=settings.channels.access_entries,
        replay=settings.channels.replay,
        replay_to=frozenset(settings.channels.replay_to),
        flood=flood,
        history_page=limits.history_page,
        waiting_per_speaker=limits.waiting_per_speaker,
        waiting_from_guests=limits.waiting_from_guests,
        redact_seconds=settings.channels.redact_seconds,
        keep_edits=settings.channels.keep_edits,
        icon=settings.network_icon,
        sts_seconds=settings.tls.sts_seconds,
    )


def shared_of(settings: Settings) -> Shared:
    """Return the part that becomes records, for all nodes go by it."""
    channels, limits = settings.channels, settings.limits
    kept_for = KeptFor(
        settings.accounts.stay_days * 86_400,
        limits.audit_days,
        limits.history_days,
        limits.history_messages,
        limits.direct_days,
        limits.direct_messages,
    )
    return Shared(channels.keep, channels.keep_limit, kept_for)


def bounds_of(settings: Settings) -> Bounds:
    """Return the node's part."""
    limits = settings.limits
    return Bounds(
        line_bytes=limits.line_bytes,
        tags_bytes=min(limits.tags_bytes, CLIENT_TAG_BYTES),
        input_bytes=limits.input_bytes,
        outbox_bytes=limits.outbox_bytes,
        stalled_seconds=limits.stalled_seconds,
        cursor_seqs=limits.cursor_messages,
        screen_bytes=limits.ssh_unsent_bytes,
        screen_seqs=limits.ssh_messages,
        session_records=limits.session_unwritten_records,
        records=limits.unwritten_records,
        handshake_seconds=limits.handshake_seconds,
        registration_seconds=limits.registration_seconds,
        idle_seconds=limits.ping_after_seconds,
        pong_seconds=limits.ping_timeout_seconds,
        connections_per_address=limits.connections_per_address,
        unauthenticated=limits.unauthenticated,
        ssh_unauthenticated=limits.ssh_unauthenticated,
        unauthenticated_per_address=limits.unauthenticated_per_address,
        unauthenticated_refused_percent=limits.unauthenticated_refused_percent,
        password_checks=limits.password_checks,
        password_queue=limits.password_checks_waiting,
    )


def ssh_bounds_of(settings: Settings) -> SSHBounds:
    """Return the SSH door's part."""
    limits = settings.limits
    return SSHBounds(
        handshake_seconds=limits.handshake_seconds,
        login_seconds=limits.login_seconds,
        login_attempts=limits.login_attempts,
        sessions_per_connection=limits.ssh_sessions_per_connection,
        unsent_bytes=limits.ssh_unsent_bytes,
    )


def mail_route_of(settings: Settings) -> Route | None:
    """Return how e-mails leave, or None where nobody has said so."""
    mail = settings.mail
    if not mail.host:
        return None
    return Route(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        sender=mail.sender,
        name=settings.name,
        user=mail.user,
        password=mail.password.get_secret_value() if mail.password is not None else "",
        per_hour=mail.per_hour,
    )
