"""So many a day to one person, whoever counts."""

from datetime import UTC, datetime, timedelta

from care.channels.notes import BriefNotes
from care.kit.clock import HandClock
from care.kit.daily import DailyLimit

NOON = datetime(2026, 12, 1, 6, tzinfo=UTC)


async def test_the_day_begins_with_the_first_and_is_everybodys_own() -> None:
    clock = HandClock(NOON)
    notes = BriefNotes(clock.now)
    here, elsewhere = (DailyLimit(notes, clock.now, "key", 2) for _ in range(2))

    assert await here.take("+77011234567") is None
    clock.advance(timedelta(hours=20))
    assert await elsewhere.take("+77011234567") is None
    assert await here.take("+77011234567") == timedelta(hours=4)
    assert await here.take("+77017654321") is None
    clock.advance(timedelta(hours=4))
    assert await here.take("+77011234567") is None


async def test_what_did_not_happen_is_given_back() -> None:
    clock = HandClock(NOON)
    limit = DailyLimit(BriefNotes(clock.now), clock.now, "key", 1)
    await limit.give_back("+77011234567")  # of somebody of whom nothing is counted
    assert await limit.take("+77011234567") is None
    await limit.give_back("+77011234567")

    assert await limit.take("+77011234567") is None
    assert await limit.take("+77011234567") == timedelta(hours=24)


async def test_the_name_of_a_count_names_nobody() -> None:
    clock = HandClock(NOON)
    notes = BriefNotes(clock.now)
    for key in ("one", "two"):
        await DailyLimit(notes, clock.now, key, 2).take("+77011234567")

    assert len(notes._kept) == 2
    assert "7701" not in "".join(notes._kept)
