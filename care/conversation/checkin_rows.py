"""Rows of check-ins: begun, answered, ended; and what rules may know of the time before."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from care.content.checkin_types import CheckIns, Questionnaire
from care.conversation.checkin_rules import History, number
from care.conversation.checkin_steps import Said
from care.conversation.tables import CheckIn, CheckInAnswer
from care.kit.database import Work
from care.kit.ids import new_id
from care.people.tables import Patient
from care.people.vault import Vault
from care.plans.tables import CarePlan

STANDS = timedelta(days=7)  # after it was due; what is answered later is another time of another week
SEALED_AS = "check_in_answer.value"
LOOK_BACK = 50  # check-ins


async def make(work: Work, patient: Patient, questionnaire: str, due_at: datetime, occurrence_id: str | None = None) -> CheckIn:
    """A check-in that waits to be asked.  An older one of the same questions ends: nobody is asked twice."""
    mine = (CheckIn.patient_id == patient.id, CheckIn.questionnaire == questionnaire, CheckIn.ended.is_(None))
    await work.session.execute(update(CheckIn).where(*mine).values(ended="over"))
    row = CheckIn(
        id=new_id(),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        questionnaire=questionnaire,
        occurrence_id=occurrence_id,
        due_at=due_at,
        ends_at=due_at + STANDS,
        by_relative=False,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def find_check_in(work: Work, patient_id: str, check_in_id: str) -> CheckIn | None:
    row = await work.session.get(CheckIn, check_in_id)
    return row if row and row.patient_id == patient_id else None


async def of_occurrence(work: Work, patient_id: str, occurrence_id: str) -> CheckIn | None:
    mine = select(CheckIn).where(CheckIn.patient_id == patient_id, CheckIn.occurrence_id == occurrence_id)
    return await work.session.scalar(mine)


async def open_check_ins(work: Work, patient_id: str) -> list[CheckIn]:
    """What can still be answered: begun ones first, in each the newest first."""
    mine = select(CheckIn).where(CheckIn.patient_id == patient_id, CheckIn.ended.is_(None), CheckIn.ends_at > work.now)
    rows = await work.session.scalars(mine.order_by(CheckIn.begun_at.is_(None), CheckIn.due_at.desc()))
    return list(rows)


def is_over(work: Work, row: CheckIn) -> bool:
    """Whether its time has passed.  One that is done may be corrected until then."""
    return row.ended == "over" or row.ends_at <= work.now


async def said_in(work: Work, row: CheckIn) -> dict[str, Said]:
    """Everything that was said in a check-in, by question."""
    answers = await work.session.scalars(
        select(CheckInAnswer).where(CheckInAnswer.check_in_id == row.id).order_by(CheckInAnswer.id)
    )
    return {each.item: await opened(work, each) for each in answers}


async def opened(work: Work, answer: CheckInAnswer) -> Said:
    sealed = answer.value_sealed
    value = await Vault(work).open(answer.patient_id, SEALED_AS, sealed) if sealed is not None else None
    return Said(value, answer.left_open or "", answer.said_by == "relative")


async def write(work: Work, row: CheckIn, step: str, said: Said) -> None:
    """Keep what was said to a question; a later word corrects an earlier one."""
    mine = select(CheckInAnswer).where(CheckInAnswer.check_in_id == row.id, CheckInAnswer.item == step)
    answer = await work.session.scalar(mine)
    if answer is None:
        answer = CheckInAnswer(clinic_id=row.clinic_id, patient_id=row.patient_id, check_in_id=row.id, item=step)
        work.session.add(answer)
    vault = Vault(work)
    answer.value_sealed = await vault.seal(row.patient_id, SEALED_AS, said.value) if said.value is not None else None
    answer.left_open = said.left_open or None
    answer.said_by, answer.at = "relative" if said.by_relative else "patient", work.now
    await work.session.flush()


async def refused_before(work: Work, row: CheckIn, items: Iterable[str]) -> frozenset[str]:
    """Questions that need an agreement, and that were left out the last time they were offered."""
    refused = set()
    for item in items:
        mine = select(CheckInAnswer.left_open).where(CheckInAnswer.patient_id == row.patient_id, CheckInAnswer.item == item)
        earlier = mine.where(CheckInAnswer.check_in_id != row.id).order_by(CheckInAnswer.at.desc()).limit(1)
        if await work.session.scalar(earlier):
            refused.add(item)
    return frozenset(refused)


async def facts_of(work: Work, checkins: CheckIns, patient_id: str) -> frozenset[str]:
    """What the living plans of a patient say of the treatment."""
    living = select(CarePlan.template).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None))
    templates = set(await work.session.scalars(living))
    return frozenset(fact for fact, plans in checkins.facts.items() if templates.intersection(plans))


async def history(work: Work, checkins: CheckIns, row: CheckIn, items: Collection[str]) -> History:
    """What rules about these items may ask."""
    asking = {rule.of for rule in checkins.rules for each in rule.when if each.fell_percent is not None}
    measured = {item: await _measured(work, checkins, row, item) for item in asking.intersection(items)}
    return History(await _before(work, checkins, row, items), measured, await facts_of(work, checkins, row.patient_id))


async def _before(work: Work, checkins: CheckIns, row: CheckIn, items: Collection[str]) -> dict[str, float]:
    """The number each item had at the last check-in that asked it.  One nobody answered hides what was before it."""
    mine = select(CheckIn).where(CheckIn.patient_id == row.patient_id, CheckIn.id != row.id, CheckIn.due_at <= row.due_at)
    rows = list(await work.session.scalars(mine.order_by(CheckIn.due_at.desc()).limit(LOOK_BACK)))
    last = {item: next((each.id for each in rows if _asks(checkins, each, item)), "") for item in items}
    wanted = select(CheckInAnswer).where(CheckInAnswer.check_in_id.in_(set(last.values())), CheckInAnswer.item.in_(items))
    found = {}
    for answer in await work.session.scalars(wanted):
        value = (await opened(work, answer)).value
        if last[answer.item] == answer.check_in_id and value is not None and (read := number(value)) is not None:
            found[answer.item] = read
    return found


def _asks(checkins: CheckIns, row: CheckIn, item: str) -> bool:
    asked = checkins.questionnaires.get(row.questionnaire)
    return asked is not None and _leads_to(checkins, asked, item)


def _leads_to(checkins: CheckIns, asked: Questionnaire, item: str) -> bool:
    known = checkins.items.get(item)
    return item in asked.items or bool(known and known.after and _leads_to(checkins, asked, known.after.item))


async def _measured(work: Work, checkins: CheckIns, row: CheckIn, item: str) -> tuple[tuple[timedelta, float], ...]:
    """What was measured before, as far back as a rule looks."""
    days = max(each.within_days or 0 for rule in checkins.rules if rule.of == item for each in rule.when)
    mine = (CheckInAnswer.patient_id == row.patient_id, CheckInAnswer.item == item, CheckInAnswer.check_in_id != row.id)
    recent = select(CheckInAnswer).where(*mine, CheckInAnswer.at >= work.now - timedelta(days=days + 1))
    found = []
    for answer in await work.session.scalars(recent):
        value = (await opened(work, answer)).value
        if value is not None and (read := number(value)) is not None:
            found.append((work.now - answer.at, read))
    return tuple(found)
