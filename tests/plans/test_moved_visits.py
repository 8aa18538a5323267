"""What a patient hears when a visit is arranged, moved or taken off while its reminders are on the way."""

from datetime import UTC, date, datetime

from care.people.clocks import local
from care.plans.booking import book, unbook
from care.plans.forecast import Booking
from care.plans.rhythm import travel
from care.plans.undo import undo
from care.plans.visits import mark_visit, visits_of
from tests.plans.conftest import both
from tests.plans.course import act, enrolled, follow_up, plan_of, until
from tests.ward import Message, Occurrence, Ward

VISIT = "visit-cea-y1-2"  # said of seven days and one day before at 10:00, and, once it is arranged, three hours before


def at(text: str) -> datetime:
    """`12-03 12:00` on Beijing's clock."""
    return datetime.fromisoformat(f"2026-{text}:00+08:00").astimezone(UTC)


def on(text: str) -> Booking:
    day, hour = text.split(" ")
    return Booking(date.fromisoformat(f"2026-{day}"), hour)


async def heard(ward: Ward) -> list[tuple[str, str]]:
    """When something was said of a visit, and which moment it named."""
    sent = [each for each in await ward.all(Message) if each.kind == "appointment" and each.state in ("sent", "delivered")]
    rows = sorted(sent, key=lambda each: each.due_at)
    said = [(local(each.due_at, "Asia/Shanghai"), each.arguments) for each in rows]
    return [(f"{when:%m-%d %H:%M}", f"{about['date'][5:]} {about['hour']}") for when, about in said]


async def the_visit(ward: Ward) -> Occurrence:
    [row] = [each for each in await ward.all(Occurrence) if each.activity == VISIT]
    return row


async def due(ward: Ward, day: date):
    """Somebody whose second visit is due on a day of December."""
    gul = await ward.patient()
    return gul, await enrolled(ward, gul, follow_up(day.replace(month=9).isoformat()))


THIRD, FIFTH, SIXTH, TENTH = (date(2026, 12, day) for day in (3, 5, 6, 10))


@both
async def test_what_is_taken_off_is_not_told_any_more(ward: Ward):
    _, plan = await due(ward, SIXTH)
    await act(ward, book, plan, VISIT, SIXTH, on("12-04 11:00"), ward.nurse_id)
    await until(ward, at("12-03 12:00"))

    await act(ward, unbook, plan, VISIT, SIXTH, ward.nurse_id)
    await until(ward, at("12-07 12:00"))

    assert await heard(ward) == [("12-03 10:00", "12-04 11:00"), ("12-05 10:00", "12-06 10:00")]


async def test_what_is_arranged_by_mistake_and_taken_back_is_not_told(ward: Ward):
    _, plan = await due(ward, SIXTH)
    change = await act(ward, book, plan, VISIT, SIXTH, on("12-04 11:00"), ward.nurse_id)
    await until(ward, at("12-03 09:00"))

    async with ward.database.work() as work:
        await undo(work, ward.library, ward.clinic.id, change.id, ward.nurse_id)
    await until(ward, at("12-07 12:00"))

    assert await heard(ward) == [("12-05 10:00", "12-06 10:00")]


async def test_a_visit_brought_forward_is_not_told_of_on_the_old_day(ward: Ward):
    _, plan = await due(ward, TENTH)
    await act(ward, book, plan, VISIT, TENTH, on("12-10 11:00"), ward.nurse_id)
    await until(ward, at("12-01 21:00"))

    await act(ward, book, plan, VISIT, TENTH, on("12-06 09:00"), ward.nurse_id)
    await until(ward, at("12-11 12:00"))

    assert await heard(ward) == [("12-05 10:00", "12-06 09:00"), ("12-06 06:00", "12-06 09:00")]


async def test_a_visit_put_off_for_a_month_is_told_of_then(ward: Ward):
    _, plan = await due(ward, THIRD)
    await act(ward, book, plan, VISIT, THIRD, Booking(date(2027, 1, 3), "11:00"), ward.nurse_id, "away")

    await until(ward, datetime(2027, 1, 4, tzinfo=UTC))

    told = ["12-27 10:00", "01-02 10:00", "01-03 08:00"]
    assert await heard(ward) == [(each, "01-03 11:00") for each in told]


@both
async def test_a_visit_arranged_after_its_own_day_is_told_of(ward: Ward):
    _, plan = await due(ward, THIRD)
    await until(ward, at("12-06 12:00"))
    before = await heard(ward)

    await act(ward, book, plan, VISIT, THIRD, on("12-10 11:00"), ward.nurse_id)
    await until(ward, at("12-11 12:00"))

    assert (await the_visit(ward)).booked_on == TENTH
    assert (await heard(ward))[len(before) :] == [("12-09 10:00", "12-10 11:00"), ("12-10 08:00", "12-10 11:00")]


async def test_an_appointment_nobody_came_to_is_arranged_anew(ward: Ward):
    _, plan = await due(ward, THIRD)
    await act(ward, book, plan, VISIT, THIRD, on("12-03 11:00"), ward.nurse_id)
    await until(ward, at("12-04 12:00"))
    before = await heard(ward)

    await act(ward, book, plan, VISIT, THIRD, on("12-08 11:00"), ward.nurse_id)
    await until(ward, at("12-09 12:00"))

    assert (await heard(ward))[len(before) :] == [("12-07 10:00", "12-08 11:00"), ("12-08 08:00", "12-08 11:00")]


@both
async def test_a_visit_moved_after_the_day_before_was_told_is_told_of_again(ward: Ward):
    _, plan = await due(ward, FIFTH)
    await act(ward, book, plan, VISIT, FIFTH, on("12-05 11:00"), ward.nurse_id)
    await until(ward, at("12-04 12:00"))
    for moment in ("12-08 11:00", "12-10 11:00"):
        await act(ward, book, plan, VISIT, FIFTH, on(moment), ward.nurse_id)

    await until(ward, at("12-11 12:00"))

    told = [("12-04 10:00", "12-05 11:00"), ("12-09 10:00", "12-10 11:00"), ("12-10 08:00", "12-10 11:00")]
    assert await heard(ward) == told


async def test_a_visit_taken_off_after_its_own_day_is_silent_and_can_still_be_marked(ward: Ward):
    gul, plan = await due(ward, THIRD)
    await act(ward, book, plan, VISIT, THIRD, on("12-08 11:00"), ward.nurse_id)
    await until(ward, at("12-05 12:00"))
    before = await heard(ward)

    await act(ward, unbook, plan, VISIT, THIRD, ward.nurse_id)
    await until(ward, at("12-09 12:00"))

    assert await heard(ward) == before
    async with ward.database.look() as work:
        [visit] = await visits_of(work, ward.library, gul.id, gul.zone)
    assert (visit.due, visit.booked_on, visit.answer) == (THIRD, None, None)


async def test_a_visit_that_did_not_take_place_is_arranged_anew(ward: Ward):
    gul, plan = await due(ward, SIXTH)
    await act(ward, book, plan, VISIT, SIXTH, on("12-03 11:00"), ward.nurse_id)
    await until(ward, at("12-03 15:00"))
    async with ward.database.work() as work:
        await mark_visit(work, ward.library, gul.id, (await the_visit(ward)).id, None)
    before = await heard(ward)

    await act(ward, book, plan, VISIT, SIXTH, on("12-08 11:00"), ward.nurse_id)
    await until(ward, at("12-09 12:00"))

    assert (await the_visit(ward)).answer is None
    assert (await heard(ward))[len(before) :] == [("12-07 10:00", "12-08 11:00"), ("12-08 08:00", "12-08 11:00")]


@both
async def test_another_clock_moves_no_appointment_and_there_and_back_is_as_before(ward: Ward):
    gul, plan = await due(ward, FIFTH)
    await act(ward, book, plan, VISIT, FIFTH, on("12-05 01:00"), ward.nurse_id)
    await until(ward, at("12-01 21:00"))

    change = await act(ward, travel, gul.id, "Asia/Urumqi", ward.nurse_id)

    row = await the_visit(ward)
    assert (row.due_at, row.booked_on, row.hour) == (at("12-05 01:00"), date(2026, 12, 4), "23:00")
    assert change.detail[plan.id]["bookings"][1] == {f"{VISIT} 2026-12-05": "2026-12-04 23:00"}
    await act(ward, travel, gul.id, "Asia/Shanghai", ward.nurse_id)
    assert (await plan_of(ward, plan.id)).bookings == {f"{VISIT} 2026-12-05": "2026-12-05 01:00"}
    assert (await the_visit(ward)).due_at == at("12-05 01:00")
