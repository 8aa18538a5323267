"""A patient in a check-in: begun, answered by buttons, and what a nurse has to do then."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import yaml

from care.content.checkin_types import CheckIns
from care.content.reading import LOADER
from care.conversation.tables import CheckIn, CheckInAnswer
from care.kit.ids import new_id
from care.kit.settings import ROOT
from care.messages.reply import Reply
from care.plans.tables import CarePlan, Occurrence
from tests.conversation.talk import Talk


def written(name: str) -> Any:
    """A file of content/checkins/ as it is written, for the names of tests."""
    return yaml.load((ROOT / "content" / "checkins" / f"{name}.yml").read_text("utf-8"), LOADER)


@dataclass
class Asked:
    """One check-in of a patient."""

    gul: Talk
    id: str
    replies: list[Reply]

    async def answer(self, item: str, value: str | float) -> list[Reply]:
        """Press an answer, whether it is asked just now or not."""
        self.replies = await self.gul.press(f"answer:{item}={value}:{self.id}")
        return self.replies

    async def reach(self, item: str) -> None:
        """Leave open everything that is asked before it."""
        row = next(each for each in await self.gul.ward.all(CheckIn) if each.id == self.id)
        items = self.gul.ward.library.checkins.questionnaires[row.questionnaire].items
        for each in items[: items.index(item)]:
            await self.answer(each, "skip")

    async def way(self, name: str) -> list[Reply]:
        return await self.gul.press(f"checkin:{name}:{self.id}")

    async def alerts(self) -> set[tuple[str, str]]:
        """Flag and tier of everything on the worklist."""
        return {(card.flag, card.tier) for card in await self.gul.worklist()}

    async def rows(self) -> dict[str, tuple[bool, str | None, str]]:
        """What stands in the database: whether there is a value, why not, and who said it."""
        answers = [each for each in await self.gul.ward.all(CheckInAnswer) if each.check_in_id == self.id]
        return {each.item: (each.value_sealed is not None, each.left_open, each.said_by) for each in answers}


async def asked(gul: Talk, questionnaire: str) -> Asked:
    """A patient begins a check-in by its button."""
    replies = await gul.press(f"checkin:start:{questionnaire}")
    standing = [each for each in await gul.ward.all(CheckIn) if each.patient_id == gul.patient.id]
    mine = max((each for each in standing if each.questionnaire == questionnaire), key=lambda each: each.due_at)
    return Asked(gul, mine.id, replies)


def questionnaire_with(checkins: CheckIns, item_id: str) -> str:
    """One that asks this, by itself or after another answer."""
    item = checkins.items[item_id]
    wanted = item.after.item if item.after else item_id
    return next(each.id for each in checkins.questionnaires.values() if wanted in each.items)


async def treated(gul: Talk, template: str, cycle: int = 1) -> str:
    """The patient has a care plan of this template.  Returns its id."""
    plan = CarePlan(
        id=new_id(),
        clinic_id=gul.patient.clinic_id,
        patient_id=gul.patient.id,
        template=template,
        template_version="1",
        anchors={},  # nothing of it falls due by itself: each story says what does
        slots={},
        confirmed_cycles={"plan": cycle},
        created_at=gul.ward.clock.now(),
        created_by=gul.ward.nurse_id,
    )
    async with gul.ward.database.work() as work:
        work.session.add(plan)
    return plan.id


async def falls_due(gul: Talk, plan_id: str, activity: str, kind: str = "checkin", slot: int = 0, **more: Any) -> str:
    """Something of a plan falls due now.  Returns its id."""
    now = gul.ward.clock.now()
    row = Occurrence(
        id=new_id(),
        clinic_id=gul.patient.clinic_id,
        patient_id=gul.patient.id,
        plan_id=plan_id,
        activity=activity,
        kind=kind,
        local_date=now.date(),
        slot=slot,
        hour="10:00",
        zone="Asia/Shanghai",
        due_at=now,
        useful_until=now + timedelta(days=1),
    )
    for name, value in more.items():
        setattr(row, name, value)
    async with gul.ward.database.work() as work:
        work.session.add(row)
    return row.id
