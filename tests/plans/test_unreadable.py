"""A plan whose template somebody removed or changed: its patient is not forgotten, and nobody else waits for it."""

from datetime import timedelta

import pytest

from care.alarms.tables import Alert
from care.plans.tables import CarePlan
from tests.plans.conftest import both
from tests.plans.course import enrolled, look_ahead, tablets
from tests.ward import Ward
from tests.web import Web

LOST = {"template": {"template": "a-file-somebody-removed"}, "date": {"anchors": {"a-name-somebody-changed": "2026-12-01"}}}


@both
@pytest.mark.parametrize("what", LOST)
async def test_a_plan_nobody_can_read_any_more_stands_on_the_worklist_and_does_not_hold_up_the_others(ward: Ward, what: str):
    lost = await enrolled(ward, await ward.patient("Gul"), tablets())
    await enrolled(ward, await ward.patient("Serik"), tablets())
    await ward.change(CarePlan, lost.id, **LOST[what])
    ward.clock.advance(timedelta(hours=21))

    assert await look_ahead(ward) == 4  # two doses of Serik's, each with its repeat
    assert await look_ahead(ward) == 0
    assert await ward.nurse_sees() == [("Gul", "plan-unreadable")]
    [alert] = await ward.all(Alert)
    assert alert.times == 1


async def test_a_patient_whose_old_plan_nobody_can_read_can_be_given_a_new_one(ward: Ward):
    gul = await ward.patient()
    lost = await enrolled(ward, gul, tablets())
    await ward.change(CarePlan, lost.id, **LOST["date"])

    await enrolled(ward, gul, tablets())

    assert len(await ward.all(CarePlan)) == 2


async def test_its_patient_can_still_be_looked_up(web_alone: Web):
    gul = await web_alone.ward.patient()
    lost = await enrolled(web_alone.ward, gul, tablets())
    await web_alone.ward.change(CarePlan, lost.id, **LOST["template"])
    desk = await web_alone.desk()

    page = await desk.get(f"/console/patients/{gul.id}")

    assert page.status == 200
    assert "a-file-somebody-removed" in page.text
