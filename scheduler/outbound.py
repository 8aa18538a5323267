"""Sending through an app: the contact's window, the channel's plan, the sound or a link to it, and its calls one after another.

Everything here happens after the intent and before the outcome: what decides whether a message may go at all does not stand here.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlalchemy import select, update

from care.channels.base import Cause, Channel, Choice, Contact, Plan, Receipt, Said, SendFailed, Sound, Step, Unheard, Way, Why
from care.content.library import Library
from care.conversation.again import LISTEN
from care.conversation.consenting import ABROAD
from care.conversation.record import lines_of, write_lines
from care.kit.database import Database, Work
from care.kit.ids import new_link_token
from care.kit.logs import get_log
from care.languages.table import form
from care.messages.compose import fills_of
from care.messages.listening import make_link, path_of
from care.messages.replies import REPLY, joined
from care.messages.reply import Reply
from care.messages.service import KEY
from care.messages.tables import Attempt, Message
from care.people.consent import allows
from care.people.contacts import LOST, address_of, aliases_of, note_shut
from care.people.linking import is_open
from care.people.tables import Device, Patient
from care.speech.speaker import Speaker
from scheduler.places import Places

SOUND_WITHIN_S, SEND_WITHIN_S, BESIDE_WITHIN_S = 4.0, 10.0, 8.0  # together below the lease
log = get_log("outbound")


@dataclass(frozen=True)
class Addressed:
    """A message as it is about to be said, and where."""

    message_id: str
    device_id: str
    patient_id: str
    channel: str
    contact: Contact
    reply: Reply
    kind: str
    wants_sound: bool
    fills: Mapping[str, str] = field(default_factory=dict)  # hour, day and clock, for a form that has places for them

    @property
    def is_answer(self) -> bool:
        """Its lines stand in the conversation already."""
        return self.kind == REPLY


def takes_whole(channel: Channel) -> bool:
    """Our own app, and channels of tests: one call takes the reply as it is, so nothing is to be planned."""
    return isinstance(channel, Unheard)


class Outbound:
    """What the dispatcher hands messages to whose channel is somebody else's."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], places: Places, speaker: Speaker | None = None
    ) -> None:
        self.database, self.channels, self.places, self.speaker = database, channels, places, speaker

    async def send(self, library: Library, message_id: str, channel_name: str, reply: Reply | None) -> str:
        """Say it.  Returns the vendor's id.  Raises SendFailed when it is known not to be out; anything else: nobody knows.

        `reply`: its words; None for an answer, whose words are lines of the conversation.
        """
        channel = self.channels[channel_name]
        addressed, said = await self.prepare(library, message_id, channel, reply)
        plan = await self.plan(said, addressed, channel)
        try:
            receipt = await self._call(plan.steps[0], channel, addressed, SEND_WITHIN_S)
        except SendFailed as failure:
            plan = await self._plan_again(failure, plan, said, addressed, channel)
            receipt = await self._call(plan.steps[0], channel, addressed, SEND_WITHIN_S)
        log.info("message.went", message_id=message_id, channel=channel.name, kind=plan.way, reason=plan.why or "usual")
        await self._after(addressed, plan, channel)
        return receipt.provider_id

    async def prepare(self, library: Library, message_id: str, channel: Channel, reply: Reply | None) -> tuple[Addressed, Said]:
        """What is to be said, and where.  Raises SendFailed: this channel may not say it."""
        async with self.database.look() as work:
            addressed = await self._address(work, library, message_id, channel, reply)
        return addressed, self._said(library, addressed, await self._sound(addressed, channel))

    async def spend(self, work: Work, addressed: Addressed, spent: int) -> None:
        """Count it in the vendor's window."""
        here = update(Device).where(Device.id == addressed.device_id)
        await work.session.execute(here.values(spent=Device.spent + spent))

    async def _address(self, work: Work, library: Library, message_id: str, channel: Channel, reply: Reply | None) -> Addressed:
        message = await work.session.get_one(Message, message_id)
        device = await _device(work, message, channel)
        if device is None:
            raise SendFailed(Cause.WINDOW_CLOSED)
        if message.kind != REPLY and self.places.is_abroad(channel) and not await allows(work, message.patient_id, ABROAD):
            raise SendFailed(Cause.WINDOW_CLOSED)
        if reply is None:
            lines = await lines_of(work, message.patient_id, message.arguments["lines"])
            reply = joined([line.reply for line in lines])
        patient = await work.session.get_one(Patient, message.patient_id)
        address, aliases = await address_of(work, device), await aliases_of(work, device)
        contact = Contact(address, device.opened_at, device.opened_by, device.spent, aliases)
        hears = patient.audio or reply.act == LISTEN  # who presses "listen" wants to, whatever they chose once
        fills = fills_of(library, message, patient, work.now)
        return Addressed(message_id, device.id, patient.id, channel.name, contact, reply, message.kind, hears, fills)

    async def _sound(self, addressed: Addressed, channel: Channel) -> Sound | None:
        """None when nobody wants it, no voice has it in time, or the app does not play it that long."""
        reply, can = addressed.reply, channel.can
        if self.speaker is None or not (can.voice and addressed.wants_sound and reply.spoken):
            return None
        try:
            async with asyncio.timeout(SOUND_WITHIN_S):
                clip = await self.speaker.say(reply.spoken, form(reply.form).language, reply.recording)
        except TimeoutError:
            log.warning("speech.late", message_id=addressed.message_id)
            return None
        if clip is None or can.sound not in clip.paths or (can.longest_sound_s and clip.seconds > can.longest_sound_s):
            return None
        return Sound(f"{clip.name}.{can.sound}", clip.seconds, clip.paths[can.sound].read_bytes)

    def _said(self, library: Library, addressed: Addressed, sound: Sound | None) -> Said:
        reply = addressed.reply
        return Said(
            key=KEY + addressed.message_id,
            text="\n".join(line for line in (reply.notice, reply.text) if line),
            form=reply.form,
            kind=addressed.kind,
            title=library.phrase(reply.form, "notice-title").text,
            choices=tuple(Choice(each.label, each.payload) for each in reply.buttons),
            sound=sound,
            content=reply.to_json() | addressed.fills,
        )

    async def plan(self, said: Said, addressed: Addressed, channel: Channel) -> Plan:
        """A link stands beside whatever does not simply speak: a row of it is written only where it is really said."""
        now = self.database.clock.now()
        if said.sound:
            with suppress(SendFailed):
                plan = channel.plan(said, addressed.contact, now)
                if plan.way == Way.VOICE and not plan.why:
                    return plan
        token = new_link_token()
        plan = channel.plan(replace(said, link=self.places.address + path_of(token)), addressed.contact, now)
        if any(token in str(step.body) for step in plan.steps):
            await self._keep_page(addressed, token)
        return plan

    async def _keep_page(self, addressed: Addressed, token: str) -> None:
        async with self.database.work() as work:
            patient = await work.session.get_one(Patient, addressed.patient_id)
            await make_link(work, patient, addressed.reply, KEY + addressed.message_id, self.places.listen_life, token)

    async def _plan_again(self, failure: SendFailed, plan: Plan, said: Said, addressed: Addressed, channel: Channel) -> Plan:
        """Another way through the same channel.  Raises the failure where there is none.

        A telephone that has rung often enough today gets the words that would have stood beside the call.
        """
        if plan.way == Way.CALL and failure.of_one and plan.steps[1:]:
            return Plan(plan.steps[1:], Why.RUNG_ENOUGH)
        if not _is_news(failure, plan.steps[0], addressed):
            raise failure
        return await self.plan(said, replace(addressed, contact=Contact(addressed.contact.address)), channel)

    async def _call(self, step: Step, channel: Channel, addressed: Addressed, within_s: float) -> Receipt:
        """One call.  A window the vendor says is shut is shut: what is planned next goes as a notice, or another way."""
        try:
            async with asyncio.timeout(within_s):
                return await channel.send(step)
        except SendFailed as failure:
            if _is_news(failure, step, addressed) and addressed.contact.opened_at:
                log.warning("window.shut", channel=channel.name, message_id=addressed.message_id)
                async with self.database.work() as work:
                    await note_shut(work, Device.id == addressed.device_id, addressed.contact.opened_at)
            raise

    async def _after(self, addressed: Addressed, plan: Plan, channel: Channel) -> None:
        """The message is out, whatever becomes of this: what stands beside it is tried once, and the window is counted."""
        spent = plan.steps[0].spends
        for step in plan.steps[1:]:
            spent += await self._beside(step, channel, addressed)
        try:
            async with self.database.work() as work:
                await self.spend(work, addressed, spent)
                if plan.steps[1:]:
                    tries = update(Attempt).where(Attempt.message_id == addressed.message_id, Attempt.outcome.is_(None))
                    await work.session.execute(tries.values(beside=True))
                if not addressed.is_answer:
                    patient = await work.session.get_one(Patient, addressed.patient_id)
                    line = [(KEY + addressed.message_id, addressed.reply)]
                    await write_lines(work, patient, line, channel=addressed.channel)
        except Exception as wrong:  # around one dispatch: the message is out, and must be recorded as such
            log.error("message.unwritten", message_id=addressed.message_id, error=type(wrong).__name__)

    async def _beside(self, step: Step, channel: Channel, addressed: Addressed) -> int:
        try:
            await self._call(step, channel, addressed, BESIDE_WITHIN_S)
        except Exception as wrong:  # around one dispatch: it only stands beside, the message itself is out
            log.warning("message.alone", message_id=addressed.message_id, kind=step.way, error=type(wrong).__name__)
            return 0
        return step.spends


def _is_news(failure: SendFailed, step: Step, addressed: Addressed) -> bool:
    """The vendor's clock or count differs from ours: what we took for open is shut."""
    is_shut = failure.cause == Cause.WINDOW_CLOSED and step.way != Way.NOTICE
    return is_shut and addressed.contact.opened_at is not None


async def _device(work: Work, message: Message, channel: Channel) -> Device | None:
    """An answer goes where the patient spoke, confirmed or not; all else to the contact they used last.

    Whoever was lost there and speaks of danger is answered there.
    """
    if message.kind == REPLY:
        device = await work.session.get(Device, message.arguments["device"])
        is_heard = device and (device.closed_at is None or (message.urgent and device.closed_because in LOST))
        return device if is_heard else None
    mine = select(Device).where(Device.patient_id == message.patient_id, Device.channel == channel.name, is_open(work.now))
    found: Device | None = await work.session.scalar(mine.order_by(Device.seen_at.desc(), Device.id).limit(1))
    return found
