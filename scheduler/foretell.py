"""Reads from a rehearsal what a patient and a nurse will meet: each message with its why, and what waits for a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from care.alarms.tables import Alert
from care.content.library import Library
from care.kit.database import Work
from care.messages.compose import Words, compose
from care.messages.facts import CHECK_IN, Named, in_order
from care.messages.tables import Mention, Message
from care.messages.types import Skip, State
from care.people.clocks import local
from care.people.consent import allows
from care.people.linking import open_devices
from care.people.tables import Clinic, Patient
from care.plans.cycles import next_cycle, starts_of
from care.plans.forecast import Expected, expected
from care.plans.future import NURSE, Entry, Found, Future, PlanLine, Reason, Round, Visit, Wish
from care.plans.state import PlanUnreadable, read_plan, state_of
from care.plans.tables import CarePlan, Occurrence

WEEK = timedelta(days=7)
WINDOW = timedelta(days=60)  # longer than any visit may be booked before or after its day
# What is called back because nobody needs it any more: it was answered, or is said at another moment.
NOT_TOLD = frozenset({Skip.ANSWERED, Skip.CHANGED, "snoozed"})
Identity = tuple[str, str, date, int]  # plan, activity, day, slot


@dataclass(frozen=True)
class Sent:
    """One message as a channel got it."""

    message_id: str
    at: datetime
    channel: str
    content: dict[str, Any]
    way: str
    another_way: str = ""  # why it is not the usual one
    then: tuple[str, ...] = ()  # channels that are tried after it


@dataclass
class Played:
    """What was seen while the days passed, by message."""

    sent: list[Sent] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)  # why it waited
    ended: dict[str, datetime] = field(default_factory=dict)  # when it was given up
    before: frozenset[str] = frozenset()  # what had ended before the days began
    alerts: frozenset[str] = frozenset()  # what stood on the worklist by then


@dataclass
class Ledger:
    """The rows of a rehearsal, read once."""

    library: Library
    wish: Wish
    patient: Patient
    first: date
    plans: dict[str, CarePlan]
    expected: dict[Identity, Expected]
    named: dict[str, list[tuple[Mention, Occurrence]]]  # by message
    messages: dict[str, Message]
    channels: list[str]  # where the patient can be reached, in the order they are tried

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.wish.days - 1)


async def foretell(work: Work, library: Library, wish: Wish, played: Played, channels: Sequence[str]) -> Future:
    """What a rehearsal that has been played comes to."""
    ledger = await _open_ledger(work, library, wish, channels)
    clinic = await work.session.get_one(Clinic, ledger.patient.clinic_id)
    entries = [*_said(ledger, played), *_unsaid(ledger, played)]
    days = {ledger.first + timedelta(days=number) for number in range(wish.days)}
    shown = [each for each in entries if local(each.at, ledger.patient.zone).date() in days]
    return Future(
        zone=ledger.patient.zone,
        clinic_zone=clinic.zone,
        form=wish.form,
        first=ledger.first,
        days=wish.days,
        now=wish.now,
        answered=wish.answered,
        bars=tuple([each async for each in _bars(work, ledger)]),
        plans=tuple(_plan_line(library, each, ledger.patient.zone) for each in ledger.plans.values()),
        rounds=tuple(_rounds(ledger)),
        visits=tuple(_visits(ledger)),
        entries=tuple(sorted(shown, key=lambda each: (each.at, each.due_at, str(each.reasons)))),
        found=tuple(await _found(work, ledger, played)),
    )


async def _open_ledger(work: Work, library: Library, wish: Wish, channels: Sequence[str]) -> Ledger:
    patient = await work.session.get_one(Patient, wish.patient_id)
    first = wish.first or local(wish.now, patient.zone).date()
    living = select(CarePlan).where(CarePlan.ended_at.is_(None)).order_by(CarePlan.created_at, CarePlan.template)
    plans = {plan.id: plan for plan in await work.session.scalars(living)}
    open_ones = {device.channel for device in await open_devices(work, patient.id)}
    rows = await work.session.execute(select(Mention, Occurrence).join(Occurrence, Occurrence.id == Mention.occurrence_id))
    named: dict[str, list[tuple[Mention, Occurrence]]] = {}
    for mention, occurrence in sorted(rows, key=lambda row: (row[1].activity, row[1].slot)):
        named.setdefault(mention.message_id, []).append((mention, occurrence))
    messages = {message.id: message for message in await work.session.scalars(select(Message))}
    reachable = [name for name in channels if name in open_ones]
    ledger = Ledger(library, wish, patient, first, plans, {}, named, messages, reachable)
    ledger.expected = dict(_expected(ledger))
    return ledger


def _expected(ledger: Ledger) -> Iterator[tuple[Identity, Expected]]:
    """All that the plans ask for around these days, paused plans too: a nurse may want to know what waits in them."""
    for plan in ledger.plans.values():
        try:
            own, facts = read_plan(ledger.library, plan, ledger.patient.zone)
        except PlanUnreadable:
            continue
        for each in expected(own, facts, ledger.first - WINDOW, ledger.last + WINDOW, announced=True):
            yield (plan.id, each.activity.key, each.day, each.slot), each


def _said(ledger: Ledger, played: Played) -> Iterator[Entry]:
    for sent in played.sent:
        message, content = ledger.messages[sent.message_id], sent.content
        yield Entry(
            at=sent.at,
            due_at=message.due_at,
            kind=message.kind,
            state=State.SENT,
            why=played.held.get(message.id, ""),
            channel=sent.channel,
            way=sent.way,
            another_way=sent.another_way,
            then=(*sent.then, NURSE),
            text=content["text"],
            form=content["form"],
            notice=content["notice"],
            buttons=tuple(each["label"] for each in content["buttons"]),
            second=_second(ledger, message, sent.at) if ledger.wish.form not in ("", content["form"]) else "",
            reasons=tuple(_reasons(ledger, message)),
            again=tuple(sorted(set(_again(ledger, message)))),
        )


def _unsaid(ledger: Ledger, played: Played) -> Iterator[Entry]:
    """What was given up while the days passed, and is worth telling a nurse."""
    for message_id, at in played.ended.items():
        message = ledger.messages[message_id]
        if message_id in played.before or message.why in NOT_TOLD:
            continue
        reasons = tuple(_reasons(ledger, message))
        yield Entry(at, message.due_at, message.kind, message.state, message.why or "", reasons=reasons)


def _second(ledger: Ledger, message: Message, at: datetime) -> str:
    """The same words for a nurse who does not read the patient's."""
    reader = Patient(id=ledger.patient.id, form=ledger.wish.form, zone=ledger.patient.zone)
    about = ledger.named.get(message.id, ())
    named = [Named(occurrence.id, mention.said, hour=occurrence.hour) for mention, occurrence in about]
    return compose(ledger.library, message, reader, at, in_order(named)).text


def _reasons(ledger: Ledger, message: Message) -> Iterator[Reason]:
    for mention, row in ledger.named.get(message.id, ()):
        plan = ledger.plans.get(row.plan_id)
        each = ledger.expected.get((row.plan_id, row.activity, row.local_date, row.slot))
        if plan is None or each is None:  # changed or ended since it was written
            continue
        number = mention.step.removeprefix("remind-")
        reminder = each.activity.reminders[int(number)] if number.isdigit() else None
        yield Reason(
            plan=plan.template,
            kind=row.kind,
            subject=each.activity.subject,
            step=mention.step.partition("-")[0],
            name=_title(ledger, row.kind, each.activity.subject),
            days_before=reminder.days_before if reminder else 0,
            hours_before=reminder.hours_before if reminder else 0,
            cycle=each.cycle,
            dose=row.slot + 1 if each.activity.slots and _doses_a_day(ledger, row) > 1 else 0,
            about=each.about if each.about != local(message.due_at, ledger.patient.zone).date() else None,
        )


def _title(ledger: Ledger, kind: str, subject: str) -> str:
    """What a topic or a check-in is called: in the second form if it is written in it, else in the patient's own."""
    if kind not in ("topic", CHECK_IN):
        return ""
    forms = [tag for tag in (ledger.wish.form, ledger.patient.form) if tag]
    written = [tag for tag in forms if kind == CHECK_IN or subject in ledger.library.topics_in(tag)]
    return Words(ledger.library, written[0], ledger.patient.zone, ledger.wish.now).named(kind, subject).text if written else ""


def _doses_a_day(ledger: Ledger, row: Occurrence) -> int:
    return sum(key[:3] == (row.plan_id, row.activity, row.local_date) for key in ledger.expected)


def _again(ledger: Ledger, message: Message) -> Iterator[datetime]:
    """When the same would have been said once more, had nobody answered."""
    about = {occurrence.id for _, occurrence in ledger.named.get(message.id, ())}
    for other_id, named in ledger.named.items():
        other = ledger.messages[other_id]
        is_later = other.due_at > message.due_at and other.why == Skip.ANSWERED
        if is_later and about & {occurrence.id for _, occurrence in named}:
            yield other.due_at


async def _bars(work: Work, ledger: Ledger) -> Any:
    """Why this patient hears nothing at all, whatever is due."""
    if ledger.patient.ended_at:
        yield str(Skip.ENDED)
    if ledger.patient.stopped_at:
        yield str(Skip.STOPPED)
    if not await allows(work, ledger.patient.id, "reminders"):
        yield str(Skip.NO_CONSENT)
    if not ledger.channels:
        yield str(Skip.NO_CHANNEL)


def _plan_line(library: Library, plan: CarePlan, zone: str) -> PlanLine:
    template = library.plans.get(plan.template)
    try:
        read_plan(library, plan, zone)
        unreadable = False
    except PlanUnreadable:
        unreadable = True
    paused = local(plan.paused_at, zone).date() if plan.paused_at else None
    return PlanLine(plan.template, dict(template.title) if template else {"en": plan.template}, paused, unreadable)


def _rounds(ledger: Ledger) -> Iterator[Round]:
    """Cycles whose day came, or comes within a week of these days, while no nurse has said yes."""
    for plan in ledger.plans.values():
        try:
            starts = starts_of(*read_plan(ledger.library, plan, ledger.patient.zone))
        except PlanUnreadable:
            continue
        number = next_cycle(plan)
        if number in starts and starts[number] <= ledger.last + WEEK:
            yield Round(plan.template, number, starts[number])


def _visits(ledger: Ledger) -> Iterator[Visit]:
    """What may be booked on one of these days, and is not."""
    for (plan_id, *_), each in sorted(ledger.expected.items(), key=lambda item: (item[1].day, item[0][1])):
        plan, (earliest, latest) = ledger.plans[plan_id], each.window
        is_open = each.activity.is_bookable and not each.booked and not state_of(plan).is_quiet
        if is_open and earliest <= ledger.last and latest >= ledger.first:
            yield Visit(plan.template, each.activity.subject, each.cycle, earliest, each.day, latest)


async def _found(work: Work, ledger: Ledger, played: Played) -> list[Found]:
    """What was opened on the worklist on the days that are shown."""
    rows = select(Alert).where(Alert.id.not_in(played.alerts)).order_by(Alert.opened_at, Alert.flag)
    opened = [Found(each.opened_at, each.flag, each.tier) for each in await work.session.scalars(rows)]
    return [each for each in opened if ledger.first <= local(each.at, ledger.patient.zone).date() <= ledger.last]
