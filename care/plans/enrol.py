"""Enrolling a patient in a plan: every mistake is found before anything is written, and the first week can be read first."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from care.content.library import Library
from care.content.plan_types import Cycles, PlanTemplate
from care.kit.database import Work
from care.kit.ids import new_id
from care.people.clocks import local
from care.people.patients import NotFound, find
from care.people.tables import Patient
from care.plans.clashes import Dose, clash, clashes_within, doses_of
from care.plans.forecast import expected
from care.plans.hours import slot_problems
from care.plans.materialise import materialise_plan
from care.plans.problems import EnrolmentRefused, PlanProblem
from care.plans.sayings import SPOKEN
from care.plans.state import PlanState, PlanUnreadable, needed_anchors, read_plan, read_state
from care.plans.tables import CarePlan
from care.plans.tailor import tailor, tailor_problems

PAST, FUTURE = timedelta(days=365 * 10), timedelta(days=365)


@dataclass(frozen=True)
class Enrolment:
    """What the nurse chose: a template, its anchor dates (ISO), the hours of each medicine, and what a clinician ordered."""

    template: str
    anchors: Mapping[str, str]
    slots: Mapping[str, list[str]]
    ordered: tuple[str, ...] = ()
    prescribed: Mapping[str, str] = field(default_factory=dict)  # hours between two doses, where only the clinician knows

    @property
    def overrides(self) -> dict[str, dict[str, Any]]:
        """The clinician's numbers, where the template has none."""
        given = {key: (len(self.slots.get(key, ())), _number(typed)) for key, typed in self.prescribed.items()}
        return {key: {"count": count, "min_gap_hours": gap} for key, (count, gap) in given.items() if count and gap}

    @property
    def state(self) -> PlanState:
        anchors = {name: day for name, day in self.anchors.items() if _is_date(day)}
        return PlanState(anchors=anchors, slots=self.slots, ordered=self.ordered, overrides=self.overrides)


def _is_date(typed: str) -> bool:
    with suppress(ValueError):
        return bool(date.fromisoformat(typed))
    return False


def _number(typed: str) -> float:
    """0 for what is no number of hours."""
    try:
        hours = float(typed.replace(",", "."))
    except ValueError:
        return 0.0
    return hours if 0 < hours <= 24 else 0.0


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
    problems += await clashes_with_others(work, library, patient, choice.template, choice.state) if not problems else []
    if problems:
        raise EnrolmentRefused(problems)
    template = library.plan(choice.template)
    plan = CarePlan(
        id=new_id(),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        template=template.id,
        template_version=template.version,
        created_at=work.now,
        created_by=staff_id,
        since=work.now,
        **choice.state.columns(),
    )
    work.session.add(plan)
    await work.session.flush()
    await materialise_plan(work, library, plan, patient)
    return plan


def find_problems(library: Library, choice: Enrolment, today: date) -> list[PlanProblem]:
    """Everything wrong with a choice, without touching the database."""
    template = library.plans.get(choice.template)
    if template is None:
        return [PlanProblem("unknown-plan", "template", {"plan": choice.template})]
    unordered = {each.key for each in template.activities if each.only_if_ordered}
    ordered = frozenset(choice.ordered) & unordered
    found = tailor_problems(template, choice.overrides, ordered)
    if any(problem.code == "override-unreadable" for problem in found):
        return found
    own = tailor(template, choice.overrides, ordered)
    found += [*_anchor_problems(own, choice, today), *slot_problems(_prescribed_only(own), choice.slots)]
    if found:
        return found
    doses = list(doses_of(own, choice.state.facts("UTC")))
    return [
        PlanProblem("same-medicine-same-hour", f"slots-{dose.activity}", {"hour": dose.hour}) for dose in clashes_within(doses)
    ]


def _prescribed_only(own: PlanTemplate) -> PlanTemplate:
    """Without the medicines whose number of doses nobody has said yet: that is told once."""
    return replace(own, activities=tuple(each for each in own.activities if not (each.slots and each.slots.as_prescribed)))


def _anchor_problems(own: PlanTemplate, choice: Enrolment, today: date) -> Iterator[PlanProblem]:
    rounds = {each.anchor for each in own.activities if each.kind == "medicine" and isinstance(each.schedule, Cycles)}
    for anchor in [each for each in own.anchors if each in needed_anchors(own)]:
        try:
            day = date.fromisoformat(choice.anchors.get(anchor, ""))
        except ValueError:
            yield PlanProblem("date-missing", f"anchor-{anchor}", {"anchor": anchor})
            continue
        # Rounds of tablets cannot begin in the past; an operation, or the first tablet of five years, lies there as a rule.
        if anchor in rounds and day < today:
            yield PlanProblem("start-in-the-past", f"anchor-{anchor}", {"date": day.isoformat()})
        elif not today - PAST <= day <= today + FUTURE:
            yield PlanProblem("date-far-away", f"anchor-{anchor}", {"date": day.isoformat()})


async def clashes_with_others(
    work: Work, library: Library, patient: Patient, template: str, state: PlanState, but: str = ""
) -> list[PlanProblem]:
    """The same medicine from another living plan of this patient would be a double dose."""
    taken: list[Dose] = []
    for plan in await living_plans(work, patient.id):
        with suppress(PlanUnreadable):  # it reminds of nothing, and its patient stands on the worklist already
            taken += doses_of(*read_plan(library, plan, patient.zone)) if plan.id != but else ()
    wanted = doses_of(*read_state(library, template, state, patient.zone))
    hours = sorted({dose.hour for dose in wanted if any(clash(dose, other) for other in taken)})
    return [PlanProblem("same-medicine-same-hour", "template", {"hour": hour}) for hour in hours]


def preview(
    library: Library, choice: Enrolment, zone: str, first: date, days: int = 7, now: datetime | None = None
) -> list[PreviewDay]:
    """What the patient will be told day by day: the same arithmetic as the scheduler's.  What is over at `now` is left out."""
    own, facts = read_state(library, choice.template, choice.state, zone)
    last = first + timedelta(days=days - 1)
    by_day: dict[date, list[PreviewLine]] = {first + timedelta(days=number): [] for number in range(days)}
    for each in expected(own, facts, first, last, announced=True):
        for at in each.reminders if each.activity.kind in SPOKEN else ():
            said_on = local(at, zone)
            if said_on.date() in by_day and (now is None or at >= now):
                by_day[said_on.date()].append(PreviewLine(f"{said_on:%H:%M}", each.activity.key, each.activity.kind))
    return [PreviewDay(day, tuple(sorted(lines, key=lambda line: line.hour))) for day, lines in by_day.items()]


async def find_plan(work: Work, clinic_id: str, plan_id: str) -> tuple[CarePlan, Patient]:
    """A plan and whose it is, if they belong to this clinic and the patient was not erased; else NotFound."""
    plan = await work.session.get(CarePlan, plan_id)
    if plan is None:
        raise NotFound(plan_id)
    return plan, await find(work, clinic_id, plan.patient_id)


async def all_plans(work: Work, patient_id: str) -> list[CarePlan]:
    """Living plans first, then those that have ended."""
    rows = select(CarePlan).where(CarePlan.patient_id == patient_id)
    return list(await work.session.scalars(rows.order_by(CarePlan.ended_at.is_not(None), CarePlan.created_at)))


async def living_plans(work: Work, patient_id: str) -> list[CarePlan]:
    rows = await work.session.scalars(
        select(CarePlan).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None)).order_by(CarePlan.created_at)
    )
    return list(rows)
