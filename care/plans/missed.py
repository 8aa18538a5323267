"""Doses that were not taken, by the plan's own record: what the rules of content/checkins/rules.yml make of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import column, select, table

from care.alarms.service import dealt_with, raise_alert, raise_once
from care.content.checkin_types import Condition, Rule
from care.content.library import Library
from care.content.plan_types import Ladder
from care.kit.database import Moment, Work
from care.people.consent import allows
from care.people.tables import Patient
from care.plans.supply import days_left
from care.plans.tables import CarePlan, Occurrence

LOOK_BACK = timedelta(days=60)  # for doses in a row; a weekly medicine has eight of them in it
SOURCE = "dose"
Counts = Callable[[Occurrence], bool]
UNANSWERED = "unanswered"  # its window ended without a word, and it had been asked about
# What each step of the ladder puts on the worklist.  Missed or without a word, it is one entry that a nurse looks at.
FLAGS = {"": "doses-missed", "nurse": "doses-missed", "relative": "tell-relative", "phone": "silent-two-weeks"}
# Talks stand above plans and may not be imported here: the columns we look at are named instead.
dialog = table("dialog", column("patient_id"), column("turned_at", Moment()))


@dataclass(frozen=True)
class Record:
    """The doses of a patient that have fallen due or were answered, oldest first, and what a rule may ask of them."""

    now: datetime
    due: list[Occurrence]
    ladders: dict[tuple[str, str], Ladder]  # by plan and activity
    left: dict[tuple[str, str], int]  # days' supply that is left, where handing out is recorded
    last_word: datetime | None
    dealt: dict[str, datetime]

    def of(self, rule: Rule) -> list[Occurrence]:
        """What a rule looks at: not what a plan leaves out of its step, nor what a nurse has dealt with."""
        if not rule.step:
            return self.due
        since = self.dealt.get(FLAGS[rule.step])
        return [each for each in self.due if rule.step not in self._ladder(each).off and (since is None or each.due_at > since)]

    def first_is_enough(self, dose: Occurrence, days: int | None) -> bool:
        when, left = self._ladder(dose).act_on_first, self.left.get(_medicine(dose))
        return when == "always" or (when == "running-out" and days is not None and left is not None and left <= days)

    def _ladder(self, dose: Occurrence) -> Ladder:
        return self.ladders.get(_medicine(dose), Ladder())


async def watch_doses(work: Work, library: Library, patient: Patient, doses: list[Occurrence]) -> None:
    """After doses were answered "missed", or their window ended without a word: open what a rule asks for."""
    record = await _record(work, library, patient)
    for rule in library.checkins.rules:
        if rule.of == "doses" and _is_met(rule, record, doses) and await _may_be_told(work, rule, patient):
            # What a patient says again counts again; what nobody said is one entry until a person closes it.
            await (raise_once if rule.step else raise_alert)(work, patient, FLAGS[rule.step], rule.tier, SOURCE)


async def _may_be_told(work: Work, rule: Rule, patient: Patient) -> bool:
    return not rule.consent or await allows(work, patient.id, rule.consent)


async def _record(work: Work, library: Library, patient: Patient) -> Record:
    mine = (Occurrence.patient_id == patient.id, Occurrence.kind == "medicine", Occurrence.dropped.is_(None))
    known = (Occurrence.due_at <= work.now) | Occurrence.answer.is_not(None)
    recent = select(Occurrence).where(*mine, Occurrence.due_at > work.now - LOOK_BACK, known)
    due = list(await work.session.scalars(recent.order_by(Occurrence.due_at)))
    plans = await work.session.execute(select(CarePlan.id, CarePlan.template).where(CarePlan.patient_id == patient.id))
    templates = [(plan_id, library.plans[template]) for plan_id, template in plans if template in library.plans]
    return Record(
        now=work.now,
        due=due,
        ladders={(plan_id, each.key): each.ladder for plan_id, own in templates for each in own.activities},
        left=await days_left(work, patient),
        last_word=await work.session.scalar(select(dialog.c.turned_at).where(dialog.c.patient_id == patient.id)),
        dealt=await dealt_with(work, patient.id),
    )


def _is_met(rule: Rule, record: Record, doses: list[Occurrence]) -> bool:
    seen = record.of(rule)
    ids = {each.id for each in seen}
    new = [each for each in doses if each.id in ids]
    return any(_holds(each, record, seen, dose) for each in rule.when for dose in new)


def _holds(condition: Condition, record: Record, seen: list[Occurrence], dose: Occurrence) -> bool:
    """Whether everything that is asked holds of this dose and those before it."""
    if condition.missed_in_a_row is not None and _run(seen, dose, is_missed) < condition.missed_in_a_row:
        return False
    over = [each for each in seen if is_over(each)]
    if condition.not_taken_in_a_row is not None and _run(over, dose, is_not_taken) < condition.not_taken_in_a_row:
        return False
    if condition.act_on_first and not record.first_is_enough(dose, condition.days_left):
        return False
    return _holds_within(condition, record, over, dose) and _holds_of_silence(condition, record, over)


def _holds_within(condition: Condition, record: Record, over: list[Occurrence], dose: Occurrence) -> bool:
    since = record.now - timedelta(days=condition.within_days or 0)
    if condition.missed is not None and not (is_missed(dose) and _hours(over, since, is_missed) >= condition.missed):
        return False
    if condition.not_taken is not None and _hours(over, since, is_not_taken) < condition.not_taken:
        return False
    if condition.taken_below is None:
        return True
    within = [each for each in over if each.due_at > since]
    # Of days nobody was asked about there is no share: the medicine has been due for all of them.
    whole = any(each.due_at <= since for each in over)
    return whole and 100 * sum(each.answer == "taken" for each in within) < condition.taken_below * len(within)


def _holds_of_silence(condition: Condition, record: Record, over: list[Occurrence]) -> bool:
    """The oldest dose nobody said a word after is so many days old."""
    if condition.silent_days is None:
        return True
    before = record.now - timedelta(days=condition.silent_days)
    silent = [each for each in over if is_not_taken(each) and (record.last_word is None or each.due_at > record.last_word)]
    return any(each.due_at <= before for each in silent)


def _hours(doses: list[Occurrence], since: datetime, counts: Counts) -> int:
    """Two medicines missed at one hour are missed once."""
    return len({each.due_at for each in doses if each.due_at > since and counts(each)})


def is_missed(dose: Occurrence) -> bool:
    return dose.answer == "missed"


def is_not_taken(dose: Occurrence) -> bool:
    """Missed, or asked about and never answered."""
    return dose.answer == "missed" or (dose.answer is None and dose.silence == UNANSWERED)


def is_over(dose: Occurrence) -> bool:
    """Answered, or its window has ended.  One nobody was asked about says nothing of the patient."""
    return dose.answer is not None or dose.silence == UNANSWERED


def _run(due: list[Occurrence], dose: Occurrence, counts: Counts) -> int:
    """How many doses of this medicine in a row count, this one among them."""
    mine = [each for each in due if _medicine(each) == _medicine(dose)]
    at = next((place for place, each in enumerate(mine) if each.id == dose.id), None)
    if at is None:
        return 0
    before = _first(mine[at::-1], counts)
    return before + _first(mine[at + 1 :], counts) if before else 0


def _first(doses: list[Occurrence], counts: Counts) -> int:
    held = [counts(each) for each in doses]
    return held.index(False) if False in held else len(held)


def _medicine(dose: Occurrence) -> tuple[str, str]:
    return dose.plan_id, dose.activity
