"""Nobody prepares for a test that took place already, and a nurse's slip costs no preparation."""

from datetime import date, timedelta

from care.plans.booking import book
from care.plans.forecast import Booking
from care.plans.visits import mark_visit
from tests.plans.conftest import both
from tests.plans.course import act, enrolled, follow_up, said, until
from tests.ward import NOON, Occurrence, Ward

DAY = timedelta(days=1)
TEST, DUE, TENTH = "colonoscopy-1", date(2026, 12, 20), Booking(date(2026, 12, 10), "08:00")


async def in_ten_days(ward: Ward):
    """Somebody whose colonoscopy is arranged for the tenth: the bowel is prepared on the seventh and the ninth."""
    gul = await ward.patient()
    plan = await enrolled(ward, gul, follow_up("2026-01-20"))
    await act(ward, book, plan, TEST, DUE, TENTH, ward.nurse_id)
    return gul, plan


async def mark(ward: Ward, patient_id: str, day: date | None) -> Occurrence:
    [row] = [each for each in await ward.all(Occurrence) if each.activity == TEST]
    async with ward.database.work() as work:
        return await mark_visit(work, ward.library, patient_id, row.id, day)


@both
async def test_no_bowel_is_emptied_for_a_test_that_took_place(ward: Ward):
    gul, _ = await in_ten_days(ward)
    await until(ward, NOON + 5 * DAY)  # the first preparation waits already

    await mark(ward, gul.id, date(2026, 12, 5))
    await until(ward, NOON + 10 * DAY)

    assert await said(ward, "education") == []
    [row] = [each for each in await ward.all(Occurrence) if each.activity == TEST]
    assert (row.answer, row.done_on, row.booked_on) == ("done", date(2026, 12, 5), TENTH.day)


async def test_a_marking_by_mistake_is_taken_back_and_all_is_said_as_before(ward: Ward):
    gul, _ = await in_ten_days(ward)
    await until(ward, NOON + 5 * DAY)
    await mark(ward, gul.id, date(2026, 12, 5))

    row = await mark(ward, gul.id, None)
    await until(ward, NOON + 10 * DAY)

    assert (row.answer, row.done_on) == (None, None)
    assert [each[:2] for each in await said(ward, "education")] == ["07", "09"]
    assert [each[:2] for each in await said(ward, "lab")][-2:] == ["07", "09"]


async def test_a_test_arranged_anew_after_it_did_not_take_place_is_prepared_anew(ward: Ward):
    gul, plan = await in_ten_days(ward)
    await until(ward, NOON + 5 * DAY)
    row = await mark(ward, gul.id, None)  # they will not come
    assert row.answer == "not-done"
    await until(ward, NOON + 7 * DAY)
    assert await said(ward, "education") == []

    await act(ward, book, plan, TEST, DUE, Booking(date(2026, 12, 15), "08:00"), ward.nurse_id)
    await until(ward, NOON + 15 * DAY)

    assert [each[:2] for each in await said(ward, "education")] == ["12", "14"]
