"""Brings the rows of what falls due up to what plans say now: new ones made, moved ones moved, the rest dropped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from care.content.library import Library
from care.content.message_rules import MessageRules
from care.content.plan_types import PlanTemplate, Relative
from care.kit.database import Work, insert_new
from care.kit.ids import new_id_at
from care.messages.service import clear_unmentioned
from care.messages.types import Skip
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.forecast import Expected, PlanFacts, expected
from care.plans.sayings import Ledger, Whose, read_ledger, sayings, unsay, write_sayings
from care.plans.state import PlanUnreadable, read_plan, state_of
from care.plans.tables import CarePlan, Occurrence

AHEAD = timedelta(hours=48)
BOOKABLE = ("appointment", "lab")
BEHIND = timedelta(days=7)  # after an outage: what fell due meanwhile still counts, and its reminders become `missed`
LOOK_AT_LEAST = timedelta(hours=12)  # a corrected template reaches living plans within this

Identity = tuple[str, str, date, int]  # plan, activity, day, slot


@dataclass
class Look:
    """One plan, what it wants within sight, and when to look again."""

    plan: CarePlan
    patient: Patient
    begin: datetime  # what fell due before was made by an earlier look
    wanted: dict[Identity, Expected] = field(default_factory=dict)
    again_at: datetime | None = None
    rules: MessageRules = field(default_factory=MessageRules)
    course: tuple[PlanTemplate, PlanFacts] | None = None  # None: it wants nothing

    @property
    def whose(self) -> Whose:
        return Whose(self.plan.clinic_id, self.patient.id, self.plan.id, self.patient.zone)


def look(work: Work, library: Library, plan: CarePlan, patient: Patient) -> Look:
    """What a plan wants from now on.  A paused or ended one wants nothing.  Raises PlanUnreadable."""
    seen = Look(plan, patient, _begin(work, plan), again_at=work.now + LOOK_AT_LEAST, rules=library.messages)
    if state_of(plan).is_quiet or patient.ended_at is not None:
        return seen
    seen.course = own, facts = read_plan(library, plan, patient.zone)
    sight = work.now + AHEAD
    try:
        first, last = local(seen.begin, patient.zone).date(), local(sight + LOOK_AT_LEAST, patient.zone).date()
        found = list(expected(own, facts, first - timedelta(days=1), last, announced=True))
    except (ValueError, KeyError) as wrong:  # a clock nobody knows, an hour that is none
        raise PlanUnreadable("clock-unreadable") from wrong
    seen.wanted = {(plan.id, each.activity.key, each.day, each.slot): each for each in found}
    coming = [at - AHEAD for each in found for at in _moments(each) if at > sight]
    seen.again_at = min([*coming, work.now + LOOK_AT_LEAST])
    return seen


def _begin(work: Work, plan: CarePlan) -> datetime:
    """A little before the last look, however long ago that was; not before the plan was as it is now."""
    last_look = min(plan.look_again_at or plan.created_at, work.now) - LOOK_AT_LEAST
    return max(plan.since or plan.created_at, last_look, work.now - BEHIND)


def _moments(each: Expected) -> Iterator[datetime]:
    yield each.due_at
    for at in each.reminders:
        yield at
        if each.activity.again_after_min:
            yield at + timedelta(minutes=each.activity.again_after_min)


async def reconcile(work: Work, looks: list[Look], dropped_as: str = "changed") -> int:
    """Write the difference between what some plans want and what is there.  Returns how many messages are new."""
    rows = await _rows(work, looks)
    ledger = await read_ledger(work, [row.id for row in rows.values()])
    _keep_visits(work, looks, rows)
    _prepare_no_more(looks, rows)
    await _drop(work, looks, rows, ledger, dropped_as)
    await _move(work, looks, rows, ledger)
    fresh = [_new(each, identity, seen, work.now) for seen, identity, each in _unseen(work, looks, rows)]
    await insert_new(work, Occurrence, fresh)
    whose, wanted = {}, []
    for row_id, seen, each in await _to_say(work, looks):
        whose[row_id] = seen.whose
        said = sayings(seen.whose, each, row_id, _since(seen), seen.rules)
        wanted += [saying for saying in said if saying.message["due_at"] <= work.now + AHEAD]
    made = await write_sayings(work, whose, wanted, ledger)
    await _look_again(work, looks)
    return made


def _since(seen: Look) -> datetime:
    return seen.plan.since or seen.plan.created_at


async def _rows(work: Work, looks: list[Look]) -> dict[Identity, Occurrence]:
    """What is there and may still change: due in the future, or not long ago."""
    ids, begin = [seen.plan.id for seen in looks], min((seen.begin for seen in looks), default=work.now)
    near: ColumnElement[bool] = Occurrence.due_at >= begin - timedelta(days=2)
    if days := {each.day for seen in looks for each in seen.wanted.values() if each.booked}:  # arranged long after its day
        near = or_(near, and_(Occurrence.kind.in_(BOOKABLE), Occurrence.local_date.in_(days)))
    rows = select(Occurrence).where(Occurrence.plan_id.in_(ids), near)
    found = await work.session.scalars(rows.execution_options(populate_existing=True))
    return {(row.plan_id, row.activity, row.local_date, row.slot): row for row in found}


def _keep_visits(work: Work, looks: list[Look], rows: dict[Identity, Occurrence]) -> None:
    """An appointment that is off, or far away now, leaves its visit due; a nurse may still say that it took place."""
    by_plan = {seen.plan.id: seen for seen in looks}
    for identity, row in rows.items():
        seen = by_plan[row.plan_id]
        is_open = row.booked_on and row.due_at > work.now and not (row.answer or row.dropped)
        if is_open and identity not in seen.wanted and (each := _due_on_its_day(seen, row)):
            seen.wanted[identity] = each


def _due_on_its_day(seen: Look, row: Occurrence) -> Expected | None:
    """The visit of a row, if its plan still wants it."""
    if seen.course is None:
        return None
    own, facts = seen.course
    alone = replace(own, activities=tuple(each for each in own.activities if each.key == row.activity), checkins=(), drip=())
    on_it = expected(alone, facts, row.local_date, row.local_date)
    return next((each for each in on_it if (each.day, each.slot) == (row.local_date, row.slot)), None)


def _prepare_no_more(looks: list[Look], rows: dict[Identity, Occurrence]) -> None:
    """Nobody empties a bowel for a test that took place already, or of which a nurse said that it does not."""
    marked = [row for row in rows.values() if row.answer and row.booked_on]
    for seen in looks if marked else ():
        bookings = seen.course[1].bookings if seen.course else {}
        mine = [row for row in marked if row.plan_id == seen.plan.id and (row.activity, row.local_date) in bookings]
        over = {(row.activity, bookings[row.activity, row.local_date].day) for row in mine}
        seen.wanted = {identity: each for identity, each in seen.wanted.items() if not _prepares_for(each, over)}


def _prepares_for(each: Expected, visits: set[tuple[str, date]]) -> bool:
    schedule = each.activity.schedule
    if not isinstance(schedule, Relative) or each.day > each.about:
        return False
    return any((key, each.about) in visits for key in schedule.relative_to)


async def _drop(work: Work, looks: list[Look], rows: dict[Identity, Occurrence], ledger: Ledger, why: str) -> None:
    """What is not wanted any more and has not come yet.  What has come stays: it was due, and may have been answered."""
    wanted = {identity for seen in looks for identity in seen.wanted}
    gone = [
        row
        for identity, row in rows.items()
        if identity not in wanted and row.due_at > work.now and not (row.answer or row.dropped)
    ]
    if gone:
        await _update(work, [row.id for row in gone], dropped=why)
        ids = {row.id for row in gone}
        said = {message.id for (row_id, _), message in ledger.messages.items() if row_id in ids}
        await clear_unmentioned(work, said, Skip.CHANGED)


async def _move(work: Work, looks: list[Look], rows: dict[Identity, Occurrence], ledger: Ledger) -> None:
    """Rows whose hour, clock or booking changed, and rows that are wanted again."""
    for seen, identity, each in _all_wanted(looks):
        row = rows.get(identity)
        fresh = _columns(each, seen) | {"dropped": None}
        if row and _differs(row, fresh) and may_become(row, each, ledger, work.now):
            if (row.booked_on or each.booked) and (row.due_at, row.booked_on) != (each.due_at, fresh["booked_on"]):
                await unsay(work, row.id, ledger, moved=row.due_at != each.due_at)
            await _update(work, [row.id], **fresh)


def _differs(row: Occurrence, fresh: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in fresh.items())


def may_become(row: Occurrence, each: Expected, ledger: Ledger, now: datetime) -> bool:
    """Whether a row takes over what the plan says now.

    Not what was answered or has come; not a dose whose reminder is out already, for then both hours would be told; and not
    a dose whose new hour is over on that day: it keeps the old one, and the change begins with the next.  A visit may be
    arranged anew after its day, and taken off after it: only what is wholly over stays.
    """
    if each.activity.is_bookable:
        return not row.answer and max(row.due_at, each.due_at) > now
    if row.answer or row.due_at <= now or each.due_at <= now:
        return False
    if row.dropped and row.due_at == each.due_at:  # wanted again, as after a pause: what is left to say of it is said
        return True
    return row.id not in ledger.spoken


def _unseen(work: Work, looks: list[Look], rows: dict[Identity, Occurrence]) -> Iterator[tuple[Look, Identity, Expected]]:
    """What came into sight: due, or to be announced, within the next 48 hours.

    A third dose makes the second one the third: the row that stands at an hour already is that hour's, whatever its number.
    """
    taken = {(row.plan_id, row.activity, row.due_at) for row in rows.values() if not row.dropped}
    for seen, identity, each in _all_wanted(looks):
        is_there = identity in rows or (*identity[:2], each.due_at) in taken
        is_near = min([each.due_at, *each.reminders]) <= work.now + AHEAD
        if not is_there and is_near and each.due_at >= _since(seen):
            yield seen, identity, each


def _all_wanted(looks: Iterable[Look]) -> Iterator[tuple[Look, Identity, Expected]]:
    return ((seen, identity, each) for seen in looks for identity, each in seen.wanted.items())


def _new(each: Expected, identity: Identity, seen: Look, now: datetime) -> dict[str, Any]:
    plan_id, activity, day, slot = identity
    ids = {"id": new_id_at(now), "clinic_id": seen.plan.clinic_id, "patient_id": seen.patient.id, "plan_id": plan_id}
    return ids | {"activity": activity, "kind": each.activity.kind, "local_date": day, "slot": slot} | _columns(each, seen)


def _columns(each: Expected, seen: Look) -> dict[str, Any]:
    earliest, latest = each.window if each.activity.is_bookable else (None, None)
    return {
        "hour": each.hour,
        "zone": seen.patient.zone,
        "due_at": each.due_at,
        "useful_until": each.useful_until,
        "earliest": earliest,
        "latest": latest,
        "booked_on": each.on if each.booked else None,
    }


async def _to_say(work: Work, looks: list[Look]) -> list[tuple[str, Look, Expected]]:
    """The rows as they are now, each with what the plan wants, where the two agree."""
    rows, found = await _rows(work, looks), []
    for seen, identity, each in _all_wanted(looks):
        row = rows.get(identity)
        if row and not row.dropped and not row.answer and (row.due_at, row.hour) == (each.due_at, each.hour):
            found.append((row.id, seen, each))
    return found


async def _look_again(work: Work, looks: list[Look]) -> None:
    for seen in looks:
        seen.plan.look_again_at = seen.again_at
    await work.session.flush()


async def _update(work: Work, ids: list[str], **values: Any) -> None:
    await work.session.execute(update(Occurrence).where(Occurrence.id.in_(ids)).values(**values))
