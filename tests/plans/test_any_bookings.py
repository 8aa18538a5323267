"""Whatever is done to an appointment: what is said names the one that stands, and the day before it is said once."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from care.people.clocks import local
from care.people.tables import Patient
from care.plans.booking import book, unbook
from care.plans.forecast import Booking
from care.plans.pauses import pause, resume
from care.plans.problems import PlanRefused
from care.plans.tables import CarePlan
from tests.plans.course import act, enrolled, follow_up, plan_of, until
from tests.ward import Message, Ward

VISIT, DUE = "visit-cea-y1-2", date(2026, 12, 6)


@dataclass
class Story:
    """One patient, one visit, and a nurse who changes her mind six times."""

    ward: Ward
    gul: Patient
    plan: CarePlan
    chance: random.Random
    changed_at: datetime | None = None
    heard: set[str] = field(default_factory=set)

    async def stands(self) -> str:
        bookings = (await plan_of(self.ward, self.plan.id)).bookings
        return str(bookings.get(f"{VISIT} {DUE}", f"{DUE} 10:00"))

    async def change(self) -> None:
        ward, nurse = self.ward, self.ward.nurse_id
        what = self.chance.choice(("book", "book", "unbook", "hold"))
        if what == "book":
            day = local(ward.clock.now(), self.gul.zone).date() + timedelta(days=self.chance.randint(0, 9))
            booking = Booking(day, f"{self.chance.randint(9, 17):02}:00")
            await act(ward, book, self.plan, VISIT, DUE, booking, nurse, "asked for it")
        elif what == "unbook":
            await act(ward, unbook, self.plan, VISIT, DUE, nurse)
        else:
            await act(ward, pause, self.gul.id, "hold", nurse)
            await act(ward, resume, self.gul.id, nurse)
        self.changed_at = ward.clock.now()

    async def told(self) -> list[Message]:
        sent = [each for each in await self.ward.all(Message) if each.state in ("sent", "delivered")]
        return [each for each in sent if each.kind == "appointment" and each.phrase.startswith("reminder-visit")]

    async def newly_named(self) -> set[str]:
        """The moments that were named since the last time somebody asked."""
        new = [each for each in await self.told() if each.id not in self.heard]
        self.heard |= {each.id for each in new}
        return {named(each) for each in new}


def named(message: Message) -> str:
    return f"{message.arguments['date']} {message.arguments['hour']}"


@pytest.mark.parametrize("seed", [3, 4, 6, 7])
async def test_what_is_said_of_a_visit_stands_and_the_day_before_it_is_said(ward: Ward, seed: int):
    gul = await ward.patient()
    story = Story(ward, gul, await enrolled(ward, gul, follow_up("2026-09-06")), random.Random(seed))
    for _ in range(6):
        with suppress(PlanRefused):
            await story.change()
        stands = await story.stands()
        await until(ward, ward.clock.now() + timedelta(hours=story.chance.randint(1, 40)))
        assert await story.newly_named() <= {stands}

    await until(ward, ward.clock.now() + timedelta(days=11))

    eve = date.fromisoformat(stands[:10]) - timedelta(days=1)
    before = [each for each in await story.told() if named(each) == stands and local(each.due_at, gul.zone).date() == eve]
    was_in_time = story.changed_at and f"{local(story.changed_at, gul.zone):%Y-%m-%d %H:%M}" < f"{eve} 09:00"
    assert len(before) == 1 or not was_in_time
