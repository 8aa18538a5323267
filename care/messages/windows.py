"""What a vendor's window lets us do, asked of the channel's own plan: nobody else knows its rules."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from care.channels.base import Channel, Contact, Said, SendFailed, Way

PROBE = Said(key="probe", text="Karez", title="Karez", kind="reply")
REMINDER = Said(key="probe", text="Karez", title="Karez", kind="medicine", link="https://karez.invalid/listen/probe")
WORDS = {"hour": "12:00", "date": "2026-12-01"}  # a vendor's form may ask for them
LATER = timedelta(minutes=5)  # beyond the short windows a press of a menu opens


def can_talk(channel: Channel, contact: Contact, at: datetime) -> bool:
    """Whether free words reach them then; a notice is no conversation."""
    try:
        return channel.plan(PROBE, contact, at).way != Way.NOTICE
    except SendFailed:
        return False


def gives_more(channel: Channel, old: Contact, new: Contact, now: datetime) -> bool:
    """Whether a fresh opening replaces what is open: a press that opens one minute must not shut two days."""
    later = now + LATER
    return old.opened_at is None or can_talk(channel, new, later) or not can_talk(channel, old, later)


@dataclass(frozen=True)
class Reach:
    """How a reminder would go through one contact now.  `way` None: not at all; `since`: when its window closed."""

    way: Way | None
    why: str = ""
    since: datetime | None = None


def reach(channel: Channel, contact: Contact, now: datetime) -> Reach:
    """For a nurse: what would happen if something were due at this moment."""
    try:
        plan = channel.plan(REMINDER, contact, now)
    except SendFailed as failed:
        return Reach(None, failed.cause, _closed_since(channel, contact, now))
    return Reach(plan.way, plan.why, _closed_since(channel, contact, now) if plan.way == Way.NOTICE else None)


def _closed_since(channel: Channel, contact: Contact, now: datetime) -> datetime | None:
    """To the minute; None where it was never open, or where not time but the number of messages closed it."""
    opened = contact.opened_at
    if opened is None or opened >= now or not can_talk(channel, contact, opened):
        return None
    open_at, closed_at = opened, now
    while closed_at - open_at > timedelta(minutes=1):
        middle = open_at + (closed_at - open_at) / 2
        open_at, closed_at = (middle, closed_at) if can_talk(channel, contact, middle) else (open_at, middle)
    return closed_at


def may_go(channel: Channel, contact: Contact, kind: str, form: str, at: datetime) -> bool:
    """Whether a reminder of this kind can go then, were it as a notice; words of its own may still be wanting."""
    try:
        channel.plan(replace(REMINDER, kind=kind, form=form, content=WORDS), contact, at)
    except SendFailed:
        return False
    return True
