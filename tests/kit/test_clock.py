"""Three clocks, one promise: a moment in UTC, with its zone."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from care.kit.clock import FileClock, HandClock, SystemClock, stopwatch_s

NINE_IN_ALMATY = datetime(2026, 12, 1, 9, 0, tzinfo=timezone(timedelta(hours=5)))


def test_the_system_clock_tells_utc_and_its_zone():
    now = SystemClock().now()

    assert now.utcoffset() == timedelta()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_hand_clock_stands_still_until_somebody_turns_it():
    clock = HandClock(NINE_IN_ALMATY)
    assert clock.now() == clock.now() == datetime(2026, 12, 1, 4, 0, tzinfo=UTC)

    clock.advance(timedelta(minutes=30))
    assert clock.now().isoformat() == "2026-12-01T04:30:00+00:00"

    clock.turn_to(NINE_IN_ALMATY)
    assert clock.now().isoformat() == "2026-12-01T04:00:00+00:00"


def test_processes_with_one_clock_file_see_the_same_jump_at_once(tmp_path: Path):
    file = tmp_path / "offset"
    first, second = FileClock(file), FileClock(file)

    file.write_text("86400\n")

    for clock in (first, second):
        assert abs(clock.now() - datetime.now(UTC) - timedelta(days=1)) < timedelta(seconds=1)


@pytest.mark.parametrize("content", [None, b"", b"tomorrow", b"nan", b"inf", b"1e30", b"\xff\xfe"])
def test_a_clock_file_that_is_lost_or_damaged_never_stops_the_clock(tmp_path: Path, content: bytes | None):
    file = tmp_path / "offset"
    if content is not None:
        file.write_bytes(content)

    assert abs(FileClock(file).now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_the_stopwatch_only_goes_forward():
    first = stopwatch_s()

    assert stopwatch_s() >= first
