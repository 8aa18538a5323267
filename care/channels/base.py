"""What every channel promises, and what it is handed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Abilities:
    """What a channel may do now; planning a message starts here."""

    voice: bool
    buttons: bool
    takes_key: bool  # the channel itself drops a second copy of one key, so a retry can never be seen twice
    sockets: int = 128  # messages on the wire at once
    per_second: float | None = None  # the most the vendor takes, from all of us together; None: no limit is known


@dataclass(frozen=True)
class Outgoing:
    """One thing to send: where, under which key (the same at every try), and what (a reply as JSON)."""

    address: str
    key: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    """The channel took it, under its own id."""

    provider_id: str


class SendFailed(Exception):
    """The channel is known not to have taken it.

    `cause` is a value of care.messages.types.Cause; `said` are the vendor's own words, for whoever mends the adapter:
    they may hold an address and are never logged.
    """

    def __init__(self, cause: str, said: str = "", again_after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.cause, self.said, self.again_after = cause, said, again_after


class Channel(Protocol):
    name: str
    can: Abilities

    async def send(self, out: Outgoing) -> Receipt:
        """Send once.  Raises SendFailed when it was not taken; any other exception means nobody knows."""


Append = Callable[[str, str, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Ports:
    """What the process that sends hands to a channel, because a channel knows no patient and no conversation."""

    append: Append  # (address, key, content): a line in our own conversation, once a key
