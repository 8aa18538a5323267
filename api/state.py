"""What every request may use: one door a process."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from care.content.library import Library
from care.conversation.turn import Conversation
from care.kit.database import Database
from care.kit.settings import Settings
from care.speech.speaker import Speaker


@dataclass
class Door:
    """The parts of the domain the web door opens to."""

    settings: Settings
    database: Database
    library: Library
    conversation: Conversation
    speaker: Speaker

    @property
    def hosts(self) -> list[str]:
        """Host names we answer to; a forged Host header gets 400."""
        return ["127.0.0.1", "localhost", self.settings.host, urlsplit(self.settings.address).hostname or "localhost"]


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def the_door(request: Request) -> Door:
    """The same for the framework, which would run a plain function in a thread for every request."""
    return door_of(request)
