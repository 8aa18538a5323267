"""Measures of how medicines were taken, each from the doses of one patient: pure, and "not applicable" where nothing was due.

Definitions: facts: clinical, section 7.  They support follow-up; none is a limit of safety, and none says why.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from care.plans.tables import Occurrence

ON_TIME, ON_TIME_ONCE_DAILY = timedelta(hours=2), timedelta(hours=4)
PERSISTENT_GAP_DAYS = 30  # a clinician's number; the literature has 45 to 180


@dataclass(frozen=True)
class Adherence:
    """Dose-taking: confirmed over due.  `percent` is None while nothing was due (never 0, never 100)."""

    due: int  # answered, or its window is over; `open` ones still run
    taken: int
    missed: int
    open: int = 0

    @property
    def unanswered(self) -> int:
        return self.due - self.taken - self.missed

    @property
    def percent(self) -> int | None:
        return share(self.taken, self.due)


@dataclass(frozen=True)
class Persistence:
    """Days from the first dose to the first gap, or to today while there was none."""

    days: int
    ended_on: date | None


def share(part: int, whole: int) -> int | None:
    """Whole percent; None of nothing."""
    return round(100 * part / whole) if whole else None


def dose_taking(doses: Iterable[Occurrence], now: datetime) -> Adherence:
    """Of doses that were not dropped: rest weeks, unconfirmed cycles, holds and ended plans have none."""
    counts = Counter(standing(each, now) for each in doses)
    taken, missed = counts["taken"], counts["missed"]
    return Adherence(taken + missed + counts["unanswered"], taken, missed, counts["open"])


def standing(dose: Occurrence, now: datetime) -> str:
    """taken, missed, unanswered, or open while its window runs; coming before its hour."""
    if dose.answer:
        return dose.answer
    if dose.useful_until <= now:
        return "unanswered"
    return "open" if dose.due_at <= now else "coming"


def timing(doses: Sequence[Occurrence]) -> tuple[int, int]:
    """(confirmed in time, confirmed): within 2 hours of the due hour, of a medicine taken once a day within 4.

    How often a day is the most there was on any: of today's doses those are missing that are not due yet.
    """
    on_a_day = Counter((each.plan_id, each.activity, each.local_date) for each in doses)
    a_day: Counter[tuple[str, str]] = Counter()
    for (plan_id, activity, _), count in on_a_day.items():
        a_day[plan_id, activity] = max(a_day[plan_id, activity], count)
    taken = [each for each in doses if each.answer == "taken" and each.answered_at]
    return sum(_is_in_time(each, a_day[each.plan_id, each.activity]) for each in taken), len(taken)


def _is_in_time(dose: Occurrence, a_day: int) -> bool:
    assert dose.answered_at is not None
    return abs(dose.answered_at - dose.due_at) <= (ON_TIME_ONCE_DAILY if a_day == 1 else ON_TIME)


def persistence(doses: Sequence[Occurrence], now: datetime, gap_days: int = PERSISTENT_GAP_DAYS) -> Persistence | None:
    """Of one medicine.  None while nothing was due.

    A due day without a taken dose stands for the days until the next due day, but for no more than lie between two as a rule:
    a rest week or a hold makes no gap longer.
    """
    due = sorted({each.local_date for each in doses if standing(each, now) in ("taken", "missed", "unanswered")})
    if not due:
        return None
    taken = {each.local_date for each in doses if each.answer == "taken"}
    gap, began = 0, due[0]
    for day, days in _lengths(due):
        if day in taken:
            gap = 0
            continue
        began = day if gap == 0 else began
        gap += days
        if gap > gap_days:
            return Persistence((began - due[0]).days, began)
    return Persistence((due[-1] - due[0]).days + 1, None)


def _lengths(due: list[date]) -> list[tuple[date, int]]:
    """Each due day with the days it stands for."""
    apart = Counter((later - day).days for day, later in pairwise(due))
    usual = min((days for days in apart if apart[days] == max(apart.values())), default=1)
    away = [*((later - day).days for day, later in pairwise(due)), usual]
    return [(day, min(days, usual)) for day, days in zip(due, away, strict=True)]


def reasons(doses: Iterable[Occurrence]) -> list[tuple[str, int]]:
    """Why doses were missed, the most frequent first."""
    return Counter(each.reason for each in doses if each.answer == "missed" and each.reason).most_common()
