"""Enrolling a patient in a plan: every mistake is found before anything is written, and the first week can be read first."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select, update

from care.content.library import Library
from care.content.types import Activity, PlanTemplate
from care.kit.database import Work
from care.kit.ids import new_id
from care.people.clocks import local, parse_hour
from care.people.tables import Patient
from care.plans.clashes import Dose, clash, doses_of
from care.plans.forecast import PlanFacts, expected
from care.plans.occurrences import PlanUnreadable, materialise_plan, read_plan
from care.plans.tables import CarePlan


@dataclass(frozen=True)
class Enrolment:
    """What the nurse chose: a template, its anchor dates (ISO) and the hours of each medicine."""

    template: str
    anchors: dict[str, str]
    slots: dict[str, list[str]]


@dataclass(frozen=True)
class EnrolmentProblem:
    """One thing to mend.  `field` is the form's field, `code` picks the sentence a page shows, `names` fill it."""

    code: str
    field: str
    names: dict[str, str]


class EnrolmentRefused(Exception):
    """Nothing was written.  Holds every problem at once."""

    def __init__(self, problems: list[EnrolmentProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class PreviewLine:
    """One thing a patient will be told on a day."""

    hour: str
    activity: str
    kind: str


@dataclass(frozen=True)
class PreviewDay:
    day: date
    lines: tuple[PreviewLine, ...]


async def enrol(work: Work, library: Library, patient: Patient, choice: Enrolment, staff_id: str) -> CarePlan:
    """Write the plan and its first 48 hours.  Raises EnrolmentRefused with every problem."""
    problems = find_problems(library, choice, local(work.now, patient.zone).date())
    problems += await _clashes(work, library, patient, choice) if not problems else []
    if problems:
        raise EnrolmentRefused(problems)
    template = library.plan(choice.template)
    plan = CarePlan(
        id=new_id(),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        template=template.id,
        template_version=template.version,
        anchors=choice.anchors,
        slots=choice.slots,
        confirmed_cycles={"plan": 1},
        created_at=work.now,
        created_by=staff_id,
    )
    work.session.add(plan)
    await work.session.flush()
    await materialise_plan(work, library, plan, patient)
    return plan


def find_problems(library: Library, choice: Enrolment, today: date) -> list[EnrolmentProblem]:
    """Everything wrong with a choice, without touching the database."""
    template = library.plans.get(choice.template)
    if template is None:
        return [EnrolmentProblem("unknown-plan", "template", {"plan": choice.template})]
    found = [*_anchor_problems(template, choice, today), *_slot_problems(template, choice)]
    return found or list(_clashes_within(template, choice))


def _anchor_problems(template: PlanTemplate, choice: Enrolment, today: date) -> Iterator[EnrolmentProblem]:
    medicines = {activity.schedule.anchor for activity in template.activities if activity.kind == "medicine"}
    for anchor in template.anchors:
        try:
            day = date.fromisoformat(choice.anchors.get(anchor, ""))
        except ValueError:
            yield EnrolmentProblem("date-missing", f"anchor-{anchor}", {"anchor": anchor})
            continue
        # A medicine cannot start in the past; an operation lies there as a rule.
        if anchor in medicines and day < today:
            yield EnrolmentProblem("start-in-the-past", f"anchor-{anchor}", {"date": day.isoformat()})
        elif day < today - timedelta(days=365 * 10) or day > today + timedelta(days=365):
            yield EnrolmentProblem("date-far-away", f"anchor-{anchor}", {"date": day.isoformat()})


def _slot_problems(template: PlanTemplate, choice: Enrolment) -> Iterator[EnrolmentProblem]:
    for activity in template.activities:
        if activity.slots:
            yield from _hour_problems(activity, choice.slots.get(activity.key, []))


def _hour_problems(activity: Activity, hours: list[str]) -> Iterator[EnrolmentProblem]:
    slots, field = activity.slots, f"slots-{activity.key}"
    assert slots is not None
    try:
        minutes = sorted(parse_hour(hour).hour * 60 + parse_hour(hour).minute for hour in hours)
    except ValueError:
        yield EnrolmentProblem("hour-unreadable", field, {"hours": ", ".join(hours)})
        return
    if len(minutes) != slots.count:
        yield EnrolmentProblem("wrong-number-of-doses", field, {"count": str(slots.count)})
    elif len(set(minutes)) < len(minutes):
        yield EnrolmentProblem("two-doses-at-one-hour", field, {"hours": ", ".join(hours)})
    elif any(gap < slots.min_gap_hours for gap in _gaps(minutes)):
        yield EnrolmentProblem("doses-too-close", field, {"hours": f"{slots.min_gap_hours:g}"})


def _gaps(minutes: list[int]) -> list[float]:
    """Hours between neighbouring doses, round the clock."""
    return [(later - earlier) / 60 for earlier, later in pairwise([*minutes, minutes[0] + 24 * 60])] if len(minutes) > 1 else []


def _clashes_within(template: PlanTemplate, choice: Enrolment) -> Iterator[EnrolmentProblem]:
    """Two lines of one plan that name the same medicine are one medicine to the patient's body."""
    doses = list(doses_of(template, _facts(choice)))
    for number, dose in enumerate(doses):
        if any(clash(dose, other) for other in doses[:number] if other.activity != dose.activity):
            yield EnrolmentProblem("same-medicine-same-hour", f"slots-{dose.activity}", {"hour": dose.hour})


async def _clashes(work: Work, library: Library, patient: Patient, choice: Enrolment) -> list[EnrolmentProblem]:
    """The same medicine from another living plan of this patient would be a double dose."""
    taken: list[Dose] = []
    for plan in await living_plans(work, patient.id):
        with suppress(PlanUnreadable):  # it reminds of nothing, and its patient stands on the worklist already
            taken += doses_of(*read_plan(library, plan, patient.zone))
    wanted = doses_of(library.plan(choice.template), _facts(choice, patient.zone))
    hours = sorted({dose.hour for dose in wanted if any(clash(dose, other) for other in taken)})
    return [EnrolmentProblem("same-medicine-same-hour", "template", {"hour": hour}) for hour in hours]


def _facts(choice: Enrolment, zone: str = "UTC") -> PlanFacts:
    return PlanFacts({name: date.fromisoformat(day) for name, day in choice.anchors.items()}, choice.slots, zone, {"plan": 1})


def preview(
    library: Library, choice: Enrolment, zone: str, first: date, days: int = 7, now: datetime | None = None
) -> list[PreviewDay]:
    """What the patient will be told day by day: the same arithmetic as the scheduler's.  What is over at `now` is left out."""
    facts = _facts(choice, zone)
    template, last = library.plan(choice.template), first + timedelta(days=days - 1)
    by_day: dict[date, list[PreviewLine]] = {first + timedelta(days=number): [] for number in range(days)}
    for each in expected(template, facts, first, last + timedelta(days=31)):
        for at in each.reminders:
            said_on = local(at, zone)
            if said_on.date() in by_day and (now is None or at >= now):
                by_day[said_on.date()].append(PreviewLine(f"{said_on:%H:%M}", each.activity.key, each.activity.kind))
    return [PreviewDay(day, tuple(sorted(lines, key=lambda line: line.hour))) for day, lines in by_day.items()]


def next_cycle(plan: CarePlan) -> int:
    """The number of the cycle that waits for a nurse's word."""
    return max(plan.confirmed_cycles.values(), default=1) + 1


async def confirm_next_cycle(work: Work, library: Library, plan: CarePlan, patient: Patient) -> int:
    """A nurse says the next cycle may start.  Returns its number."""
    number = next_cycle(plan)
    await work.session.execute(update(CarePlan).where(CarePlan.id == plan.id).values(confirmed_cycles={"plan": number}))
    await work.session.refresh(plan)
    await materialise_plan(work, library, plan, patient)
    return number


async def living_plans(work: Work, patient_id: str) -> list[CarePlan]:
    rows = await work.session.scalars(
        select(CarePlan).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None)).order_by(CarePlan.created_at)
    )
    return list(rows)
