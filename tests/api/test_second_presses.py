"""A page that was left open: what a colleague has done meanwhile is not done again, undone, or noted under a second name."""

import pytest

from care.alarms.tables import Alert
from care.people.staff import create_staff
from care.people.tables import Audit, Patient
from care.plans.tables import CarePlan
from tests.web import Desk, Web


@pytest.fixture
async def gul(web_alone: Web) -> Patient:
    gul = await web_alone.ward.patient("Gul", form="zh-Hans")
    await (await web_alone.phone(gul)).say("我要找护士")
    return gul


@pytest.fixture
async def desks(web_alone: Web) -> tuple[Desk, Desk]:
    """Aynur's, and Meryem's of the same clinic."""
    async with web_alone.ward.database.work() as work:
        meryem = await create_staff(work, web_alone.ward.clinic.id, "meryem", "Meryem", "nurse")
    return await web_alone.desk(), await web_alone.desk(meryem.id)


async def acts(web: Web, action: str) -> list[str | None]:
    """Who stands in the audit record for an act."""
    return [row.staff_id for row in await web.ward.all(Audit) if row.action == action]


async def test_an_alert_ends_once_with_the_outcome_of_whoever_was_first(
    web_alone: Web, gul: Patient, desks: tuple[Desk, Desk]
) -> None:
    aynur, meryem = desks
    alert = (await web_alone.ward.all(Alert))[0].id

    await aynur.submit(f"/console/alerts/{alert}/acknowledge")
    await aynur.submit(f"/console/alerts/{alert}/close", outcome="sent-to-emergency")
    await meryem.submit(f"/console/alerts/{alert}/acknowledge", on="/console/enrol")
    await meryem.submit(f"/console/alerts/{alert}/close", on="/console/enrol", outcome="mistaken")

    closed = (await web_alone.ward.all(Alert))[0]
    assert (closed.outcome, closed.acknowledged_by, closed.closed_by) == ("sent-to-emergency", *2 * [web_alone.ward.nurse_id])
    assert await acts(web_alone, "alert.acknowledged") == await acts(web_alone, "alert.closed") == [web_alone.ward.nurse_id]


async def test_a_cycle_is_begun_once_and_only_the_one_that_waits(web_alone: Web, gul: Patient, desks: tuple[Desk, Desk]) -> None:
    aynur, meryem = desks
    address = f"/console/plans/{await web_alone.ward.enrolled(gul)}"
    confirm = {"on": "/console/enrol", "do": "confirm", "start": "2026-12-22"}

    pressed = [await desk.submit(address, cycle=cycle, **confirm) for desk, cycle in ((aynur, "2"), (meryem, "2"), (meryem, "9"))]
    unnamed = await aynur.submit(address, **confirm)

    assert [each.status for each in (*pressed, unnamed)] == [303, 422, 422, 422]
    assert [each.confirmed_cycles for each in await web_alone.ward.all(CarePlan)] == [{"plan": 2}]
    assert await acts(web_alone, "cycle.confirmed") == [web_alone.ward.nurse_id]


async def test_a_message_leaves_the_list_once(web_alone: Web, gul: Patient, desks: tuple[Desk, Desk]) -> None:
    aynur, meryem = desks
    message = await web_alone.ward.due(gul, state="failed", why="no-channel")

    for desk in (aynur, meryem):
        await desk.submit(f"/console/messages/{message}/seen", on="/console/enrol")

    assert await acts(web_alone, "message.seen") == [web_alone.ward.nurse_id]
