"""One patient talking: what they type and press, and what they are told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from care.alarms.service import AlertCard, close, worklist
from care.conversation.context import Heard
from care.conversation.record import LineView
from care.conversation.tables import Dialog
from care.conversation.turn import Conversation
from care.kit.ids import new_id
from care.messages.reply import Reply
from care.people import consent
from care.people.tables import Patient
from care.plans.tables import Occurrence
from tests.ward import Ward


@dataclass
class Talk:
    """A patient with a phone, between a ward and a conversation."""

    ward: Ward
    conversation: Conversation
    patient: Patient

    async def say(self, text: str, key: str | None = None) -> list[Reply]:
        return [line.reply for line in await self.hear(Heard(key or new_id(), text=text))]

    async def press(self, payload: str, key: str | None = None) -> list[Reply]:
        return [line.reply for line in await self.hear(Heard(key or new_id(), payload=payload))]

    async def hear(self, heard: Heard) -> list[LineView]:
        return await self.conversation.turn(self.patient.id, heard)

    async def asked(self, what: str, **about: str) -> None:
        """We asked them something a moment ago."""
        async with self.ward.database.work() as work:
            now = self.ward.clock.now()
            row = Dialog(patient_id=self.patient.id, clinic_id=self.patient.clinic_id, expecting=what, misses=0, about=about)
            row.turned_at = now
            work.session.add(row)

    async def reminded(self, hour: timedelta = timedelta(minutes=30)) -> dict[str, str]:
        """A dose falls due and its reminder comes: its buttons, as {"taken": payload, ...}."""
        self.ward.clock.advance(hour)
        await self.ward.tick()
        line = (await self.ward.lines(self.patient))[-1]
        return {button.payload.split(":")[1]: button.payload for button in line.reply.buttons}

    async def doses(self) -> list[Occurrence]:
        """The doses that were due or answered, oldest first."""
        doses = [each for each in await self.ward.all(Occurrence) if each.patient_id == self.patient.id]
        due = [each for each in doses if each.kind == "medicine" and (each.due_at <= self.ward.clock.now() or each.answer)]
        return sorted(due, key=lambda each: each.due_at)

    async def answers(self) -> list[str | None]:
        return [dose.answer for dose in await self.doses()]

    async def worklist(self) -> list[AlertCard]:
        """What their nurse has to do, with the words it is about."""
        async with self.ward.database.look() as work:
            return await worklist(work, self.ward.clinic.id)

    async def settled(self) -> None:
        """Their nurse has dealt with everything on the worklist."""
        async with self.ward.database.work() as work:
            for each in await worklist(work, self.ward.clinic.id):
                await close(work, self.ward.clinic.id, each.id, self.ward.nurse_id, "advised")

    async def consents(self, purpose: str, given: bool) -> None:
        async with self.ward.database.work() as work:
            await consent.record(work, self.patient, purpose, given, "w", "web")

    async def row(self) -> Patient:
        async with self.ward.database.look() as work:
            return await work.session.get_one(Patient, self.patient.id)

    async def is_stopped(self) -> bool:
        return (await self.row()).stopped_at is not None

    def words(self, key: str, **names: Any) -> str:
        """A phrase of content/ in this patient's form."""
        if "emergency_number" in self.ward.library.catalogue.values[key]["names"]:
            names["emergency_number"] = "120"
        return self.ward.library.phrase(self.patient.form, key, **names).text


def acts(replies: list[Reply]) -> list[str]:
    return [reply.act for reply in replies]


def payloads(reply: Reply) -> list[str]:
    return [button.payload for button in reply.buttons]
