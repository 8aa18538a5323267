"""What every request may use: one door a process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from api.phones import Phones
from care.channels.base import Channel, Ports
from care.channels.registry import make_channels, refuse_abroad
from care.content.library import Library
from care.content.training import taught
from care.conversation.assistant import Understander
from care.conversation.turn import Conversation
from care.kit.database import Database
from care.kit.settings import Settings
from care.languages import corpus
from care.messages.gate import Gate
from care.messages.notes import StoredNotes
from care.speech.speaker import Speaker
from care.studio.serving import Follower, Served
from care.supervisor.teaching import learnt


@dataclass
class Door:
    """The parts of the domain the web door opens to."""

    settings: Settings
    database: Database
    library: Library
    conversation: Conversation
    speaker: Speaker
    phones: Phones = field(default_factory=Phones)
    channels: Mapping[str, Channel] = field(default_factory=dict)  # what vendors may post to

    @property
    def hosts(self) -> list[str]:
        """Host names we answer to; a forged Host header gets 400."""
        return ["127.0.0.1", "localhost", self.settings.host, urlsplit(self.settings.address).hostname or "localhost"]

    async def take(self, served: Served) -> None:
        """Speak other words from now on.  A turn that has begun ends with the words it began with."""
        assistant = self.conversation.assistant
        made = await asyncio.to_thread(ready, self.settings, self.database, assistant, served)
        self.library, (self.conversation, self.speaker) = served.library, made

    def follow(self, served: Served) -> Follower:
        """Whoever looks for newer words, and for an assistant that was taught anew."""
        return Follower(self.database, self.settings, served, self.take, lambda: learnt(self.settings))


def ready(settings: Settings, database: Database, assistant: Understander, served: Served) -> tuple[Conversation, Speaker]:
    """All that is made from words before the first of them is said.  Takes seconds."""
    corpus.renew(served.folder)
    gate = Gate.of(settings)
    conversation = Conversation(database, served.library, assistant, settings.region, gate, taught(settings.bot))
    return conversation, Speaker.of(settings.model_copy(update={"content": served.folder}), served.library.speeches)


def open_channels(database: Database, settings: Settings) -> Mapping[str, Channel]:
    """The channels as they are heard through: sending belongs to the scheduler.  Raises NotConfigured."""

    async def append(patient_id: str, key: str, content: dict[str, Any]) -> None:
        raise NotImplementedError("messages are sent by the scheduler")

    channels = make_channels(Ports(append, lambda name: StoredNotes(database, name), database.clock.now))
    refuse_abroad(channels.values(), settings.region, settings.abroad_reason)
    return channels


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def the_door(request: Request) -> Door:
    """The same for the framework, which would run a plain function in a thread for every request."""
    return door_of(request)
