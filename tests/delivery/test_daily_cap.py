"""So much a day and no more: what may wait waits for the morning, what has its hour comes, and the nurse sees what was held."""

from datetime import timedelta

import pytest

from care.messages.overview import held_back
from care.people.tables import Patient
from tests.ward import Message, Ward


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


@pytest.fixture
async def full(ward: Ward) -> Patient:
    """A patient who was told as much today as is enough."""
    gul = await ward.patient()
    for _ in range(ward.library.messages.a_day):
        await ward.due(gul)
    await ward.tick()
    return gul


async def state(ward: Ward, message_id: str) -> tuple[str, str | None]:
    await ward.tick()
    return await ward.state(message_id)


async def test_a_medicine_and_what_is_urgent_come_all_the_same(ward: Ward, full: Patient):
    tablet = await ward.due(full)
    urgent = await ward.due(full, "education", urgent=True)

    assert await state(ward, tablet) == ("sent", None)
    assert await ward.state(urgent) == ("sent", None)


async def test_what_may_wait_comes_first_thing_in_the_morning(ward: Ward, full: Patient):
    until = ward.clock.now() + timedelta(days=1)
    notice = await ward.due(full, "education", useful_until=until)

    assert await state(ward, notice) == ("due", "daily-cap")
    ward.clock.advance(timedelta(hours=19, minutes=31))  # 07:31

    assert await state(ward, notice) == ("sent", None)


async def test_what_is_of_no_use_tomorrow_is_dropped_and_seen(ward: Ward, full: Patient):
    notice = await ward.due(full, "education")

    assert await state(ward, notice) == ("muted", "daily-cap")
    assert await ward.undelivered() == []
    async with ward.database.look() as work:
        assert [(each.kind, each.state) for each in await held_back(work, full.id)] == [("education", "muted")]


async def test_what_is_held_is_not_late(ward: Ward, full: Patient):
    notice = await ward.due(full, "education", useful_until=ward.clock.now() + timedelta(days=1))
    await ward.tick()

    ward.clock.advance(timedelta(hours=2))

    assert await state(ward, notice) == ("due", "daily-cap")
    assert await ward.undelivered() == []


async def test_two_that_may_wait_at_one_moment_do_not_both_slip_in(ward: Ward):
    gul = await ward.patient()
    for _ in range(ward.library.messages.a_day - 1):
        await ward.due(gul)
    await ward.tick()
    until = ward.clock.now() + timedelta(days=1)
    notices = [await ward.due(gul, "education", useful_until=until) for _ in range(2)]

    await ward.tick()

    assert sorted([(await ward.state(each))[0] for each in notices]) == ["due", "sent"]


async def test_a_later_that_was_asked_for_does_not_count(ward: Ward):
    gul = await ward.patient()
    for number in range(ward.library.messages.a_day):
        await ward.due(gul, key=f"k{number}:later-1")
    notice = await ward.due(gul, "education")

    assert await state(ward, notice) == ("sent", None)


async def late_one(ward: Ward, patient: Patient, kind: str) -> str:
    """A message of a kind whose useful time is over."""
    message_id = await ward.due(patient, "education", useful_until=ward.clock.now() - timedelta(minutes=1))
    await ward.change(Message, message_id, kind=kind)
    return message_id


async def test_each_kind_ends_as_its_line_in_content_says(ward: Ward):
    gul = await ward.patient()
    kinds = {"education": ("missed", "too-late"), "medicine": ("missed", "too-late")}
    left = {"topic": ("cleared", "too-late"), "question": ("cleared", "too-late")}
    rows = {kind: await late_one(ward, gul, kind) for kind in kinds | left}

    await ward.tick()

    assert {kind: await ward.state(row) for kind, row in rows.items()} == kinds | left
    assert {each.kind for each in await ward.undelivered()} == set(kinds)
