"""A ward whose patients write through an app, and the inbox that works off what they write."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from care.conversation.assistant import AssistantDown, Understood
from care.conversation.tables import Line
from care.conversation.turn import Conversation
from care.inbox.service import Inbox
from care.inbox.tables import Received
from care.messages.gate import Gate
from care.messages.tables import Message
from care.people import consent, contacts
from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from tests.inbox.courier import Courier, post_of
from tests.ward import Ward

YES = ("reminders", "symptoms", "voice", "family", "cross-border")


class Nobody:
    """The assistant is down: buttons, alarms and sentences known word for word still work."""

    async def understand(self, *asked: Any, **more: Any) -> Understood:
        raise AssistantDown("not there")

    async def close(self) -> None:
        return None


@dataclass
class App:
    """One app, its patients, and our side of it."""

    ward: Ward
    channel: Courier
    inbox: Inbox
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def does(self, address: str, act: str, **more: Any) -> None:
        """Somebody does one thing in the app, and it is worked off."""
        await self.comes({"act": act, "address": address, "key": f"k{next(self.numbers)}", **more})

    async def says(self, address: str, text: str, **more: Any) -> list[str]:
        """Somebody writes.  Returns what stands in the app as an answer, neutral lines included."""
        await self.does(address, "write", text=text, **more)
        return await self.answers()

    async def presses(self, address: str, payload: str) -> list[str]:
        await self.does(address, "press", payload=payload)
        return await self.answers()

    async def comes(self, *events: dict[str, Any]) -> None:
        await self.inbox.take(self.channel, post_of(*events))
        await self.work_off()

    async def work_off(self) -> None:
        while await self.inbox.work_off():
            pass

    async def answers(self) -> list[str]:
        """Neutral lines as they were sent, then the lines of the replies that are due."""
        neutral = self.channel.said()
        async with self.ward.database.work() as work:
            rows = list(await work.session.scalars(select(Message).where(Message.kind == "reply", Message.state == "due")))
            await work.session.execute(update(Message).where(Message.kind == "reply").values(state="sent"))
        keys = [key for row in rows for key in row.arguments["lines"]]
        lines = [line for patient in await self.ward.all(Patient) for line in await self.ward.lines(patient)]
        return neutral + [line.reply.text for line in lines if line.key in keys]

    async def patient(
        self, name: str = "Gul", address: str | None = "77", form: str = "zh-Hans", *, yes: tuple[str, ...] = YES
    ) -> Patient:
        """A patient of the ward; with an address: reached there, confirmed by the nurse, and asked everything."""
        async with self.ward.database.work() as work:
            new = NewPatient(name=name, form=form, zone="Asia/Shanghai")
            patient = await register(work, self.ward.clinic.id, self.ward.nurse_id, new)
            if address:
                await contacts.add_contact(work, patient, contacts.Person(self.channel.name, address), confirmed=True)
            for purpose in yes:
                await consent.record(work, patient, purpose, True, "w", self.channel.name)
        return patient

    async def code(self, patient: Patient) -> str:
        async with self.ward.database.work() as work:
            return await make_code(work, patient, self.ward.nurse_id)

    async def confirms(self, patient: Patient) -> None:
        """The nurse confirms that the telephone is theirs, and what waited for that is worked off."""
        await self.nurse_confirms(patient)
        await self.work_off()

    async def nurse_confirms(self, patient: Patient) -> None:
        async with self.ward.database.work() as work:
            for device in await contacts.app_contacts(work, patient.id):
                await self.inbox.confirm(work, self.ward.clinic.id, device.id)

    async def nurse_takes_off(self, patient: Patient) -> None:
        async with self.ward.database.work() as work:
            for device in await contacts.app_contacts(work, patient.id):
                await self.inbox.take_off(work, self.ward.clinic.id, device.id)

    async def contact(self, patient: Patient) -> Device:
        return [each for each in await self.ward.all(Device) if each.patient_id == patient.id][-1]

    async def contacts(self) -> list[Device]:
        return sorted(await self.ward.all(Device), key=lambda each: each.created_at)

    async def rows_of(self, patient: Patient) -> list[Line]:
        return [each for each in await self.ward.all(Line) if each.patient_id == patient.id]

    async def states(self) -> list[tuple[str, str | None]]:
        return [(each.state, each.why) for each in sorted(await self.ward.all(Received), key=lambda each: each.id)]

    def phrase(self, key: str, form: str = "zh-Hans", **names: str) -> str:
        return self.ward.library.phrase(form, key, **names).text


def open_inbox(ward: Ward, channel: Courier, folder: Path) -> Inbox:
    conversation = Conversation(ward.database, ward.library, Nobody(), "CN", Gate(demo=True))  # type: ignore[arg-type]
    return Inbox(ward.database, {channel.name: channel}, lambda: conversation, folder / "attachments")


@pytest.fixture
async def app(ward: Ward) -> App:
    channel = Courier()
    return App(ward, channel, open_inbox(ward, channel, ward.home))
