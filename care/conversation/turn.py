"""One turn: alarms before and without the assistant, then its acts, then the written answer."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from care.alarms.listen import Listener, RedFlag
from care.alarms.service import raise_alert
from care.content.library import Library
from care.conversation import acts
from care.conversation.assistant import AssistantDown, Understander, Understood
from care.conversation.buttons import press
from care.conversation.context import Heard, Turn
from care.conversation.doses import give_reason, reason_in
from care.conversation.emergencies import answer_alarm, remind_of_alarm
from care.conversation.payloads import parse_payload
from care.conversation.phrasebook import Phrasebook
from care.conversation.record import LineView, answers_to, write_lines
from care.conversation.stopping import STOP, note_stop
from care.conversation.tables import Dialog
from care.kit.database import Database, Work
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.languages.normalise import tidy
from care.languages.reading import Reading, read
from care.languages.table import form
from care.messages.gate import pass_gate
from care.messages.reply import Reply
from care.people.consent import allows
from care.people.patients import NotFound
from care.people.tables import Patient

LONGEST = 1_000  # characters of one message we try to understand; all of it is kept for the nurse up to KEPT
KEPT = 4_000
HEARD = 20_000  # the alarm rules read on for longer than anything is kept
ASKED_FOR = timedelta(hours=1)  # how long a question of ours stands open; a later word is about something new
LETTER = re.compile(r"\w")
log = get_log("conversation")


@dataclass(frozen=True)
class Situation:
    """What was known before the assistant was asked."""

    form: str
    conversation: str
    now: datetime


class Conversation:
    """Takes what a patient sent and answers.  Build one per process."""

    def __init__(
        self, database: Database, library: Library, assistant: Understander, region: str = "CN", demo: bool = False
    ) -> None:
        self.database = database
        self.library = library
        self.listener = Listener.load(library)
        self.phrasebook = Phrasebook(library)
        self.assistant = assistant
        self.region, self.demo = region, demo

    async def turn(self, patient_id: str, heard: Heard) -> list[LineView]:
        """Answer one message.  The same key again gets the same answer and changes nothing."""
        async with self.database.look() as work:
            situation = await self._situation(work, patient_id)
        typed = tidy(heard.text or "")[:HEARD]
        text = typed[:KEPT]
        reading = read(text[:LONGEST], form(situation.form))
        flags = self.listener.hear(typed, reading) if typed else []  # all of it: danger may stand at the end
        if flags:
            await self._raise(patient_id, heard, text, flags)
        understood = None if flags or heard.payload else await self._understand(text, reading, situation)
        return await self._answer(patient_id, heard, text, reading, flags, understood)

    async def _situation(self, work: Work, patient_id: str) -> Situation:
        known = select(Patient.form, Dialog.conversation).outerjoin(Dialog, Dialog.patient_id == Patient.id)
        row = (await work.session.execute(known.where(Patient.id == patient_id))).one_or_none()
        if row is None:
            raise NotFound(patient_id)
        return Situation(row.form, row.conversation or new_id(), work.now)

    async def _raise(self, patient_id: str, heard: Heard, text: str, flags: list[RedFlag]) -> None:
        """Keep the message and open the alerts at once: whatever fails later, a nurse sees it."""
        async with self.database.work() as work:
            patient = await work.session.get_one(Patient, patient_id, with_for_update=True)
            if not await write_lines(work, patient, [(heard.key, _said(text, patient))], said_by="patient"):
                return  # a phone that tries again: the alerts are open already
            may_keep = await allows(work, patient_id, "symptoms")
            for flag in flags:
                words = text if flag.evidence in text else flag.evidence[:KEPT]
                await raise_alert(work, patient, flag.id, flag.tier, "rule", words if may_keep else None)
        log.info("alarm.raised", patient_id=patient_id, count=len(flags), flag=flags[0].id)

    async def _understand(self, text: str, reading: Reading, situation: Situation) -> Understood | None:
        """What the patient means; None when nobody can tell now."""
        if self.phrasebook.is_stop(text):
            return STOP
        if not _is_asked(text, reading):
            return None
        try:
            return await self.assistant.understand(reading.canonical, reading.language, situation.conversation, situation.now)
        except AssistantDown as down:
            log.warning("assistant.unavailable", reason=str(down))
            return self.phrasebook.understand(reading.canonical, reading.language)

    async def _answer(
        self, patient_id: str, heard: Heard, text: str, reading: Reading, flags: list[RedFlag], understood: Understood | None
    ) -> list[LineView]:
        async with self.database.work() as work:
            turn = await self._begin(work, patient_id, text, reading)
            said = _said(text, turn.patient) if not heard.payload else _pressed(heard.payload, turn.patient)
            is_new = await write_lines(work, turn.patient, [(heard.key, said)], said_by="patient")
            before = [] if is_new else await answers_to(work, patient_id, heard.key)
            if before or not (is_new or flags):
                return before
            replies = answer_alarm(turn, flags) if flags else await self._reply(turn, heard, understood)
            turn.dialog.misses = 0 if turn.understood else turn.dialog.misses + 1
            numbered = [(f"{heard.key}:{number}", reply) for number, reply in enumerate(self._gated(turn, replies))]
            return await write_lines(work, turn.patient, numbered)

    async def _begin(self, work: Work, patient_id: str, text: str, reading: Reading) -> Turn:
        """The patient, locked so that turns and reminders of one patient come one after the other, and the dialog."""
        both = select(Patient, Dialog).outerjoin(Dialog, Dialog.patient_id == Patient.id).where(Patient.id == patient_id)
        patient, dialog = (await work.session.execute(both.with_for_update(of=Patient))).one()
        if dialog is None:
            dialog = Dialog(
                patient_id=patient_id, clinic_id=patient.clinic_id, conversation=new_id(), expecting="none", misses=0, about={}
            )
            work.session.add(dialog)
        turn = Turn(work, self.library, patient, dialog, self.region, reading, text, turned_before=dialog.turned_at)
        if turn.turned_before and work.now - turn.turned_before > ASKED_FOR:
            turn.expect("none")
        dialog.turned_at = work.now
        return turn

    async def _reply(self, turn: Turn, heard: Heard, understood: Understood | None) -> list[Reply]:
        """The answer, with what must be said before and after it."""
        stopped_before = turn.patient.stopped_at
        return note_stop(turn, stopped_before, remind_of_alarm(turn, await self._replies(turn, heard, understood)))

    async def _replies(self, turn: Turn, heard: Heard, understood: Understood | None) -> list[Reply]:
        if heard.payload:
            return await press(turn, parse_payload(heard.payload))
        if understood is STOP:
            return await acts.stop_messages(turn)
        if turn.dialog.expecting == "language" and (tag := acts.form_named(turn)):
            return await acts.set_form(turn, tag)
        odd = await _odd_message(turn)
        if odd:
            return [odd]
        if turn.dialog.expecting == "reason" and (reason := reason_in(turn)):
            return await give_reason(turn, reason)
        if understood is None:
            return [await _unreachable(turn)]
        turn.topics, turn.guess = understood.topics, understood.intent
        return [reply for act in understood.acts for reply in await acts.ACTS[act](turn)]

    def _gated(self, turn: Turn, replies: list[Reply]) -> list[Reply]:
        passed = [pass_gate(reply, self.library, self.demo) for reply in replies]
        # Unsigned words may not go out, but the number of the ambulance is no wording: it always does.
        bare = [] if all(passed) or not any(reply.act == "alarm" for reply in replies) else [_number_only(turn)]
        return bare + [reply for reply in passed if reply]


def _said(text: str, patient: Patient) -> Reply:
    return Reply(text=text, form=patient.form, act="said")


def _pressed(payload: str, patient: Patient) -> Reply:
    return Reply(text="", form=patient.form, act="pressed", topic=payload[:80])


def _number_only(turn: Turn) -> Reply:
    return replace(Reply(text=turn.emergency_number, form=turn.form, act="alarm"), spoken=turn.emergency_number, reviewed=True)


def _is_asked(text: str, reading: Reading) -> bool:
    """Whether the message is worth the assistant's time."""
    return bool(LETTER.search(text)) and len(text) <= LONGEST and reading.language != "other"


async def _odd_message(turn: Turn) -> Reply | None:
    """The answer to what no assistant can read: nothing, only pictures, far too much, or a language we do not have."""
    if not turn.text.strip():
        return turn.say("text-empty", "not_understood", turn.menu())
    if not LETTER.search(turn.text):
        return turn.say("text-only-pictures", "not_understood", turn.menu())
    if len(turn.text) > LONGEST:
        await raise_alert(turn.work, turn.patient, "long-message", "same-day", "assistant", await turn.evidence())
        return turn.say("text-too-long", "not_understood", turn.menu())
    if turn.reading.language == "other":
        await raise_alert(turn.work, turn.patient, "other-language", "same-day", "assistant", await turn.evidence())
        return turn.say("text-other-language", "not_understood", turn.menu())
    return None


async def _unreachable(turn: Turn) -> Reply:
    """The assistant is down and the sentence is not known word for word: a nurse reads it, the buttons still work."""
    turn.understood = False
    await raise_alert(turn.work, turn.patient, "assistant-down", "same-day", "assistant", await turn.evidence())
    return turn.say("assistant-down", "assistant_down", turn.menu())
