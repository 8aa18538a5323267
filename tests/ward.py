"""A small ward to tell delivery stories in: real database, real texts, a clock turned by hand, channels with a script."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from care.alarms.service import worklist
from care.channels.base import Abilities, Channel, Receipt, Step, Unheard
from care.content.library import Library
from care.conversation.record import LineView, lines_after
from care.kit.clock import HandClock
from care.kit.crypto import MasterKey
from care.kit.database import Database
from care.kit.ids import new_id
from care.messages.gate import Gate
from care.messages.overview import Undelivered, undelivered
from care.messages.tables import Attempt, Message
from care.people import consent
from care.people.linking import link, make_code
from care.people.patients import NewPatient, register
from care.people.staff import create_staff
from care.people.tables import Clinic, Device, Patient
from care.plans.enrol import Enrolment, enrol
from care.plans.tables import Occurrence
from care.speech.speaker import Speaker
from care.supervisor.prepare import add_clinic
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.outbound import Outbound
from scheduler.parts import make_dispatcher
from scheduler.places import Places
from scheduler.worker import bind, make_broker
from tests.statements import share_statements

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)  # 12:00 in Beijing, 10:00 in Urumqi
SAID = {"subject": "medicine-capecitabine", "after_food": True, "hour": "12:00", "days": 7, "date": "2026-12-03"}
PHRASES = {"medicine": "reminder-medicine", "education": "reminder-rest-week"}


@dataclass
class Script(Unheard):
    """A channel that does what a test tells it: each send takes the next answer, an exception is raised."""

    name: str = "script"
    takes_key: bool = False
    answers: list[Any] = field(default_factory=list)
    got: list[Step] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def can(self) -> Abilities:
        return Abilities(voice=False, buttons=True, takes_key=self.takes_key)

    async def send(self, step: Step) -> Receipt:
        answer = self.answers.pop(0) if self.answers else None
        self.got.append(step)
        self.called.set()
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            await answer()
        return Receipt(f"vendor-{len(self.got)}")


@dataclass
class Ward:
    """One clinic with its nurse, and another one that must see nothing."""

    database: Database
    library: Library
    clock: HandClock
    home: Path
    clinic: Clinic
    other_clinic: Clinic
    nurse_id: str
    made: list[Metronome] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    speaker: Speaker | None = None  # who speaks to apps: nobody, unless a story is about sound

    async def patient(
        self,
        name: str = "Gul",
        channel: str = "web",
        form: str = "ug-Arab",
        *,
        consents: bool = True,
        keeps: bool = False,
        zone: str = "Asia/Shanghai",
    ) -> Patient:
        """A linked patient who said yes to reminders; `keeps`: and to keeping what they say of their body."""
        async with self.database.work() as work:
            new = NewPatient(name=name, form=form, zone=zone)
            patient = await register(work, self.clinic.id, self.nurse_id, new)
            await link(work, await make_code(work, patient, self.nurse_id), "test", channel)
            for purpose, said_yes in {"reminders": consents, "symptoms": keeps}.items():
                if said_yes:
                    await consent.record(work, patient, purpose, True, "w", channel)
            return patient

    async def due(self, patient: Patient, kind: str = "medicine", **changes: Any) -> str:
        """A reminder due now and useful for three hours.  Returns its id."""
        now = self.clock.now()
        row = Message(
            id=new_id(),
            key=new_id(),
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            kind=kind,
            phrase=PHRASES[kind],
            arguments=SAID,
            due_at=now,
            next_at=now,
            useful_until=now + timedelta(hours=3),
            created_at=now - timedelta(days=1),
        )
        for name, value in changes.items():
            setattr(row, name, value)
        async with self.database.work() as work:
            work.session.add(row)
        return row.id

    async def enrolled(self, patient: Patient, hours: tuple[str, str] = ("12:30", "23:30")) -> str:
        """A plan with two doses a day from today.  Returns the plan's id."""
        choice = Enrolment("capecitabine-14-7", {"cycle1-day1": "2026-12-01"}, {"capecitabine": list(hours)})
        async with self.database.work() as work:
            return (await enrol(work, self.library, patient, choice, self.nurse_id)).id

    def dispatcher(self, *channels: Channel) -> Dispatcher:
        if channels:
            named = {each.name: each for each in channels}
            outbound = Outbound(self.database, named, self.places, self.speaker)
            return Dispatcher(self.database, self.library, named, Gate(demo=True), outbound=outbound)
        return make_dispatcher(self.database, self.library, Gate(demo=True))

    def metronome(self, *channels: Channel, **more: Any) -> Metronome:
        """One scheduler with its own dispatcher; nothing is shared with another one but the database."""
        dispatcher = self.dispatcher(*channels)
        keyed = frozenset(name for name, channel in dispatcher.channels.items() if channel.can.takes_key)
        dispatch = bind(make_broker("memory"), dispatcher)
        self.made.append(Metronome(self.database, self.library, dispatch, self.home / "heartbeat", keyed=keyed, **more))
        return self.made[-1]

    async def tick(self, *channels: Channel) -> int:
        return await self.metronome(*channels).tick()

    async def later(self, **by: float) -> None:
        """Time passes: the clock by hand, and every lease runs out (the database's own clock cannot be turned)."""
        self.clock.advance(timedelta(**by))
        async with self.database.work() as work:
            await work.session.execute(update(Message).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))

    async def change(self, row: type[Any], id_: str, **values: Any) -> None:
        async with self.database.work() as work:
            await work.session.execute(update(row).where(row.id == id_).values(**values))

    async def message(self, message_id: str) -> Message:
        async with self.database.look() as work:
            return await work.session.get_one(Message, message_id)

    async def state(self, message_id: str) -> tuple[str, str | None]:
        row = await self.message(message_id)
        return row.state, row.why

    async def all(self, row: type[Any]) -> list[Any]:
        async with self.database.look() as work:
            return list(await work.session.scalars(select(row)))

    async def lines(self, patient: Patient) -> list[LineView]:
        async with self.database.look() as work:
            return await lines_after(work, patient.id)

    async def nurse_sees(self, clinic: Clinic | None = None) -> list[tuple[str, str]]:
        """Patient and flag of each open entry on a clinic's worklist."""
        async with self.database.look() as work:
            return [(card.patient_name, card.flag) for card in await worklist(work, (clinic or self.clinic).id)]

    async def undelivered(self, clinic: Clinic | None = None) -> list[Undelivered]:
        async with self.database.look() as work:
            return await undelivered(work, (clinic or self.clinic).id)


async def open_ward(url: str, home: Path, library: Library) -> Ward:
    clock = HandClock(NOON)
    database = Database(url, clock, MasterKey((home / "master.key").read_bytes()))
    share_statements(database.engine)
    async with database.work() as work:
        clinic = await add_clinic(work, "Ward 3", "Asia/Shanghai")
        other = await add_clinic(work, "Ward 9", "Asia/Shanghai")
        nurse = await create_staff(work, clinic.id, "aynur", "Aynur", "nurse")
    return Ward(database, library, clock, home, clinic, other, nurse.id)


async def side_by_side(*jobs: Any) -> list[Any]:
    return list(await asyncio.gather(*jobs))


__all__ = ["NOON", "Attempt", "Device", "Message", "Occurrence", "Patient", "Script", "Ward", "open_ward", "side_by_side"]
