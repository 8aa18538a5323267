"""A time is a wall-clock hour plus a clock: Beijing, Xinjiang or Kazakhstan, and none of them is ever an hour wrong."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.people.clocks import CLOCKS, local, moment, odd_hour, parse_hour

zones = st.sampled_from([*CLOCKS, "Europe/Berlin", "America/New_York", "Asia/Tehran", "Australia/Lord_Howe"])
days = st.dates(date(1995, 1, 1), date(2040, 12, 31))
hours = st.times().map(lambda each: f"{each:%H:%M}")


@pytest.mark.parametrize(
    ("zone", "utc"), [("Asia/Shanghai", "00:00"), ("Asia/Urumqi", "02:00"), ("Asia/Almaty", "03:00")], ids=list(CLOCKS)
)
def test_eight_in_the_morning_is_three_moments_in_one_region(zone: str, utc: str):
    assert f"{moment(date(2026, 12, 1), '08:00', zone):%H:%M}" == utc


def test_kazakhstan_has_one_clock_five_hours_ahead_since_march_2024():
    assert moment(date(2024, 2, 29), "08:00", "Asia/Almaty") == datetime(2024, 2, 29, 2, 0, tzinfo=UTC)
    assert moment(date(2024, 3, 1), "08:00", "Asia/Almaty") == datetime(2024, 3, 1, 3, 0, tzinfo=UTC)


def test_the_hour_kazakhstan_lived_twice_means_the_first_time():
    first = moment(date(2024, 2, 29), "23:30", "Asia/Almaty")

    assert first == datetime(2024, 2, 29, 17, 30, tzinfo=UTC)
    assert f"{local(first + timedelta(hours=1), 'Asia/Almaty'):%d %H:%M}" == "29 23:30"


def test_an_hour_that_never_came_means_the_first_minute_after_it():
    spring = moment(date(2026, 3, 29), "02:30", "Europe/Berlin")

    assert f"{local(spring, 'Europe/Berlin'):%H:%M}" == "03:00"


def test_an_hour_that_comes_twice_or_never_is_called_so():
    assert odd_hour(date(2024, 2, 29), "23:30", "Asia/Almaty") == "twice"
    assert odd_hour(date(2026, 3, 29), "02:30", "Europe/Berlin") == "skipped"
    assert {odd_hour(date(2026, 12, 1), "08:00", zone) for zone in CLOCKS} == {""}


def test_the_zone_table_is_the_one_we_brought_and_not_the_machines():
    """A hospital's old system table still rings Almaty an hour early."""
    assert zoneinfo.TZPATH == ()


@given(days, hours, zones)
def test_a_wall_clock_hour_comes_back_as_the_same_hour_or_right_after_a_gap(day: date, hour: str, zone: str):
    shown = local(moment(day, hour, zone), zone)

    assert shown.date() == day
    late = datetime.combine(day, shown.time()) - datetime.combine(day, parse_hour(hour))
    assert timedelta() <= late <= timedelta(hours=1)


@given(days, hours, hours, st.sampled_from(list(CLOCKS)))
def test_a_later_hour_is_never_an_earlier_moment(day: date, first: str, second: str, zone: str):
    earlier, later = sorted((first, second))

    assert moment(day, earlier, zone) <= moment(day, later, zone)


@given(days, hours, st.sampled_from(list(CLOCKS)))
def test_a_moment_is_always_utc(day: date, hour: str, zone: str):
    assert moment(day, hour, zone).utcoffset() == timedelta()


def test_an_hour_is_read_as_it_is_written():
    assert (parse_hour("08:00"), parse_hour("23:59")) == (time(8, 0), time(23, 59))


@pytest.mark.parametrize(
    "typed", ["", "8:00", "08.00", "24:00", "08:60", "+8:00", "-1:00", "8 :00", "08: 1", "08:00:00", "٠٨:٠٠", "８0:00", "abc"]
)
def test_anything_but_two_and_two_plain_digits_is_no_hour(typed: str):
    with pytest.raises(ValueError):  # noqa: PT011 - what Python says differs, that it refuses does not
        parse_hour(typed)
