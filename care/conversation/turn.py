"""One turn: alarms before and without the assistant, then its acts, then the written answer."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Result, bindparam, exists, select

from care.alarms.listen import Listener, RedFlag
from care.alarms.service import TWO_AMBERS, is_red_together, raise_alert
from care.content.library import Library
from care.content.training import Sample
from care.conversation import acts
from care.conversation.asking import ask
from care.conversation.assistant import NOTHING, Understander, Understood
from care.conversation.attached import take_attachment
from care.conversation.buttons import press
from care.conversation.checkin_hearing import (
    after_danger,
    guesses_dose,
    hear_check_in,
    hear_danger,
    hear_number,
    leave,
    not_an_answer,
)
from care.conversation.checkins import ask_on
from care.conversation.consenting import ask_if_never
from care.conversation.context import Heard, Turn
from care.conversation.doses import keep_reason, reason_in
from care.conversation.emergencies import answer_alarm, remind_of_alarm
from care.conversation.languages import form_named, word_for_strangers
from care.conversation.morning import reason_told
from care.conversation.notext import let_out
from care.conversation.payloads import parse_payload
from care.conversation.phrasebook import Phrasebook
from care.conversation.record import LineView, answers_to, write_lines
from care.conversation.stopping import STOP, note_stop
from care.conversation.symptoms import degree_in, how_bad, number_alone, says_severe, take_number, tell_severe
from care.conversation.tables import Dialog, Line
from care.kit.database import Database, Work
from care.kit.logs import get_log
from care.languages.normalise import tidy
from care.languages.reading import Reading, read
from care.languages.table import form
from care.messages.gate import Gate
from care.messages.reply import Reply
from care.people.consent import allows
from care.people.linking import STILL_THEIRS, NotAsSeen, Phone
from care.people.patients import NotFound
from care.people.tables import Patient, PatientKey

LONGEST = 1_000  # characters of one message we try to understand; all of it is kept for the nurse up to KEPT
KEPT = 4_000
HEARD = 20_000  # the alarm rules read on for longer than anything is kept
LETTER = re.compile(r"[^\W\d_]")
NOT_UNDERSTOOD = ("not_understood",)
ARRIVE, SEVERE = "arrive", "bad:severe:"  # payloads: a card's code, and "I cannot bear it"
log = get_log("conversation")
_is_answered = exists().where(Line.patient_id == Patient.id, Line.key == bindparam("answer"))
# All a turn needs to know in one statement, made once.  The patient is locked: turns and reminders come one after the other.
# The key is read along, so that the vault finds it in the session.
_KNOWN = (
    select(Patient, Dialog, PatientKey, _is_answered)
    .outerjoin(Dialog, Dialog.patient_id == Patient.id)
    .outerjoin(PatientKey, PatientKey.patient_id == Patient.id)
    .where(Patient.id == bindparam("patient"))
    .with_for_update(of=Patient)
)
_TOLD_BY = (
    select(Patient, PatientKey)
    .outerjoin(PatientKey, PatientKey.patient_id == Patient.id)
    .where(Patient.id == bindparam("patient"))
    .with_for_update(of=Patient)
)
# By whether it is said through a phone that was looked up before.
KNOWN = {False: _KNOWN, True: _KNOWN.where(STILL_THEIRS)}
TOLD_BY = {False: _TOLD_BY, True: _TOLD_BY.where(STILL_THEIRS)}


@dataclass(frozen=True)
class Told:
    """What a patient sent, read and listened to for danger, before anybody is asked what it means."""

    patient_id: str
    heard: Heard
    text: str
    reading: Reading
    flags: list[RedFlag]
    phone: Phone | None = None

    def asked(self, now: datetime, **more: str) -> dict[str, Any]:
        """What KNOWN and TOLD_BY ask for."""
        return {"patient": self.patient_id} | more | (self.phone.as_seen(now) if self.phone else {})

    @property
    def is_for_assistant(self) -> bool:
        """Whether it is worth the assistant's time."""
        is_words = not (self.heard.payload or self.heard.attached) and bool(LETTER.search(self.text))
        return is_words and len(self.text) <= LONGEST and self.reading.language != "other"

    def line(self, patient: Patient) -> Reply:
        """As it stands in the conversation."""
        if self.heard.payload and not (self.heard.payload == ARRIVE and self.text):  # words may come with the code of a card
            return Reply(text="", form=patient.form, act="pressed", topic=self.heard.payload[:80])
        if self.heard.attached:
            kind = "other" if self.heard.attachment is None else self.heard.attached
            return Reply(text=self.text, form=patient.form, act="attached", topic=f"{kind}:{self.heard.attachment or ''}")
        return Reply(text=self.text, form=patient.form, act="said")


class Conversation:
    """Takes what a patient sent and answers.  Build one per process."""

    def __init__(
        self,
        database: Database,
        library: Library,
        assistant: Understander,
        region: str = "CN",
        gate: Gate = Gate(),
        taught: frozenset[Sample] | None = None,
    ) -> None:
        """`taught`: what the assistant was taught (care.content.training); sentences that are newer are known word for word."""
        self.database = database
        self.library = library
        self.listener = Listener.load(library)
        self.phrasebook = Phrasebook.of(library, taught)
        self.assistant = assistant
        self.region, self.gate = region, gate

    async def turn(self, patient_id: str, heard: Heard, phone: Phone | None = None) -> list[LineView]:
        """Answer one message.  The same key again gets the same answer and changes nothing.

        `phone`: through which it came.  Whether it is still theirs is asked in the transaction that writes: NotAsSeen.
        """
        told = self._listen(patient_id, heard, phone.form if phone else await self._form_of(patient_id), phone)
        if told.flags:
            await self._keep(told)
            return await self._answer(told, None, is_kept=True)
        if not told.is_for_assistant or self.phrasebook.is_stop(told.text):
            return await self._answer(told, STOP if self.phrasebook.is_stop(told.text) else None)
        # While the assistant thinks: whatever fails now, the message is there, and the answer waits for one commit only.
        understood, _ = await asyncio.gather(self._ask(told), self._keep(told))
        return await self._answer(told, understood, is_kept=True)

    def is_urgent(self, heard: Heard, tag: str) -> bool:
        """Danger, typed or pressed, or the one word that stops everything: what must not wait until we know who is speaking."""
        told = self._listen("", heard, tag)
        is_stop = heard.payload == "stop" or (bool(told.text) and self.phrasebook.is_stop(told.text))
        return is_stop or bool(told.flags) or (heard.payload or "").startswith(SEVERE)

    def is_danger(self, heard: Heard, tag: str) -> bool:
        return bool(self._listen("", heard, tag).flags)

    def _listen(self, patient_id: str, heard: Heard, tag: str, phone: Phone | None = None) -> Told:
        typed = tidy(heard.text or "")[:HEARD]
        text = typed[:KEPT]
        reading = read(text[:LONGEST], form(tag))
        flags = self.listener.hear(typed, reading) if typed else []  # all of it: danger may stand at the end
        return Told(patient_id, heard, text, reading, flags, phone)

    async def _form_of(self, patient_id: str) -> str:
        async with self.database.look() as work:
            tag = await work.session.scalar(select(Patient.form).where(Patient.id == patient_id))
        if tag is None:
            raise NotFound(patient_id)
        return tag

    async def _keep(self, told: Told) -> None:
        """Keep the message and open its alerts at once: whatever fails later, a nurse sees it."""
        async with self.database.work() as work:
            patient, _patient_key = _theirs(await work.session.execute(TOLD_BY[bool(told.phone)], told.asked(work.now)))
            said = [(told.heard.key, told.line(patient))]
            if not await write_lines(work, patient, said, "patient", told.heard.channel, ends=not told.flags):
                return  # a phone that tries again: the alerts are open already
            may_keep = not told.flags or await allows(work, patient.id, "symptoms")
            for flag in told.flags:
                words = told.text if flag.evidence in told.text else flag.evidence[:KEPT]
                await raise_alert(work, patient, flag.id, flag.tier, flag.source, words if may_keep else None)
            if told.flags and await is_red_together(work, patient.id):
                await raise_alert(work, patient, TWO_AMBERS, "emergency", "rule", told.text if may_keep else None)
        if told.flags:
            log.info("alarm.raised", patient_id=told.patient_id, count=len(told.flags), flag=told.flags[0].id)

    async def _ask(self, told: Told) -> Understood | None:
        return (await ask(self.assistant, self.phrasebook, told.reading, self.database.clock))[0]

    async def _answer(self, told: Told, understood: Understood | None, is_kept: bool = False) -> list[LineView]:
        key = told.heard.key
        async with self.database.work() as work:
            asked = told.asked(work.now, answer=f"{key}:0")
            patient, dialog, _patient_key, is_answered = _theirs(await work.session.execute(KNOWN[bool(told.phone)], asked))
            if is_answered:
                return await answers_to(work, told.patient_id, key)
            if not is_kept:
                await write_lines(work, patient, [(key, told.line(patient))], "patient", told.heard.channel)
            turn = self._begin(work, told, patient, dialog or _first_dialog(work, patient))
            if told.flags:
                replies = await _answer_danger(turn, told.flags)
            else:
                replies = await self._reply(turn, told.heard, understood)
            turn.dialog.misses = 0 if turn.understood else turn.dialog.misses + 1
            let_through = await let_out(turn, self.library, self.gate, replies)
            numbered = [(f"{key}:{number}", reply) for number, reply in enumerate(let_through)]
            return await write_lines(work, patient, numbered, channel=told.heard.channel, ends=True)

    def _begin(self, work: Work, told: Told, patient: Patient, dialog: Dialog) -> Turn:
        turn = Turn(work, self.library, patient, dialog, self.region, told.reading, told.text, turned_before=dialog.turned_at)
        turn.channel, turn.abroad = told.heard.channel, told.heard.abroad
        if turn.is_new_talk:
            leave(turn)
            turn.expect("none")
        dialog.turned_at = work.now
        return turn

    async def _reply(self, turn: Turn, heard: Heard, understood: Understood | None) -> list[Reply]:
        """The answer, with what must be said before and after it."""
        stopped_before = turn.patient.stopped_at
        replies = await ask_on(turn, await self._replies(turn, heard, understood))
        return await ask_if_never(turn, note_stop(turn, stopped_before, remind_of_alarm(turn, replies)))

    async def _replies(self, turn: Turn, heard: Heard, understood: Understood | None) -> list[Reply]:
        if heard.payload:
            return await press(turn, parse_payload(heard.payload))
        if heard.attached and understood is not STOP:
            return await take_attachment(turn, heard)
        if understood is STOP:
            return await hear_number(turn, self.phrasebook) or await acts.stop_messages(turn)
        if answer := await hear_check_in(turn, understood) or await _answer_awaited(turn):
            return answer
        odd = await _odd_message(turn)
        if odd:
            return [odd]
        if understood is None:
            return [await _unreachable(turn)]
        if await guesses_dose(turn, understood, self.phrasebook):
            understood = NOTHING
        if understood.acts == NOT_UNDERSTOOD and (again := await not_an_answer(turn)):
            return again
        turn.topics, turn.guess = understood.topics, understood.intent
        return [reply for act in understood.acts for reply in await acts.ACTS[act](turn)]


def _theirs(found: Result[Any]) -> Any:
    """The one row.  Raises NotAsSeen."""
    row = found.one_or_none()
    if row is None:
        raise NotAsSeen
    return row


def _first_dialog(work: Work, patient: Patient) -> Dialog:
    dialog = Dialog(patient_id=patient.id, clinic_id=patient.clinic_id, expecting="none", misses=0, about={})
    work.session.add(dialog)
    return dialog


async def _answer_danger(turn: Turn, flags: list[RedFlag]) -> list[Reply]:
    """The alarm answers; what the same words say to our last question is not lost."""
    await keep_reason(turn)
    is_severe = says_severe(turn)
    if is_severe:
        await tell_severe(turn)
    is_red = is_severe or await hear_danger(turn, flags) or await is_red_together(turn.work, turn.patient.id)
    return await after_danger(turn, answer_alarm(turn, flags, is_red), is_red or flags[0].tier == "emergency")


async def _answer_awaited(turn: Turn) -> list[Reply] | None:
    """The answer to our own last question, in their words; None when they talk about something else."""
    expecting, number = turn.dialog.expecting, number_alone(turn)
    if number is not None:
        return await take_number(turn, number)
    if expecting == "language" and (tag := form_named(turn)):
        return await acts.set_form(turn, tag)
    if expecting == "reason" and (reason := reason_in(turn)):
        return await reason_told(turn, reason)
    if expecting == "severity" and (degree := degree_in(turn)):
        return await how_bad(turn, degree, str(turn.dialog.about.get("topic", "")))
    if expecting in ("severity", "temperature"):
        turn.expect("none")
    return None


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
        return word_for_strangers(turn)
    return None


async def _unreachable(turn: Turn) -> Reply:
    """The assistant is down and the sentence is not known word for word: a nurse reads it, the buttons still work."""
    turn.understood = False
    await raise_alert(turn.work, turn.patient, "assistant-down", "same-day", "assistant", await turn.evidence())
    return turn.say("assistant-down", "assistant_down", turn.menu())
