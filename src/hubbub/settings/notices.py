"""What is noticed while settings are read, before there is a log to say it in."""

from dataclasses import dataclass, field
from typing import Literal, Protocol


class TakesNotice(Protocol):
    """What takes an event with its fields."""

    def info(self, event: str, **details: str) -> object:
        """Take one that is worth knowing."""

    def warning(self, event: str, **details: str) -> object:
        """Take one that somebody had better mend."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold a line for the log: how important it is, what happened, and its fields."""

    level: Literal["info", "warning"]
    event: str
    details: dict[str, str] = field(default_factory=dict)

    def tell(self, log: TakesNotice) -> None:
        """Say it in the log."""
        (log.warning if self.level == "warning" else log.info)(self.event, **self.details)
