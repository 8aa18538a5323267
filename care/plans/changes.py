"""One change of a patient's plans: checked as a whole, written with who and why, in force before the next reminder, undone.

A verb opens a change, says what should be otherwise, and leaves; what it made impossible is then refused, and nothing of
it is written.  The patient is locked all the while: a reminder that is not yet an intent waits for the change, and is
then sent as it says, or not at all (facts: trust, section 3).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from care.content.library import Library
from care.content.plan_types import PlanTemplate
from care.kit.database import Work
from care.kit.ids import new_id
from care.people import audit
from care.people.clocks import local
from care.people.tables import Patient
from care.people.vault import Vault
from care.plans.forecast import PlanFacts
from care.plans.gaps import gap_problems, special_gap_problems
from care.plans.problems import ChangeRefused, PlanProblem
from care.plans.reconcile import Look, look, reconcile
from care.plans.state import FIELDS, PlanState, PlanUnreadable, read_state, state_of
from care.plans.tables import CarePlan, PlanChange

MOMENTS, DAYS = ("paused_at", "ended_at"), ("ask_on",)
Told = dict[str, dict[str, list[Any]]]  # row -> field -> [before, after], as JSON
PATIENT, BEGUN = "patient", "begun"  # rows of a detail that are no plan: the patient's own, and plans it began


@dataclass
class Change:
    """What one verb does.  `states` and `zone` are what it wants; `problems` are why it may not."""

    work: Work
    library: Library
    patient: Patient
    plans: dict[str, CarePlan]
    kind: str
    staff_id: str
    states: dict[str, PlanState]
    zone: str
    patient_ended_at: datetime | None
    plan_id: str | None = None
    why: str = ""
    dropped_as: str = "changed"
    gaps_agreed: bool = False  # a clinician has said that these doses may lie closer
    problems: list[PlanProblem] = field(default_factory=list)
    row: PlanChange | None = None

    @property
    def made(self) -> PlanChange:
        """What was recorded, once the change is over."""
        assert self.row is not None
        return self.row

    @property
    def today(self) -> date:
        """On the patient's clock.  Raises ChangeRefused when their row holds a clock nobody knows."""
        try:
            return local(self.work.now, self.zone).date()
        except (KeyError, ValueError) as wrong:
            raise ChangeRefused([PlanProblem("clock-unknown", "zone", {})]) from wrong

    def add(self, plan: CarePlan) -> None:
        self.plans.setdefault(plan.id, plan)
        self.states.setdefault(plan.id, state_of(plan))

    def state(self, plan_id: str) -> PlanState:
        return self.states[plan_id]

    def read(self, plan_id: str) -> tuple[PlanTemplate, PlanFacts]:
        """The plan as it would be.  Raises ChangeRefused when nobody can read it."""
        try:
            return read_state(self.library, self.plans[plan_id].template, self.states[plan_id], self.zone)
        except PlanUnreadable as wrong:
            raise ChangeRefused([PlanProblem("plan-unreadable", "", {})]) from wrong

    def as_json(self, plan_id: str) -> dict[str, Any]:
        """A plan's fields as they are told."""
        return {name: _as_json(value) for name, value in state_of(self.plans[plan_id]).columns().items()}

    def patient_as_json(self) -> dict[str, Any]:
        return {"zone": self.patient.zone, "ended_at": _as_json(self.patient.ended_at)}

    def set(self, plan_id: str, **values: Any) -> None:
        self.states[plan_id] = replace(self.states[plan_id], **values)

    def forbid(self, code: str, field: str = "", **names: str) -> None:
        self.problems.append(PlanProblem(code, field, names))


@asynccontextmanager
async def changing(
    work: Work, library: Library, patient_id: str, kind: str, staff_id: str, plan_id: str | None = None
) -> AsyncIterator[Change]:
    """Open a change.  Raises ChangeRefused at the end, with every problem; nothing was written then."""
    change = await _open(work, library, patient_id, kind, staff_id, plan_id)
    if plan_id is not None and plan_id not in change.plans:
        raise ChangeRefused([PlanProblem("plan-over", "", {})])
    yield change
    if change.problems:
        raise ChangeRefused(change.problems)
    async with work.session.begin_nested():  # house: commit - a refused change is taken back, the unit of work goes on
        await _write(change)


async def _open(work: Work, library: Library, patient_id: str, kind: str, staff_id: str, plan_id: str | None) -> Change:
    fresh = {"populate_existing": True}
    locked = select(Patient).where(Patient.id == patient_id).with_for_update().execution_options(**fresh)
    patient = (await work.session.scalars(locked)).one()
    mine = select(CarePlan).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None))
    rows = await work.session.scalars(mine.order_by(CarePlan.created_at).with_for_update().execution_options(**fresh))
    plans = {plan.id: plan for plan in rows}
    states = {id_: state_of(plan) for id_, plan in plans.items()}
    return Change(work, library, patient, plans, kind, staff_id, states, patient.zone, patient.ended_at, plan_id)


async def _write(change: Change) -> None:
    work = change.work
    # What fell due under the old plan, and was not made because the clock stood still, is made before the plan is another.
    await reconcile(work, list(_looks(change)))
    told = _apply(change)
    await work.session.flush()
    await _record(change, told)
    looks = list(_looks(change))
    await reconcile(work, looks, change.dropped_as)
    changed = [seen for seen in looks if seen.plan.id in told or PATIENT in told]
    problems = await gap_problems(work, change.library, changed)
    problems += [problem for seen in changed for problem in special_gap_problems(change.library, seen, work.now)]
    if change.gaps_agreed:  # closer together, but never both at once
        problems = [problem for problem in problems if problem.names["first"] == problem.names["then"]]
    if problems:
        raise ChangeRefused([each for number, each in enumerate(problems) if each not in problems[:number]])


def _looks(change: Change) -> list[Look]:
    """Each plan as it stands.  One nobody can read stays as it is: its patient is on the worklist already."""
    found = []
    for plan in change.plans.values():
        try:
            found.append(look(change.work, change.library, plan, change.patient))
        except PlanUnreadable as wrong:
            if plan.id == change.plan_id:
                raise ChangeRefused([PlanProblem("plan-unreadable", "", {})]) from wrong
    return found


def _apply(change: Change) -> Told:
    """Write what differs into the rows, and tell it."""
    told: Told = {}
    for plan in change.plans.values():
        before, after = state_of(plan).columns(), change.states[plan.id].columns()
        differing = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
        for name, (_, value) in differing.items():
            setattr(plan, name, value)
        if differing:
            told[plan.id] = {name: list(map(_as_json, pair)) for name, pair in differing.items()}
            plan.since = change.work.now
    told |= _apply_to_patient(change)
    return told


def _apply_to_patient(change: Change) -> Told:
    patient, told = change.patient, {}
    for name, value in (("zone", change.zone), ("ended_at", change.patient_ended_at)):
        if getattr(patient, name) != value:
            told[name] = [_as_json(getattr(patient, name)), _as_json(value)]
            setattr(patient, name, value)
    if told:
        for plan in change.plans.values():
            plan.since = change.work.now
    return {PATIENT: told} if told else {}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def from_json(name: str, value: Any) -> Any:
    if value is None or name not in (*MOMENTS, *DAYS):
        return value
    return datetime.fromisoformat(value) if name in MOMENTS else date.fromisoformat(value)


async def _record(change: Change, told: Told) -> None:
    """Who, when and why; the words of the why are sealed with the patient's own key."""
    work = change.work
    change.row = PlanChange(
        id=new_id(),
        clinic_id=change.patient.clinic_id,
        patient_id=change.patient.id,
        plan_id=change.plan_id,
        kind=change.kind,
        detail=told,
        made_at=work.now,
        made_by=change.staff_id,
    )
    if change.why:
        change.row.why_sealed = await Vault(work).seal(change.patient.id, "plan_change.why", change.why)
    work.session.add(change.row)
    await audit.note(work, change.patient.clinic_id, change.staff_id, change.kind, change.patient.id, change=change.row.id)


async def changes_of(work: Work, patient_id: str) -> list[PlanChange]:
    """What was done to a patient's plans, the latest first."""
    rows = select(PlanChange).where(PlanChange.patient_id == patient_id)
    return list(await work.session.scalars(rows.order_by(PlanChange.made_at.desc(), PlanChange.id)))


async def why_of(work: Work, change: PlanChange) -> str:
    return await Vault(work).open(change.patient_id, "plan_change.why", change.why_sealed) if change.why_sealed else ""


def before(detail: Mapping[str, Mapping[str, list[Any]]], row: str) -> dict[str, Any]:
    """The fields of a row as they were."""
    return {name: from_json(name, pair[0]) for name, pair in detail.get(row, {}).items()}
