"""What a channel can take: a vendor's limit is kept, its word is heeded, and a channel that fails is left alone for a while."""

from datetime import timedelta
from itertools import pairwise
from math import inf

import pytest

from care.channels.base import Abilities
from care.kit.clock import stopwatch_s
from care.messages.types import Cause
from scheduler import lanes
from scheduler.lanes import PART, REST, TRIPS, Lane
from tests.ward import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of a clock the story moves on."""
    seconds = [stopwatch_s()]
    monkeypatch.setattr(lanes, "stopwatch_s", lambda: seconds[0])
    return seconds


def lane(sockets: int = 128, per_second: float | None = None, senders: int = 1) -> Lane:
    return Lane("script", Abilities(voice=False, buttons=False, takes_key=False, sockets=sockets, per_second=per_second), senders)


@pytest.mark.parametrize(("senders", "share"), [(1, 100), (4, 25)])
async def test_no_second_holds_more_than_the_vendor_takes_and_workers_share_it(
    steady: list[float], monkeypatch: pytest.MonkeyPatch, senders: int, share: int
):
    one, sent_s = lane(per_second=100, senders=senders), []

    async def pass_by(seconds: float) -> None:
        steady[0] += seconds

    monkeypatch.setattr("scheduler.lanes.asyncio.sleep", pass_by)
    for _ in range(200):
        assert one.take(NOON)
        await one.pace.turn()
        one.leave()
        sent_s.append(steady[0])

    assert all(sum(at <= each < at + 1 for each in sent_s) <= share for at in sent_s)
    assert 199 / (sent_s[-1] - sent_s[0]) == pytest.approx(0.95 * share)


def test_no_more_intents_are_written_than_a_second_of_a_slow_vendor():
    one = lane(per_second=10)

    assert sum(one.take(NOON) for _ in range(500)) == 9


def test_there_is_never_more_than_one_part_behind_the_sockets():
    one = lane(sockets=3)

    assert sum(one.take(NOON) for _ in range(500)) == 3 + PART
    one.leave()
    assert one.take(NOON)


def test_behind_the_sockets_of_a_slow_vendor_wait_those_whose_turn_comes_in_time():
    one = lane(sockets=10)
    for _ in range(50):
        one.took(3.5)

    assert sum(one.take(NOON) for _ in range(500)) == 10 + 20
    for _ in range(50):
        one.took(0.05)
    assert sum(one.take(NOON) for _ in range(500)) == PART - 20


@pytest.mark.parametrize("sockets", [1, 10])
def test_a_vendor_that_takes_all_the_time_there_is_still_gets_the_next(sockets: int):
    one = lane(sockets=sockets)
    one.took(600)
    taken = sum(one.take(NOON) for _ in range(500))

    assert taken == sockets + 1
    assert one.ready_in_s(PART, NOON) == inf
    one.leave()
    assert one.ready_in_s(PART, NOON) == 0


def test_a_busy_vendor_is_left_alone_until_the_moment_it_named(steady: list[float]):
    one = lane()
    one.hear(Cause.BUSY, 90 * SECOND, NOON)

    assert not one.take(NOON + 89 * SECOND)
    assert one.put_off_until(NOON, ahead=0) == NOON + 90 * SECOND
    assert one.take(NOON + 90 * SECOND)


def test_one_person_who_has_to_wait_stops_nobody_else(steady: list[float]):
    one = lane()
    one.hear(Cause.BUSY, 86_400 * SECOND, NOON, of_one=True)

    assert one.take(NOON)


def test_a_shorter_word_does_not_shorten_a_longer_rest(steady: list[float]):
    one = lane()
    one.hear(Cause.BUSY, 90 * SECOND, NOON)
    one.hear(Cause.BUSY, 1 * SECOND, NOON)

    assert not one.take(NOON + 60 * SECOND)


def test_a_wall_clock_that_stands_still_ends_no_channel_for_ever(steady: list[float]):
    one = lane()
    one.hear(Cause.BUSY, 2 * SECOND, NOON)
    steady[0] += 2

    assert one.take(NOON)


def test_failures_in_a_row_close_a_channel_and_one_message_tries_whether_it_is_back(steady: list[float]):
    one = lane()
    for _ in range(TRIPS):
        assert one.take(NOON)
        one.leave()
        one.hear(Cause.UNREACHABLE, None, NOON)
    assert not one.take(NOON)

    later = NOON + REST
    assert [one.take(later), one.take(later)] == [True, False]
    one.leave()
    one.worked()
    assert one.take(later)


def test_a_trial_that_fails_closes_it_for_twice_as_long(steady: list[float]):
    one = lane()
    for _ in range(TRIPS):
        one.hear(Cause.UNREACHABLE, None, NOON)
    one.take(NOON + REST)
    one.leave()
    one.hear(Cause.UNREACHABLE, None, NOON + REST)

    assert not one.take(NOON + 3 * REST - SECOND)
    assert one.take(NOON + 3 * REST)


def test_failures_that_are_not_in_a_row_close_nothing(steady: list[float]):
    one = lane()
    for _ in range(3 * TRIPS):
        one.hear(Cause.UNREACHABLE, None, NOON)
        one.hear(Cause.REFUSED, None, NOON)  # the channel is there: it was this message's own fault

    assert one.take(NOON)


def test_whoever_is_put_off_comes_again_one_after_the_other_and_newcomers_behind_them(steady: list[float]):
    one = lane(per_second=1)
    given = [one.put_off_until(NOON, ahead=5) for _ in range(3)]

    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(given)]
    assert gaps == pytest.approx([1 / 0.95] * 2, abs=0.001)
    assert one.has_line(NOON)
    assert not one.has_line(given[-1])


def test_what_says_nothing_of_the_channel_leaves_the_trial_to_the_next(steady: list[float]):
    one = lane()
    for _ in range(TRIPS):
        one.hear(Cause.UNREACHABLE, None, NOON)
    one.take(NOON + REST)
    one.leave()
    one.learned_nothing()

    assert [one.take(NOON + REST), one.take(NOON + REST)] == [True, False]
