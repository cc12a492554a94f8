"""The bounds of a node (design section 7): each buffer, queue and wait, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Hold the bounds; sizes in bytes, times in seconds, the rest in pieces."""

    line_bytes: int = 512
    tags_bytes: int = 4096
    input_bytes: int = 16 * 1024
    outbox_bytes: int = 1024 * 1024
    stalled_seconds: float = 120.0
    cursor_seqs: int = 10_000
    screen_bytes: int = 64 * 1024
    screen_seqs: int = 200
    session_records: int = 64
    records: int = 8_192
    handshake_seconds: float = 10.0
    registration_seconds: float = 30.0
    idle_seconds: float = 90.0
    pong_seconds: float = 60.0
    connections_per_address: int = 64
    unauthenticated: int = 2_048
    ssh_unauthenticated: int = 100
    unauthenticated_per_address: int = 16
    unauthenticated_refused_percent: int = 30
    password_checks: int = 1
    password_queue: int = 1_000
