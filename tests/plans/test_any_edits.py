"""Whatever is done to a plan, on whatever clock: each dose has one moment and is told once, and none is lost."""

import asyncio
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from care.content.library import Library
from care.messages.tables import Mention
from care.people.clocks import CLOCKS, local
from care.people.tables import Patient
from care.plans.adjust import adjust
from care.plans.endings import record_death
from care.plans.forecast import PlanFacts, SpecialTimes, expected
from care.plans.materialise import materialise_some
from care.plans.pauses import pause, resume
from care.plans.problems import PlanRefused
from care.plans.rhythm import set_hours, set_special_times, travel
from care.plans.tables import CarePlan
from care.plans.tailor import tailor
from tests.plans.course import act, enrolled, is_on_its_day, one_tablet
from tests.ward import Message, Occurrence, Ward, open_ward

HOUR = timedelta(hours=1)
zones = st.sampled_from(sorted(available_timezones()))
days = st.dates(date(2020, 1, 1), date(2030, 12, 24))
clock_hours = st.times().map(lambda each: f"{each:%H:%M}")


@settings(max_examples=300)
@given(zones, days, st.lists(clock_hours, min_size=1, max_size=4, unique=True))
@example("Asia/Almaty", date(2024, 2, 26), ["23:00", "23:30"])  # the hour that was lived twice
@example("Europe/Berlin", date(2026, 3, 27), ["02:00", "02:30"])  # the hour that never came
@example("America/Nuuk", date(2024, 3, 29), ["23:00", "23:30"])  # the last hour of a day never came
@example("Asia/Tehran", date(2022, 3, 20), ["00:00"])
def test_on_every_clock_each_dose_of_each_day_has_one_moment(library: Library, zone: str, day: date, hours: list[str]):
    count = {"tki": {"count": len(hours), "min_gap_hours": 0.1}}
    own = tailor(library.plan("nsclc-egfr-tki"), count, frozenset())
    facts = PlanFacts({"tki-start": day}, {"tki": hours}, zone, {})

    doses = [each for each in expected(own, facts, day, day + timedelta(days=6)) if each.activity.key == "tki"]

    assert len({(each.day, each.slot) for each in doses}) == len(doses) == 7 * len(hours)
    assert all(is_on_its_day(each, zone) for each in doses)
    assert [each.due_at for each in doses] == sorted(each.due_at for each in doses)


Do = Callable[[Ward, Patient, CarePlan], Coroutine[Any, Any, object]]


def to_hours(first: int) -> Do:
    hours = [f"{first:02}:15", f"{first + 9:02}:15"]
    return lambda ward, gul, plan: act(ward, set_hours, plan, {"tki": hours}, ward.nurse_id, "agreed")


def to_clock(zone: str) -> Do:
    return lambda ward, gul, plan: act(ward, travel, gul.id, zone, ward.nurse_id, None, "agreed")


def to_special(ahead: int, length: int) -> Do:
    async def do(ward: Ward, gul: Patient, plan: CarePlan) -> object:
        first = ward.clock.now().date() + timedelta(days=ahead)
        times = SpecialTimes("tki", first, first + timedelta(days=length), ("05:30", "18:30"))
        return await act(ward, set_special_times, plan, times, ward.nurse_id)

    return do


def to_gap(gap: int) -> Do:
    return lambda ward, gul, plan: act(ward, adjust, plan, {"tki": {"min_gap_hours": gap}}, "agreed", ward.nurse_id)


async def hold(ward: Ward, gul: Patient, plan: CarePlan) -> object:
    return await act(ward, pause, gul.id, "hold", ward.nurse_id)


async def go_on(ward: Ward, gul: Patient, plan: CarePlan) -> object:
    return await act(ward, resume, gul.id, ward.nurse_id)


edits = st.one_of(
    st.builds(to_hours, st.integers(0, 14)),
    st.builds(to_clock, st.sampled_from(list(CLOCKS))),
    st.builds(to_special, st.integers(0, 2), st.integers(0, 2)),
    st.builds(to_gap, st.integers(4, 11)),
    st.just(hold),
    st.just(go_on),
)
story = st.lists(st.tuples(st.integers(1, 20), edits), min_size=3, max_size=7)


@pytest.fixture(scope="module")
def world(
    library: Library, empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ward, asyncio.AbstractEventLoop]]:
    """One ward for all stories: each has a patient of its own, and time goes on."""
    home, loop = tmp_path_factory.mktemp("edits"), asyncio.new_event_loop()
    shutil.copy(empty_sqlite, home / "karez.db")
    (home / "master.key").write_bytes(secrets.token_bytes(32))
    ward = loop.run_until_complete(open_ward(f"sqlite+aiosqlite:///{home / 'karez.db'}", home, library))
    yield ward, loop
    loop.run_until_complete(ward.database.close())
    loop.close()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story)
@example([(8, to_special(2, 0)), (1, to_hours(5)), (1, hold), (1, to_gap(7))])
def test_whatever_is_done_to_a_plan_each_dose_is_told_once_and_none_is_lost(
    world: tuple[Ward, asyncio.AbstractEventLoop], story: list[tuple[int, Do]]
):
    ward, loop = world
    loop.run_until_complete(lived(ward, story))


async def lived(ward: Ward, story: list[tuple[int, Do]]) -> None:
    gul = await ward.patient(channel="script")
    today = local(ward.clock.now(), gul.zone).date().isoformat()
    plan = await enrolled(ward, gul, one_tablet("08:15", "20:15", start=today, gap="4"))
    for hours, edit in story:
        await pass_time(ward, hours)
        with suppress(PlanRefused):
            await edit(ward, gul, plan)
    for hours in (0, 24):  # a new gap may forbid it today, because of a dose that was told this morning
        await pass_time(ward, hours)
        with suppress(PlanRefused):
            await go_on(ward, gul, plan)
    await pass_time(ward, 60)
    await check(ward, gul)
    await act(ward, record_death, gul.id, ward.nurse_id)


async def pass_time(ward: Ward, hours: int) -> None:
    """The scheduler's life without the wire: awake whenever something is due, and once in a while."""
    end, coming = ward.clock.now() + hours * HOUR, None
    while ward.clock.now() < end:
        ward.clock.turn_to(min(max(coming or end, ward.clock.now() + 3 * HOUR), ward.clock.now() + 12 * HOUR, end))
        async with ward.database.work() as work:
            await materialise_some(work, ward.library)
            due = update(Message).where(Message.state == "due", Message.next_at <= work.now)
            await work.session.execute(due.values(state="sent"))
            coming = await work.session.scalar(select(func.min(Message.next_at)).where(Message.state == "due"))


async def check(ward: Ward, gul: Patient) -> None:
    async with ward.database.look() as work:
        mine = select(Occurrence).where(
            Occurrence.patient_id == gul.id, Occurrence.kind == "medicine", Occurrence.dropped.is_(None)
        )
        doses = list(await work.session.scalars(mine.order_by(Occurrence.due_at)))
        said = select(Mention.occurrence_id, Message).join(Message, Message.id == Mention.message_id)
        said = said.where(Mention.step == "remind-0", Message.patient_id == gul.id)
        told = {row[0]: row[1] for row in await work.session.execute(said)}
    now, moments = ward.clock.now(), [each.due_at for each in doses]
    assert len(set(moments)) == len(moments)
    for dose in doses:
        assert told[dose.id].due_at == dose.due_at
        assert told[dose.id].state == ("sent" if dose.due_at <= now else "due")
    # Nobody changed anything in the last sixty hours: yesterday, today and tomorrow both doses are there.
    whole, today = Counter(each.local_date for each in doses), local(now, doses[-1].zone).date()
    assert [whole[today + timedelta(days=each)] for each in (-1, 0, 1)] == [2, 2, 2]
