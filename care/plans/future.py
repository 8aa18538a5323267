"""What will happen to one patient, as a value: asked for by a nurse or an operator, found out by the scheduler, shown by both."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter

from care.people.clocks import local
from care.plans.enrol import FUTURE
from care.plans.problems import PlanProblem, PlanRefused

LONGEST_DAYS = 31
WEEK_DAYS = 7
NURSE = "nurse"  # where a message goes when no channel is left


class PreviewRefused(PlanRefused):
    """What was asked for cannot be foretold; nothing was played."""


def read_day(typed: str) -> date | None:
    """A day as it was typed; None: none was.  Raises PreviewRefused."""
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise PreviewRefused([PlanProblem("date-unreadable", "from", {"date": typed, "example": "2026-12-01"})]) from None


@dataclass(frozen=True)
class Wish:
    """What to foretell.  `first` None: today, on the patient's clock.  `form`: in which the words are given a second time."""

    patient_id: str
    now: datetime
    first: date | None = None
    days: int = WEEK_DAYS
    form: str = ""
    answered: bool = True  # each reminder is answered; else none is

    def problems(self, zone: str) -> Iterator[PlanProblem]:
        """Why it cannot be foretold for a patient who lives by this clock."""
        today = local(self.now, zone).date()
        first = self.first or today
        if not 1 <= self.days <= LONGEST_DAYS:
            yield PlanProblem("too-many-days", "days", {"days": str(self.days), "most": str(LONGEST_DAYS)})
        if first < today:
            yield PlanProblem("preview-in-the-past", "from", {"date": first.isoformat(), "today": today.isoformat()})
        elif first > today + FUTURE:
            yield PlanProblem("date-far-away", "from", {"date": first.isoformat()})


@dataclass(frozen=True)
class Reason:
    """Why something is said: the plan, its activity, and the step of it."""

    plan: str  # template
    kind: str
    subject: str
    step: str  # remind, again, later
    name: str = ""  # of a topic or a check-in; what else a plan speaks of has its word among those of staff
    days_before: int = 0
    hours_before: int = 0
    cycle: int = 0  # 0: of none
    dose: int = 0  # 0: there is one a day
    about: date | None = None  # the day of what is not due on the day it is said


@dataclass(frozen=True)
class Entry:
    """One message: said, or not and why."""

    at: datetime
    due_at: datetime
    kind: str
    state: str  # care/messages/types.py: State
    why: str = ""  # not said because of this; or said later because of it
    channel: str = ""
    way: str = ""  # care/channels/base.py: Way
    another_way: str = ""  # why not the usual one (care/channels/base.py: Why)
    then: tuple[str, ...] = ()  # what is tried after that channel, in order; NURSE is the last
    text: str = ""
    form: str = ""
    notice: str = ""
    buttons: tuple[str, ...] = ()
    second: str = ""  # the same words in the wish's form
    reasons: tuple[Reason, ...] = ()
    again: tuple[datetime, ...] = ()  # when it would be said once more, were it not answered


@dataclass(frozen=True)
class Visit:
    """A visit nobody has booked yet, and the days in which it may be."""

    plan: str
    subject: str
    cycle: int
    earliest: date
    due: date
    latest: date


@dataclass(frozen=True)
class Round:
    """A cycle that waits for a nurse's word, and the day it is planned for."""

    plan: str
    number: int
    planned: date


@dataclass(frozen=True)
class Found:
    """What a nurse will find on her worklist, and from when on."""

    at: datetime
    flag: str
    tier: str


@dataclass(frozen=True)
class PlanLine:
    """A plan as it stands.  `paused`: since when.  `unreadable`: nobody can read it, and nothing of it is said."""

    template: str
    titles: dict[str, str]
    paused: date | None = None
    unreadable: bool = False


@dataclass(frozen=True)
class Future:
    """Some days of one patient, as they will be if nobody changes anything."""

    zone: str
    clinic_zone: str
    form: str  # of the second words
    first: date
    days: int
    now: datetime
    answered: bool
    bars: tuple[str, ...]  # why nothing at all is said (care/messages/types.py: Skip)
    plans: tuple[PlanLine, ...]
    rounds: tuple[Round, ...]
    visits: tuple[Visit, ...]
    entries: tuple[Entry, ...]
    found: tuple[Found, ...]

    @property
    def all_days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    def on(self, day: date) -> list[Entry | Found]:
        """What happens on a day of the patient's clock, in order."""
        happens: list[Entry | Found] = [*self.entries, *self.found]
        return sorted((each for each in happens if local(each.at, self.zone).date() == day), key=lambda each: each.at)


@dataclass(frozen=True)
class Foretold:
    """The answer to a wish: a future, or why there is none."""

    future: Future | None = None
    problems: tuple[PlanProblem, ...] = ()


wishes, answers = TypeAdapter(Wish), TypeAdapter(Foretold)
