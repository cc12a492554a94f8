"""Who is there and what they do: the loads that the model is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Load:
    """Describe people: how often each says something, and how many are told of that.

    `seconds` is how long a session is silent between two messages, on average; `members` how many
    connected members a channel has in which something is said; `whole` that it has all there are.
    """

    name: str
    seconds: float
    members: int
    whole: bool = False

    def heard_by(self, sessions: int) -> float:
        """Return how many are told of one message."""
        return sessions if self.whole else min(self.members, sessions)

    def messages(self, sessions: int) -> float:
        """Return how many messages a second all of them say."""
        return sessions / self.seconds


LOADS: Final = (
    Load("teams: channels of 50, a message in 3 minutes from each", 180, 50),
    Load("rooms: channels of 10, a message in 20 seconds from each", 20, 10),
    Load("bots: channels of 3, a message a second from each", 1, 3),
    Load("a hall: one channel of all, a message in a day from each", 86_400, 0, whole=True),
)
"""What people are like: a company, friends, machines, and an announcement to everybody."""
