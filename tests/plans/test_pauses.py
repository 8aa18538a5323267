"""In hospital, or held by a clinician: nothing is said, nothing counts as missed, and nobody is forgotten in it."""

from datetime import date, timedelta

from care.plans.dose_record import read_doses
from care.plans.pauses import pause, resume
from care.plans.tables import CarePlan
from care.plans.undo import undo
from tests.plans.conftest import both
from tests.plans.course import act, coming, enrolled, follow_up, one_tablet, refused, said, tablets, until, waiting
from tests.ward import NOON, Message, Ward

DAY = timedelta(days=1)


@both
async def test_a_paused_plan_says_nothing_and_goes_on_from_the_moment_it_is_resumed(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    await until(ward, NOON + timedelta(hours=9))  # the dose of 20:00 was said

    await act(ward, pause, gul.id, "hospital", ward.nurse_id)
    assert (await coming(ward), await waiting(ward)) == ([], [])
    await until(ward, NOON + 4 * DAY)
    await act(ward, resume, gul.id, ward.nurse_id)
    assert await coming(ward) == ["05 20:00", "06 08:00", "06 20:00", "07 08:00"]
    await until(ward, NOON + 4 * DAY + timedelta(hours=9))

    assert await said(ward) == ["01 20:00", "01 20:45", "05 20:00", "05 20:45"]
    async with ward.database.look() as work:
        taking = (await read_doses(work, ward.library, gul)).taking
    assert (taking.due, taking.open) == (1, 1)


async def test_what_was_written_before_the_pause_is_said_after_all_when_it_ends_in_time(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    await act(ward, pause, gul.id, "hold", ward.nurse_id)
    await act(ward, resume, gul.id, ward.nurse_id)
    await until(ward, NOON + timedelta(hours=8, minutes=1))

    assert await said(ward) == ["01 20:00"]
    assert len([each for each in await ward.all(Message) if each.kind == "medicine" and each.state == "sent"]) == 1


async def test_one_plan_is_held_and_the_others_go_on(ward: Ward):
    gul = await ward.patient()
    held = await enrolled(ward, gul, tablets())
    other = await enrolled(ward, gul, follow_up())

    await act(ward, pause, gul.id, "hold", ward.nurse_id, held.id)

    paused = {each.id: each.pause_kind for each in await ward.all(CarePlan)}
    assert paused == {held.id: "hold", other.id: None}


async def test_a_pause_nobody_ends_is_asked_about(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    await act(ward, pause, gul.id, "hospital", ward.nurse_id, ask_on=date(2026, 12, 4))

    await until(ward, NOON + 2 * DAY)
    assert await ward.nurse_sees() == []
    await until(ward, NOON + 4 * DAY)

    assert await ward.nurse_sees() == [("Gul", "pause-over")]


async def test_a_pause_that_makes_no_sense_is_refused(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    assert await refused(ward, resume, gul.id, ward.nurse_id) == ["not-paused"]
    assert await refused(ward, pause, gul.id, "holiday", ward.nurse_id) == ["pause-unknown"]
    assert await refused(ward, pause, gul.id, "hold", ward.nurse_id, ask_on=date(2026, 12, 1)) == ["date-far-away"]
    change = await act(ward, pause, gul.id, "hold", ward.nurse_id)
    assert await refused(ward, pause, gul.id, "hold", ward.nurse_id) == ["already-paused"]
    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["resume-instead"]


async def test_after_a_pause_the_next_box_is_still_asked_for(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("08:00"))  # the box is empty on the 29th: said on the 19th, 24th and 27th
    await until(ward, NOON + 20 * DAY)
    assert [each[:2] for each in await said(ward, "refill")] == ["19"]

    await act(ward, pause, gul.id, "hospital", ward.nurse_id)
    ward.clock.advance(DAY)
    await act(ward, resume, gul.id, ward.nurse_id)
    await until(ward, NOON + 27 * DAY)

    assert [each[:2] for each in await said(ward, "refill")] == ["19", "24", "27"]
