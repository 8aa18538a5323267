"""What every channel promises."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Abilities:
    """What a channel may do now; planning a message starts here."""

    voice: bool
    buttons: bool
    takes_key: bool  # the channel itself drops a second copy of one key, so a retry can never be seen twice


@dataclass(frozen=True)
class Outgoing:
    """One thing to send: where, under which key, and what (a reply as JSON)."""

    address: str
    key: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    """The channel took it, under its own id."""

    provider_id: str


class SendFailed(Exception):
    """The channel is known not to have taken it.  `cause` is a care.messages.types.Cause value."""

    def __init__(self, cause: str, again_after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.cause, self.again_after = cause, again_after


class Channel(Protocol):
    name: str
    can: Abilities

    async def send(self, out: Outgoing) -> Receipt:
        """Send once.  Raises SendFailed when it was not taken; any other exception means nobody knows."""
