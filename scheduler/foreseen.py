"""What would go through an app in a rehearsal: planned by the channel with the contact as it stands then, and never sent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from care.channels.base import Channel, Receipt, Sound, Step, Unheard, Way, Why
from care.content.library import Library
from care.kit.database import Database
from care.languages.table import form
from care.messages.reply import Reply
from care.messages.service import KEY
from care.messages.tables import Message
from care.messages.windows import reminder
from care.speech.speaker import Speaker
from scheduler.foretell import Sent
from scheduler.outbound import Addressed, Outbound, takes_whole
from scheduler.places import Places
from scheduler.ways import open_contacts, ways_of

LETTERS_A_S = 12.0  # spoken: only for whether an app with a limit would play it
Write = Callable[[str, str, Mapping[str, Any], Way, Why], Awaitable[None]]


@dataclass
class Wire(Unheard):
    """Takes what our own app would be sent, and writes it down."""

    channel: Channel
    write: Write

    def __post_init__(self) -> None:
        self.name, self.can = self.channel.name, self.channel.can

    async def send(self, step: Step) -> Receipt:
        await self.write(step.key.removeprefix(KEY), self.name, step.body, Way.LINE, Why.USUAL)
        return Receipt(step.key)


class Foreseen(Outbound):
    """Plans as the sender does, counts in the window what it would spend, and writes the way down."""

    def __init__(
        self, apart: Database, channels: Mapping[str, Channel], places: Places, speaker: Speaker | None, sent: list[Sent]
    ) -> None:
        whole = {name: Wire(each, self.write) for name, each in channels.items() if takes_whole(each)}
        super().__init__(apart, {**channels, **whole}, places, speaker)
        self.sent = sent
        self._one_at_a_time = asyncio.Lock()  # a vendor refuses the second where one is left; here each must know of the other

    async def send(self, library: Library, message_id: str, channel_name: str, reply: Reply | None) -> str:
        """Raises SendFailed where the channel has no way."""
        if reply is None:  # an answer to what was said before these days
            return ""
        async with self._one_at_a_time:
            channel = self.channels[channel_name]
            addressed, said = await self.prepare(library, message_id, channel, reply)
            plan = await self.plan(said, addressed, channel)
            async with self.database.work() as work:
                await self.spend(work, addressed, sum(step.spends for step in plan.steps))
        await self.write(message_id, channel_name, reply.to_json(), plan.way, plan.why)
        return ""

    async def write(self, message_id: str, channel: str, content: Mapping[str, Any], way: Way, why: Why) -> None:
        """With where it would go next, were this channel to fail."""
        async with self.database.look() as work:
            message = await work.session.get_one(Message, message_id)
            devices = await open_contacts(work, {message.patient_id}, self.channels, self.places)
            said = reminder(content["form"], message.kind, self.places.address)
            ways = ways_of(devices[message.patient_id], self.channels, said, work.now)
        then = tuple(name for name in ways if name != channel)
        self.sent.append(Sent(message_id, self.database.clock.now(), channel, dict(content), way, why, then))

    async def _sound(self, addressed: Addressed, channel: Channel) -> Sound | None:
        """Nothing is spoken: as long as the recording is, or as its letters promise."""
        reply, can, language = addressed.reply, channel.can, form(addressed.reply.form).language
        if self.speaker is None or not (can.voice and addressed.wants_sound and reply.spoken and self.speaker.voices(language)):
            return None
        clip = self.speaker.stored(reply.spoken, language, reply.recording)
        seconds = clip.seconds if clip else len(reply.spoken) / LETTERS_A_S
        return None if can.longest_sound_s and seconds > can.longest_sound_s else Sound("foreseen", seconds, bytes)

    async def _keep_page(self, addressed: Addressed, token: str) -> None:
        """Nobody opens it."""
