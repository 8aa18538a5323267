"""The checks inside the transaction of the intent: what was withdrawn, stopped or answered a moment ago wins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import column, func, select, table

from care.content.message_rules import QUIET_FROM, QUIET_TO, MessageRules
from care.kit.database import Moment, Work
from care.messages.tables import Attempt, Mention, Message
from care.messages.types import Cause, Skip, State
from care.people.clocks import local, moment
from care.people.linking import is_open
from care.people.tables import Consent, Device, Patient

CHECKED = (Patient.id, Patient.clinic_id, Patient.form, Patient.zone, Patient.stopped_at, Patient.ended_at)
CHECK_IN = "checkin"  # asks how they are: only of who agreed that this is kept
SAID = (State.INTENT, State.SENT, State.DELIVERED, State.READ, State.UNKNOWN)  # what a patient has, or may have
CHOSEN_HOUR_KINDS = ("medicine",)  # read at an hour the patient chose themselves

# Plans stand above messages and may not be imported here: the columns we look at are named instead.
occurrence = table(
    "occurrence",
    *map(column, ("id", "plan_id", "hour", "due_at", "answer", "dropped")),
    column("answered_at", Moment()),
)
care_plan = table("care_plan", column("id"), column("paused_at"), column("ended_at"))


@dataclass
class Day:
    """How much a patient was told today without asking."""

    said: int = 0


@dataclass(frozen=True)
class Facts:
    """What decides now whether one message may go out."""

    patient: Patient
    consents: bool
    channels: frozenset[str] = frozenset()  # open, and not already closed to this message
    named: tuple["Named", ...] = ()
    day: Day = field(default_factory=Day)


@dataclass(frozen=True)
class Named:
    """One thing a message is about, as the plan's rows say it now."""

    occurrence_id: str
    said: dict[str, Any]
    answer: str | None = None
    answered_at: datetime | None = None
    dropped: bool = False
    paused: bool = False
    ended: bool = False
    hour: str = ""

    def closed(self, message: Message) -> Skip | None:
        """Why it must not be said any more; None while it is wanted."""
        if self.ended or self.paused:
            return Skip.PLAN_ENDED if self.ended else Skip.PAUSED
        if self.dropped:
            return Skip.CHANGED
        return Skip.ANSWERED if self._is_answered(message) else None

    def _is_answered(self, message: Message) -> bool:
        """Taken, or answered since this was planned.  "Missed" and then "remind me later" wants the later reminder."""
        if self.answer is None:
            return False
        return self.answer == "taken" or self.answered_at is None or self.answered_at > message.created_at


@dataclass
class Contacts:
    """Whom we may write to, and where."""

    consenting: set[str] = field(default_factory=set)
    keeping: set[str] = field(default_factory=set)  # who agreed that what they say of their body is kept
    open: dict[str, set[str]] = field(default_factory=dict)
    shut: dict[str, set[str]] = field(default_factory=dict)  # message id -> channels whose window was closed


async def gather_facts(work: Work, messages: list[Message], rules: MessageRules) -> dict[str, Facts]:
    """The facts of many messages in five statements, or six, by message id.  Locks patients until the intent is committed.

    FOR UPDATE, not FOR SHARE: withdrawing inserts a row that refers to the patient, and only this lock makes it wait.
    """
    # Columns, not objects: a part of a herd is read in half the time.  A row has what the checks ask a patient for.
    locked = select(*CHECKED).where(Patient.id.in_({each.patient_id for each in messages})).order_by(Patient.id)
    rows = await work.session.execute(locked.with_for_update(of=Patient))
    patients = {patient.id: cast(Patient, patient) for patient in rows}
    named, contacts = await _named(work, messages), await _contacts(work, patients, messages)
    days = await _days(work, {each.patient_id: patients[each.patient_id] for each in messages if _may_wait(each, rules)})
    return {each.id: _facts(each, patients[each.patient_id], named, contacts, days) for each in messages}


def is_asked_for(message: Message) -> bool:
    """The patient said "later": it does not count for how much is said unasked."""
    return ":later-" in message.key


def _may_wait(message: Message, rules: MessageRules) -> bool:
    """Whether it counts for less than a full day: nothing with an hour of its own, and nothing urgent."""
    return not message.urgent and rules.of(message.kind).over_cap != "send"


async def _days(work: Work, patients: dict[str, Patient]) -> dict[str, Day]:
    """Counted only for those who are to be told something that may wait: a medicine is never held up by it."""
    if not patients:
        return {}
    midnights = {each.id: moment(local(work.now, each.zone).date(), "00:00", each.zone) for each in patients.values()}
    told = select(Message.patient_id, Message.next_at).where(Message.patient_id.in_(patients), Message.state.in_(SAID))
    told = told.where(Message.next_at >= min(midnights.values()), Message.key.not_like("%:later-%"))  # "later" was asked for
    days = {each: Day() for each in patients}
    for patient_id, at in await work.session.execute(told):
        days[patient_id].said += at >= midnights[patient_id]
    return days


def in_order(named: Iterable[Named]) -> tuple[Named, ...]:
    """Always in the same order, so that nobody wonders what has changed."""
    return tuple(sorted(named, key=lambda each: (each.hour, str(each.said.get("subject")))))


def _facts(message: Message, patient: Patient, named: dict[str, list[Named]], contacts: Contacts, days: dict[str, Day]) -> Facts:
    channels = frozenset(contacts.open.get(patient.id, set()) - contacts.shut.get(message.id, set()))
    consents = patient.id in contacts.consenting and (message.kind != CHECK_IN or patient.id in contacts.keeping)
    about = in_order(named.get(message.id, ()))
    return Facts(patient, consents, channels, about, days.setdefault(patient.id, Day()))


async def _named(work: Work, messages: list[Message]) -> dict[str, list[Named]]:
    """What each message is about, read after its patient was locked: a change of the plan is over by then, or has not begun."""
    seen, plan = occurrence.c, care_plan.c
    columns = (
        Mention.message_id,
        Mention.said,
        seen.id,
        seen.hour,
        seen.answer,
        seen.answered_at,
        seen.dropped,
        plan.paused_at,
        plan.ended_at,
    )
    rows = select(*columns).join_from(Mention, occurrence, seen.id == Mention.occurrence_id)
    rows = rows.join(care_plan, plan.id == seen.plan_id).where(Mention.message_id.in_([each.id for each in messages]))
    found: dict[str, list[Named]] = {}
    for row in await work.session.execute(rows.order_by(seen.due_at, seen.id).with_for_update(read=True, of=care_plan)):
        state = (row.answer, row.answered_at, bool(row.dropped), bool(row.paused_at), bool(row.ended_at))
        found.setdefault(row.message_id, []).append(Named(row.id, row.said, *state, row.hour))
    return found


async def _agreed(work: Work, ids: list[str], purpose: str) -> set[str]:
    """Whose latest word on a purpose was yes."""
    latest = select(func.max(Consent.id)).where(Consent.patient_id.in_(ids), Consent.purpose == purpose)
    yes = select(Consent.patient_id).where(Consent.id.in_(latest.group_by(Consent.patient_id)), Consent.given)
    return set(await work.session.scalars(yes))


async def _contacts(work: Work, patients: Iterable[str], messages: list[Message]) -> Contacts:
    ids, known = list(patients), Contacts()
    known.consenting = await _agreed(work, ids, "reminders")
    if any(each.kind == CHECK_IN for each in messages):
        known.keeping = await _agreed(work, ids, "symptoms")
    devices = select(Device.patient_id, Device.channel).where(Device.patient_id.in_(ids), is_open(work.now))
    for patient_id, channel in await work.session.execute(devices):
        known.open.setdefault(patient_id, set()).add(channel)
    moved_on = [each.id for each in messages if each.why == Cause.WINDOW_CLOSED]
    closed = select(Attempt.message_id, Attempt.channel).where(Attempt.cause == Cause.WINDOW_CLOSED)
    if moved_on:
        for message_id, channel in await work.session.execute(closed.where(Attempt.message_id.in_(moved_on))):
            known.shut.setdefault(message_id, set()).add(channel)
    return known


def find_skip(message: Message, facts: Facts, now: datetime, rules: MessageRules) -> Skip | None:
    """Why this message must not go out now; None when it may.  The patient's own word comes before our lateness."""
    closed = [each.closed(message) for each in facts.named]
    over = closed[0] if closed and all(closed) else None
    checks = (
        (facts.patient.ended_at is not None, Skip.ENDED),
        (facts.patient.stopped_at is not None, Skip.STOPPED),
        (not facts.consents, Skip.NO_CONSENT),
        (over is not None, over or Skip.CHANGED),
        (message.useful_until <= now, Skip.TOO_LATE),
        (not facts.channels, Skip.NO_CHANNEL),
        (quiet_until(message, facts.patient.zone, now) is not None, Skip.QUIET_HOURS),
        (_may_wait(message, rules) and facts.day.said >= rules.a_day, Skip.DAILY_CAP),
    )
    return next((skip for found, skip in checks if found), None)


def waits_until(message: Message, facts: Facts, skip: Skip, now: datetime, rules: MessageRules) -> datetime | None:
    """When a skipped message is looked at again; None when it has come to its end."""
    if skip == Skip.QUIET_HOURS:
        return quiet_until(message, facts.patient.zone, now)
    if skip == Skip.DAILY_CAP and rules.of(message.kind).over_cap == "next-day":
        tomorrow = local(now, facts.patient.zone).date() + timedelta(days=1)
        morning = moment(tomorrow, QUIET_TO, facts.patient.zone)
        return morning if morning < message.useful_until else None
    return None


def still_wanted(message: Message, facts: Facts) -> tuple[Named, ...]:
    """What of a message is to be said: one of two medicines may have been answered, paused or moved meanwhile."""
    return tuple(each for each in facts.named if each.closed(message) is None)


def quiet_until(message: Message, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours end; None outside them, for urgent messages and for hours the patient chose."""
    here = local(now, zone)
    clock = f"{here:%H:%M}"
    if message.urgent or message.kind in CHOSEN_HOUR_KINDS or QUIET_TO <= clock < QUIET_FROM:
        return None
    morning = here.date() + timedelta(days=1 if clock >= QUIET_FROM else 0)
    return moment(morning, QUIET_TO, zone)
