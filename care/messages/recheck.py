"""The checks inside the transaction of the intent: what was withdrawn, stopped or answered a moment ago wins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import column, func, select, table

from care.kit.database import Moment, Work
from care.messages.tables import Attempt, Mention, Message
from care.messages.types import Cause, Skip
from care.people.clocks import local, moment
from care.people.linking import is_open
from care.people.tables import Consent, Device, Patient

QUIET_FROM, QUIET_TO = "22:00", "07:30"  # on the patient's clock (facts: clinical, section 10)
CHECK_IN = "checkin"  # asks how they are: only of who agreed that this is kept
CHOSEN_HOUR_KINDS = ("medicine",)  # read at an hour the patient chose themselves

# Plans stand above messages and may not be imported here: the columns we look at are named instead.
occurrence = table(
    "occurrence", column("id"), column("plan_id"), column("answer"), column("answered_at", Moment()), column("dropped")
)
care_plan = table("care_plan", column("id"), column("paused_at"), column("ended_at"))


@dataclass(frozen=True)
class Facts:
    """What decides now whether one message may go out."""

    patient: Patient
    consents: bool
    channels: frozenset[str] = frozenset()  # open, and not already closed to this message
    named: tuple["Named", ...] = ()


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


async def gather_facts(work: Work, messages: list[Message]) -> dict[str, Facts]:
    """The facts of many messages in five statements, by message id.  Locks patients until the intent is committed.

    FOR UPDATE, not FOR SHARE: withdrawing inserts a row that refers to the patient, and only this lock makes it wait.
    """
    locked = select(Patient).where(Patient.id.in_({each.patient_id for each in messages})).order_by(Patient.id)
    rows = await work.session.scalars(locked.with_for_update().execution_options(populate_existing=True))
    patients = {patient.id: patient for patient in rows}
    named, contacts = await _named(work, messages), await _contacts(work, patients, messages)
    return {each.id: _facts(each, patients[each.patient_id], named, contacts) for each in messages}


def _facts(message: Message, patient: Patient, named: dict[str, list[Named]], contacts: Contacts) -> Facts:
    channels = frozenset(contacts.open.get(patient.id, set()) - contacts.shut.get(message.id, set()))
    consents = patient.id in contacts.consenting and (message.kind != CHECK_IN or patient.id in contacts.keeping)
    # Always in the same order, so that nobody wonders what has changed.
    return Facts(
        patient, consents, channels, tuple(sorted(named.get(message.id, ()), key=lambda each: str(each.said.get("subject"))))
    )


async def _named(work: Work, messages: list[Message]) -> dict[str, list[Named]]:
    """What each message is about, read after its patient was locked: a change of the plan is over by then, or has not begun."""
    seen, plan = occurrence.c, care_plan.c
    columns = (
        Mention.message_id,
        Mention.said,
        seen.id,
        seen.answer,
        seen.answered_at,
        seen.dropped,
        plan.paused_at,
        plan.ended_at,
    )
    rows = select(*columns).join_from(Mention, occurrence, seen.id == Mention.occurrence_id)
    rows = rows.join(care_plan, plan.id == seen.plan_id).where(Mention.message_id.in_([each.id for each in messages]))
    found: dict[str, list[Named]] = {}
    for row in await work.session.execute(rows.order_by(seen.id).with_for_update(read=True, of=care_plan)):
        state = (row.answer, row.answered_at, bool(row.dropped), bool(row.paused_at), bool(row.ended_at))
        found.setdefault(row.message_id, []).append(Named(row.id, row.said, *state))
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


def find_skip(message: Message, facts: Facts, now: datetime) -> Skip | None:
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
    )
    return next((skip for found, skip in checks if found), None)


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
