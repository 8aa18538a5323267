"""Every clock on earth, 2020 to 2030: no dose is lost in an hour that never comes, or doubled in one that is lived twice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from care.content.library import Library
from care.plans.forecast import PlanFacts, expected
from care.plans.tailor import tailor
from tests.plans.course import is_on_its_day

DAY, WEEK = timedelta(days=1), timedelta(days=7)
HOURS = ["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "23:00", "23:30"]  # around which clocks are changed
Change = tuple[date, timedelta, timedelta]  # a day, and how far the clock is from UTC before and after it


def changes(zone: str) -> Iterator[Change]:
    """The days on which a clock is changed: first by weeks, then the day itself."""
    clock, begin = ZoneInfo(zone), datetime(2019, 12, 28, 12, tzinfo=UTC)

    def away(moment: datetime) -> timedelta:
        return moment.astimezone(clock).utcoffset() or timedelta()

    for week, after in pairwise(begin + number * WEEK for number in range(576)):
        if away(week) != away(after):
            days = pairwise(week + number * DAY for number in range(8))
            yield from ((next_day.date(), away(day), away(next_day)) for day, next_day in days if away(day) != away(next_day))


def test_no_change_of_any_clock_loses_or_doubles_a_dose(library: Library):
    own = tailor(library.plan("nsclc-egfr-tki"), {"tki": {"count": len(HOURS), "min_gap_hours": 0.1}}, frozenset())
    all_changes = {change: zone for zone in sorted(available_timezones()) for change in changes(zone)}
    assert len(all_changes) > 500

    for (day, *_), zone in all_changes.items():
        facts = PlanFacts({"tki-start": day - DAY}, {"tki": HOURS}, zone, {})
        doses = [each for each in expected(own, facts, day - DAY, day + DAY) if each.activity.key == "tki"]
        assert len({(each.day, each.slot) for each in doses}) == len(doses) == 3 * len(HOURS), (zone, day)
        assert all(is_on_its_day(each, zone) for each in doses), (zone, day)
        assert [each.due_at for each in doses] == sorted(each.due_at for each in doses), (zone, day)
