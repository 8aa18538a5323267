"""What a plan template is made of: its activities, and the forms in which a schedule can be written."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Cycles:
    """Days of each round of treatment.  How many rounds and how long they are is the plan's, the days are the activity's."""

    cycle_days: int
    cycles: int
    on_days: tuple[int, ...]


@dataclass(frozen=True)
class OffsetDays:
    """So many days after the anchor, or before it."""

    offsets_days: tuple[int, ...]


@dataclass(frozen=True)
class OffsetMonths:
    """So many months after the anchor, clamped to the month's end."""

    offsets_months: tuple[int, ...]


@dataclass(frozen=True)
class EveryDays:
    """Every so many days, without an end."""

    every_days: int
    from_day: int


@dataclass(frozen=True)
class EveryMonths:
    """Every so many months, clamped to the month's end; `until_month` None: without an end."""

    every_months: int
    from_month: int
    until_month: int | None


@dataclass(frozen=True)
class Rule:
    """What of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8`) plans need, begun some days after the anchor.  `count` 0: no end."""

    rrule: str
    start_day: int
    freq: str  # DAILY, WEEKLY, MONTHLY
    interval: int
    count: int
    by_day: tuple[int, ...]  # 0 = Monday
    by_month_day: int  # 1-28: months that lack a day would be left out without a word


@dataclass(frozen=True)
class Relative:
    """So many days before or after other activities of the plan; after a visit that a nurse books, once she has booked it."""

    relative_to: tuple[str, ...]
    offsets_days: tuple[int, ...]


Schedule = Cycles | OffsetDays | OffsetMonths | EveryDays | EveryMonths | Rule | Relative


@dataclass(frozen=True)
class Slots:
    """How often a day, and how far apart.  `count` 0: only the clinician knows; `usual` is a hint, never filled in."""

    count: int
    min_gap_hours: float
    max_gap_hours: float
    default: tuple[str, ...]
    usual: tuple[tuple[int, float], ...] = ()  # (doses a day, hours between)

    @property
    def as_prescribed(self) -> bool:
        return self.count == 0


@dataclass(frozen=True)
class Reminder:
    """When something is said about what falls due: days before at an hour, or hours before an hour that is known."""

    days_before: int = 0
    hours_before: int = 0
    hour: str = ""  # the activity's own


@dataclass(frozen=True)
class Ladder:
    """What follows a dose nobody answered, where it differs from the rest (care/content/plan_shapes.py)."""

    off: frozenset[str] = frozenset()  # steps that are left out
    act_on_first: str = ""  # when one such dose is enough for the relative: always, running-out


@dataclass(frozen=True)
class Activity:
    """One line of a plan template."""

    key: str
    kind: str  # care/content/shapes.py: KINDS
    anchor: str
    schedule: Schedule
    phrase: str  # what is said when it is due
    subject: str  # phrase that names the medicine or the visit; the topic; the questionnaire
    slots: Slots | None
    hour: str  # when notices of this activity are read, unless the patient chose
    ask_hour: bool  # the nurse gives the hour with the enrolment, once for the whole series
    reminders: tuple[Reminder, ...]
    again_after_min: int
    useful_for_min: int
    window_days: int  # a nurse books within so many days before and after; 0 = on that day
    needs_confirmation: bool  # the next cycle starts only when a nurse says so
    only_if_ordered: bool  # off until the nurse ticks it
    after_food: bool
    source: str  # key in content/topics.yml; empty: general knowledge
    confidence: str
    ladder: Ladder = Ladder()

    @property
    def is_bookable(self) -> bool:
        """The template gives a window (0: that day); only a nurse turns it into an appointment with an hour."""
        return self.kind in ("appointment", "lab") and not self.ask_hour


@dataclass(frozen=True)
class PlanTemplate:
    """A care plan as written in content/plans/: data, never code."""

    id: str
    version: str
    reviewed: bool
    title: dict[str, str]  # staff-facing name per locale
    aim: str  # cure, comfort: comfort stays when care turns palliative
    anchors: tuple[str, ...]
    activities: tuple[Activity, ...]
    checkins: tuple[Activity, ...] = ()
    drip: tuple[Activity, ...] = ()  # topics taught one by one
    red_flags: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[Activity, ...]:
        return (*self.activities, *self.checkins, *self.drip)

    def activity(self, key: str) -> Activity:
        return next(activity for activity in self.everything if activity.key == key)

    @property
    def cycles(self) -> int:
        """How many rounds there are that only a nurse lets begin; 0: this plan knows none."""
        rounds = [
            each.schedule.cycles for each in self.everything if each.needs_confirmation and isinstance(each.schedule, Cycles)
        ]
        return max(rounds, default=0)


@dataclass(frozen=True)
class Due:
    """One date an activity falls on, with the cycle it belongs to (0 = none)."""

    day: date
    cycle: int = 0
    about: date | None = None  # the day it prepares for, if it is relative to something
