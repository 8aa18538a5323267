"""Where this hospital is, and where its pages are: what a message needs to know of the world."""

from dataclasses import dataclass
from datetime import timedelta

from care.channels.base import Channel
from care.kit.settings import Settings


@dataclass(frozen=True)
class Places:
    """`address` of the pages patients open; `region`: the country of the hospital."""

    address: str = ""
    region: str = "CN"
    listen_life: timedelta = timedelta(days=7)

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        return cls(settings.address, settings.region, settings.listen_life)

    def is_abroad(self, channel: Channel) -> bool:
        """Whether what is said through it leaves the country."""
        return channel.can.servers not in ("", self.region)
