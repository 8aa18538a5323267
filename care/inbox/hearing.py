"""Who speaks, may they be answered, and then a turn of conversation: what comes in through an app, one thing at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, update

from care.alarms.service import raise_alert
from care.channels.base import Act, Channel, Contact, Inbound, SendFailed
from care.conversation.consenting import ABROAD, ask_consent
from care.conversation.context import Heard
from care.conversation.payloads import parse_payload
from care.conversation.record import lines_of
from care.conversation.tables import CheckIn
from care.conversation.turn import Conversation
from care.inbox import neutral, store
from care.inbox.neutral import NOT_MINE, WHOM, Neutral
from care.inbox.shelf import NotMedia, Shelf, make_ready
from care.inbox.store import Taken
from care.kit.database import Database, Work
from care.kit.ids import CODE_LENGTH, CODE_LETTERS, tidy_code
from care.kit.logs import get_log
from care.languages.table import authored_form, form
from care.messages.replies import queue_reply
from care.messages.reply import Reply
from care.messages.service import message_of
from care.messages.tables import Message
from care.messages.windows import after, can_talk
from care.people import consent, contacts
from care.people.contacts import Person
from care.people.linking import CodeRefused, is_code, link_contact
from care.people.tables import Device, Patient
from care.people.vault import Vault
from care.plans.tables import Occurrence
from care.speech.ear import Ear, NoEar

TALK = timedelta(minutes=30)  # in which the patient who was named is still the one spoken for
NAMED = (Occurrence, Message, CheckIn)  # what a button may be about; its owner is who is meant
STRANGERS_A_DAY = 5  # neutral answers to one address we do not know: two machines must not talk for ever
# What a nurse is told of an end, or of another number.
FLAGS = {contacts.LEFT: "contact-left", contacts.NOT_MINE: "contact-not-mine", contacts.MOVED: "contact-moved"}
STRANGER, CODE_WRONG, DANGER = "stranger", "code-wrong", "stranger-in-danger"
NURSE, FAR, WHICH = "nurse", "abroad", "whom"
MEDIA = {Act.SPEAK: "sound", Act.SHOW: "picture", Act.SEND: "other"}
WAITED = (NURSE, FAR, WHICH)  # what waited was noted when it came
CONSENT_FOR = {"sound": "voice", "picture": "symptoms"}
log = get_log("inbox")


@dataclass
class Speaker:
    """Who may be meant by one thing that came in: each patient with the contact they are reached at."""

    taken: Taken
    person: Person
    contact: Contact
    refused: str = ""  # why the code they brought did not work
    linked: str = ""  # the contact a code made just now, or before
    devices: list[Device] = field(default_factory=list)
    patients: dict[str, Patient] = field(default_factory=dict)

    @property
    def inbound(self) -> Inbound:
        return self.taken.inbound

    @property
    def form(self) -> str:
        return self.patients[self.devices[0].patient_id].form


@dataclass(frozen=True)
class Done:
    """It needs no turn; a neutral line may be left to say."""

    neutral: Neutral | None = None


class Hearing:
    """Works off one thing at a time; each step may be repeated after a crash and changes nothing more then."""

    def __init__(self, database: Database, conversation: Callable[[], Conversation], shelf: Shelf, ear: Ear = NoEar()) -> None:
        self.database, self._conversation, self.shelf, self.ear = database, conversation, shelf, ear

    async def hear(self, channel: Channel, taken: Taken) -> Neutral | None:
        """Work it off.  Returns a neutral line that is to be said besides, if any."""
        if taken.inbound.act == Act.MOVE:
            await self._move(channel, taken)
            return None
        async with self.database.work() as work:
            speaker = await self._find(work, channel, taken)
            done = await self._settle_early(work, speaker)
        if done:
            return done.neutral
        meant = await self._meant(channel, speaker)
        if isinstance(meant, Done):
            return meant.neutral
        await self._turn(channel, speaker, meant)
        return None

    async def _move(self, channel: Channel, taken: Taken) -> None:
        """Their contact goes with them, by the vendor's word; a nurse looks whether that is right."""
        old, *others = taken.inbound.formerly or ("",)
        async with self.database.work() as work:
            for device in await contacts.contacts_of(work, Person(channel.name, old, tuple(others))):
                await contacts.move(work, device, _person(channel, taken.inbound))
                patient = await work.session.get_one(Patient, device.patient_id)
                await raise_alert(work, patient, FLAGS[contacts.MOVED], "next-working-day", "delivery")
            await store.finish(work, taken.id, contacts.MOVED)

    async def spend(self, channel: Channel, taken: Taken, spent: int) -> None:
        """A neutral line counts in the vendor's window like any other."""
        async with self.database.work() as work:
            devices = await contacts.contacts_of(work, _person(channel, taken.inbound))
            ids = [each.id for each in devices]
            await work.session.execute(update(Device).where(Device.id.in_(ids)).values(spent=Device.spent + spent))

    async def _find(self, work: Work, channel: Channel, taken: Taken) -> Speaker:
        inbound = taken.inbound
        at = min(inbound.at or taken.received_at, taken.received_at)
        speaker = Speaker(taken, _person(channel, inbound), Contact(inbound.address, at, inbound.opens))
        # Any QR code of the hospital's may lead to us, and eight capitals a patient wrote may be a word.
        brought = inbound.code if inbound.act == Act.ARRIVE and _looks_like_code(inbound.code) else ""
        typed = brought or (inbound.text if inbound.text and await is_code(work, inbound.text) else "")
        known = await contacts.contacts_of(work, speaker.person)
        lost = [] if known else await self._lost_but_urgent(work, speaker)
        typed = typed or ("" if known or lost or inbound.act != Act.WRITE else _code_in(inbound.text))
        if typed:
            try:
                speaker.linked = (await link_contact(work, typed, speaker.person)).id
            except CodeRefused as refused:
                speaker.refused = refused.reason
        speaker.devices = await contacts.contacts_of(work, speaker.person) or await _called(work, speaker) or lost
        for device in speaker.devices:
            speaker.patients[device.patient_id] = await work.session.get_one(Patient, device.patient_id)
            await _note_opening(work, channel, device, speaker)
        await contacts.keep_aliases(work, speaker.devices, speaker.person)
        return speaker

    async def _settle_early(self, work: Work, speaker: Speaker) -> Done | None:
        """What needs no turn: strangers, wrong codes, leaving, "not my number"."""
        taken, library = speaker.taken, self._conversation().library
        if not speaker.devices or speaker.refused not in ("", "used"):
            return Done(await self._answer_stranger(work, speaker))
        if taken.inbound.act == Act.LEAVE:
            await self._close(work, speaker, contacts.LEFT)
            return Done()
        if taken.inbound.payload == NOT_MINE:
            # It stands under the line about a contact that waits for a nurse: of two patients the other one stays.
            speaker.devices = [each for each in speaker.devices if each.confirmed_at is None] or speaker.devices
            speaker.patients = {each.patient_id: speaker.patients[each.patient_id] for each in speaker.devices}
            await self._close(work, speaker, contacts.NOT_MINE)
            return Done(Neutral(speaker.contact, neutral.removed(library, speaker.form), taken.key))
        if taken.inbound.payload.startswith(f"{WHOM}:"):
            await self._choose_for_now(work, speaker)
            return Done()
        return None

    async def _answer_stranger(self, work: Work, speaker: Speaker) -> Neutral | None:
        """Ask for the code, or say that it does not work; not for ever.  In danger there is a number that needs no code."""
        conversation, inbound = self._conversation(), speaker.inbound
        library = conversation.library
        heard = Heard("", inbound.text or None)
        in_danger = any(conversation.is_danger(heard, authored_form(each).tag) for each in library.languages)
        why = DANGER if in_danger else CODE_WRONG if speaker.refused else STRANGER
        alike = (DANGER,) if in_danger else (CODE_WRONG, STRANGER)
        index = speaker.person.index(work)
        said = await store.said_lately(work, speaker.person.channel, index, alike, timedelta(days=1))
        await store.finish(work, speaker.taken.id, why)
        is_guessing = speaker.refused == "too-many-tries" and not in_danger
        if inbound.act == Act.LEAVE or is_guessing or said >= STRANGERS_A_DAY:
            return None
        ask = neutral.for_strangers(library, "contact-code-wrong" if speaker.refused else "contact-ask-code")
        help_first = neutral.for_strangers_in_danger(library, conversation.region) if in_danger else ()
        return Neutral(speaker.contact, (*help_first, *ask), speaker.taken.key)

    async def _close(self, work: Work, speaker: Speaker, why: str) -> None:
        """Nothing more is sent there, and a nurse finds another way."""
        await contacts.close_contacts(work, speaker.devices, why)
        for patient in speaker.patients.values():
            await raise_alert(work, patient, FLAGS[why], "next-working-day", "delivery")
        await store.finish(work, speaker.taken.id, why)

    async def _meant(self, channel: Channel, speaker: Speaker) -> list[Device] | Done:
        """Whose turn it is.  Danger and the word that stops everything are everybody's; all else waits until it is known."""
        taken = speaker.taken
        async with self.database.work() as work:
            held = await contacts.hold_contacts(work, speaker.devices)
            speaker.devices = [each for each in held if each.closed_at is None] or held
            if (closed := speaker.devices[0]).closed_at and not self._is_urgent(speaker):  # danger is heard wherever it is said
                await store.finish(work, taken.id, closed.closed_because or "")
                return Done()
            devices = await _choose(work, speaker)
            why = WHICH if len(devices) > 1 else await self._not_yet(work, channel, devices[0], taken.inbound)
            if not why or self._is_urgent(speaker):
                return devices
            is_asked = await store.is_waiting(work, channel.name, speaker.person.index(work), why, TALK)
            if why == FAR and self._is_arrival(speaker):
                await store.finish(work, taken.id)  # they are welcomed once they have agreed
            else:
                await store.set_waiting(work, taken.id, why)
            return Done(None if is_asked else Neutral(speaker.contact, await self._ask(work, why, devices), taken.key))

    async def _lost_but_urgent(self, work: Work, speaker: Speaker) -> list[Device]:
        """Whoever has left us is a stranger there now, unless what they say must not wait."""
        lost = await contacts.contacts_lost(work, speaker.person)
        forms = {(await work.session.get_one(Patient, each.patient_id)).form for each in lost}
        if self._is_urgent_in(speaker.inbound, forms, only_danger=True):
            return lost
        still_theirs = [each for each in lost if each.closed_because not in contacts.ELSEWHERE]
        return still_theirs if self._is_urgent_in(speaker.inbound, forms) else []

    @staticmethod
    def _is_arrival(speaker: Speaker) -> bool:
        """They pressed Start, or brought a code, which is no word of theirs."""
        return speaker.inbound.act == Act.ARRIVE or bool(speaker.linked)

    def _is_urgent(self, speaker: Speaker) -> bool:
        return self._is_urgent_in(speaker.inbound, {each.form for each in speaker.patients.values()})

    def _is_urgent_in(self, inbound: Inbound, forms: Iterable[str], only_danger: bool = False) -> bool:
        heard, conversation = Heard("", inbound.text or None, inbound.payload or None), self._conversation()
        is_so = conversation.is_danger if only_danger else conversation.is_urgent
        return any(is_so(heard, each) for each in forms)

    async def _ask(self, work: Work, why: str, devices: Sequence[Device]) -> tuple[Reply, ...]:
        """What is said while something waits: for a nurse, for a consent, or to know who is meant."""
        library, tag = self._conversation().library, (await work.session.get_one(Patient, devices[0].patient_id)).form
        if why == WHICH:
            return neutral.whom(library, tag, [(each.id, await _name(work, each)) for each in devices])
        return (ask_consent(library, tag, ABROAD),) if why == FAR else neutral.waits(library, tag)

    async def _not_yet(self, work: Work, channel: Channel, device: Device, inbound: Inbound) -> str:
        """Why this contact may not be spoken with of anybody's health; empty when it may."""
        if device.confirmed_at is None:
            return NURSE
        if not is_abroad(self._conversation(), channel) or inbound.payload.startswith(f"consent:{ABROAD}:"):
            return ""
        return "" if await consent.allows(work, device.patient_id, ABROAD) else FAR

    async def _turn(self, channel: Channel, speaker: Speaker, devices: list[Device]) -> None:
        """A turn for each of them; the answer is said once, in the name of the first."""
        heard = await self._heard(channel, speaker, devices[0])
        for number, device in enumerate(devices):
            lines = await self._conversation().turn(device.patient_id, heard)
            if device.closed_because in contacts.ELSEWHERE:  # perhaps somebody else's by now: no talk of the patient's goes there
                lines = [line for line in lines if line.reply.act == "alarm"]
            if number == 0 and self._can_answer(channel, speaker, device):
                async with self.database.work() as work:
                    urgent = any(line.reply.act == "alarm" for line in lines)
                    await queue_reply(work, device, [line.key for line in lines], urgent)
        async with self.database.work() as work:
            await store.finish(work, speaker.taken.id)
            await self._after(work, channel, speaker, devices[0])

    def _can_answer(self, channel: Channel, speaker: Speaker, device: Device) -> bool:
        """A key pressed in a call was thanked for in the call, where the channel has no free words."""
        if speaker.inbound.act != Act.PRESS or speaker.inbound.payload:
            return True
        contact = Contact(device.id, device.opened_at, device.opened_by, device.spent)
        return can_talk(channel, contact, self.database.clock.now())

    async def _after(self, work: Work, channel: Channel, speaker: Speaker, device: Device) -> None:
        """They have said whether a service abroad may be used: what waited for that goes on, or the contact ends."""
        if not speaker.inbound.payload.startswith(f"consent:{ABROAD}:") or not is_abroad(self._conversation(), channel):
            return
        if await consent.allows(work, device.patient_id, ABROAD):
            await store.release(work, channel.name, speaker.person.indexes(work))
        else:
            here = await work.session.get_one(Device, device.id)
            await contacts.close_contacts(work, [here], contacts.DECLINED)
            patient = await work.session.get_one(Patient, device.patient_id)
            await raise_alert(work, patient, "contact-left", "next-working-day", "delivery")

    async def _choose_for_now(self, work: Work, speaker: Speaker) -> None:
        """Which of the patients is spoken for: what waited for that is heard now, and so is what follows soon."""
        chosen = speaker.inbound.payload.partition(":")[2]
        for device in speaker.devices:
            device.chosen_at = work.now if device.id == chosen else None
        await store.finish(work, speaker.taken.id, WHICH)
        if any(device.chosen_at for device in speaker.devices):
            await store.release(work, speaker.person.channel, speaker.person.indexes(work))

    async def _heard(self, channel: Channel, speaker: Speaker, device: Device) -> Heard:
        inbound, key = speaker.inbound, speaker.taken.key
        kind = MEDIA.get(inbound.act, "")
        kept, words = await self._keep_media(channel, speaker, device, kind) if kind in CONSENT_FOR else ("", "")
        typed = inbound.text if inbound.act == Act.WRITE or kind else ""
        return Heard(
            key=key,
            text="\n".join(filter(None, (typed, words))),
            payload="arrive" if self._is_arrival(speaker) else await self._pressed(channel, inbound, device) or None,
            channel=channel.name,
            abroad=is_abroad(self._conversation(), channel),
            attached=kind,
            attachment=kept,
        )

    async def _pressed(self, channel: Channel, inbound: Inbound, device: Device) -> str:
        """What a button says; of a key pressed on the telephone, what the button in that place of the message says."""
        if inbound.act != Act.PRESS or inbound.payload or not inbound.text.isdecimal():
            return inbound.payload
        async with self.database.look() as work:
            about = await message_of(work, inbound, channel.name)
            lines = await lines_of(work, device.patient_id, [f"message:{about.id}"]) if about else []
        buttons = lines[0].reply.buttons if lines else ()
        place = int(inbound.text) - 1
        return buttons[place].payload if 0 <= place < len(buttons) else "menu"

    async def _keep_media(self, channel: Channel, speaker: Speaker, device: Device, kind: str) -> tuple[str | None, str]:
        """The id of what was kept, and the words heard in it.

        The id is empty when they have not agreed to that, None when it could not be had or opened.
        """
        async with self.database.look() as work:
            if not await consent.allows(work, device.patient_id, CONSENT_FOR[kind]):
                return "", ""
        try:
            ready = await make_ready(kind, await channel.fetch_media(speaker.inbound.media))
        except (NotMedia, SendFailed) as wrong:
            if isinstance(wrong, SendFailed) and speaker.taken.tries < store.TRIES:
                raise
            log.warning("media.unreadable", channel=channel.name, reason=type(wrong).__name__)
            return None, ""
        language = form(speaker.patients[device.patient_id].form).language
        words = await self.ear.hear(ready.content, language) if kind == "sound" else ""
        async with self.database.work() as work:
            patient = await work.session.get_one(Patient, device.patient_id)
            return await self.shelf.put(work, patient, speaker.taken.key, ready), words


def is_abroad(conversation: Conversation, channel: Channel) -> bool:
    """Whether what is said through it leaves the country of the hospital."""
    return channel.can.servers not in ("", conversation.region)


def _person(channel: Channel, inbound: Inbound) -> Person:
    return Person(channel.name, inbound.address, inbound.aliases)


def _code_in(text: str) -> str:
    """What a stranger's message may hold as a code: the whole of it, or one word."""
    return next((each for each in (text, *text.split()) if _looks_like_code(each)), "")


def _looks_like_code(typed: str) -> bool:
    tidy = tidy_code(typed)
    return len(tidy) == CODE_LENGTH and set(tidy) <= set(CODE_LETTERS)


async def _note_opening(work: Work, channel: Channel, device: Device, speaker: Speaker) -> None:
    """They were here; and what the vendor lets us do after it.  Told again, it opens nothing anew."""
    device.seen_at = max(device.seen_at, work.now)
    at, by = speaker.contact.opened_at, speaker.inbound.opens
    if not by or at is None or speaker.taken.why in WAITED:
        return
    known = Contact(speaker.inbound.address, device.opened_at, device.opened_by, device.spent)
    open_now = after(channel, known, Contact(speaker.inbound.address, at, by))
    if open_now != known:
        contacts.note_opening(device, by, at, open_now.spent)


async def _called(work: Work, speaker: Speaker) -> list[Device]:
    """While a call lasts its reports name no number: whoever was called has pressed the key."""
    inbound, name = speaker.inbound, speaker.person.channel
    about = await message_of(work, inbound, name) if inbound.act == Act.PRESS and not inbound.address else None
    if about is None:
        return []
    return [each for each in await contacts.app_contacts(work, about.patient_id) if each.channel == name]


async def _choose(work: Work, speaker: Speaker) -> list[Device]:
    """The one who is meant: linked just now, the only one, known by the dose a button is about, or named lately."""
    devices = speaker.devices
    if len(devices) == 1 or speaker.linked:
        return [each for each in devices if each.id == speaker.linked] or devices
    about = await message_of(work, speaker.inbound, speaker.person.channel)
    if about:
        return [each for each in devices if each.patient_id == about.patient_id] or devices
    payload = parse_payload(speaker.inbound.payload)
    if payload and payload.occurrence:
        owners = [await work.session.scalar(select(each.patient_id).where(each.id == payload.occurrence)) for each in NAMED]
        if mine := [each for each in devices if each.patient_id in owners]:
            return mine  # else it names nothing of theirs: consent:reminders:yes, bad:severe:fatigue
    lately = [each for each in devices if each.chosen_at and each.chosen_at > work.now - TALK]
    return lately or devices


async def _name(work: Work, device: Device) -> str:
    patient = await work.session.get_one(Patient, device.patient_id)
    return await Vault(work).open(patient.id, "patient.name", patient.name_sealed)
