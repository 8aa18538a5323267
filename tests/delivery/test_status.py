"""A status never goes backwards, in whatever order the reports come."""

from itertools import permutations, product

import pytest

from care.channels.base import Act, Inbound
from care.messages import store
from care.messages.overview import count_states, take_off_list
from care.messages.service import mark_delivered, set_aside, settle
from care.messages.store import Try
from care.messages.types import RANK, State, overtaken_by, settle_status
from tests.ward import NOON, Ward

REPORTS = tuple(RANK)


def settled(start: State, reports: tuple[State, ...]) -> State:
    state = start
    for report in reports:
        state = settle_status(state, report)
    return state


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_all_orders_and_repeats_of_reports_end_in_one_state(count: int):
    for chosen in product(REPORTS, repeat=count):
        assert len({settled(State.INTENT, order) for order in permutations(chosen)}) == 1


def test_no_report_moves_a_state_down():
    for known, reported in product(REPORTS, repeat=2):
        assert RANK[settle_status(known, reported)] >= RANK[known]


def test_a_late_delivery_wins_over_failed_and_nothing_wins_over_read():
    assert settled(State.FAILED, (State.SENT, State.DELIVERED)) == State.DELIVERED
    assert {settle_status(State.READ, each) for each in REPORTS} == {State.READ}


def test_the_guard_of_an_update_is_the_same_rule():
    for reported, known in product(REPORTS, State):
        assert (known in overtaken_by(reported)) == (settle_status(known, reported) != known)


async def test_a_yes_that_comes_after_the_phone_fetched_it_changes_nothing(ward: Ward):
    reminder = await ward.due(await ward.patient(), state="intent", attempt=1)

    async with ward.database.work() as work:
        await mark_delivered(work, [reminder])
        await store.accepted(work, [(Try(reminder, 1), "late")])

    assert await ward.state(reminder) == ("delivered", None)


@pytest.mark.parametrize(("tried", "told"), [(None, ("delivered", None)), ("another", ("unknown", "restored"))])
async def test_a_report_after_a_restore_closes_what_was_held_back(ward: Ward, tried: str | None, told: tuple[str, str | None]):
    held = await ward.due(await ward.patient(channel="script"), channel=tried)  # the copy was made before it was sent
    async with ward.database.work() as work:
        await set_aside(work)

    async with ward.database.work() as work:
        await settle(work, Inbound("1", Act.STATUS, status="delivered", our_key=f"message:{held}"), "script")

    assert await ward.state(held) == told


async def test_a_nurse_takes_a_lost_message_off_her_list_once_and_only_her_clinics(ward: Ward):
    reminder = await ward.due(await ward.patient(), useful_until=NOON)
    await ward.tick()

    async with ward.database.work() as work:
        assert not await take_off_list(work, ward.other_clinic.id, reminder, ward.nurse_id)
        assert await take_off_list(work, ward.clinic.id, reminder, ward.nurse_id)
        assert not await take_off_list(work, ward.clinic.id, reminder, ward.nurse_id)

    assert await ward.undelivered() == []


async def test_the_counts_are_one_clinics_own(ward: Ward):
    gul = await ward.patient()
    await ward.due(gul)
    await ward.due(gul, useful_until=NOON)
    await ward.tick()

    async with ward.database.look() as work:
        assert await count_states(work, ward.clinic.id) == {"sent": 1, "missed": 1}
        assert await count_states(work, ward.other_clinic.id) == {}


async def test_when_nothing_is_sent_at_all_the_nurse_sees_it_within_15_minutes(ward: Ward):
    from datetime import timedelta

    reminder = await ward.due(await ward.patient())
    ward.clock.advance(timedelta(minutes=15))
    assert await ward.undelivered() == []
    ward.clock.advance(timedelta(seconds=1))

    assert [(each.message_id, each.state) for each in await ward.undelivered()] == [(reminder, "overdue")]
