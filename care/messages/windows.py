"""What a vendor's window lets us do, asked of the channel's own plan: nobody else knows its rules."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from care.channels.base import Channel, Choice, Contact, Said, SendFailed, Way

PROBE = Said(key="probe", text="Karez", title="Karez", kind="reply")
FILLS = {"hour": "08:00", "day": "2026-12-01", "clock": "Karez"}  # what a form may have places for
CHOICES = (Choice("Karez", "menu"),) * 3
LATER = timedelta(minutes=5)  # beyond the short windows a press of a menu opens
MOST = 8  # messages we count to: no vendor gives a number as large and still a number


def can_talk(channel: Channel, contact: Contact, at: datetime) -> bool:
    """Whether free words reach them then; a notice is no conversation."""
    try:
        return channel.plan(PROBE, contact, at).way != Way.NOTICE
    except SendFailed:
        return False


def after(channel: Channel, known: Contact, told: Contact) -> Contact:
    """What is open once both have happened, in whatever order we hear of them; each act gives anew and adds nothing."""
    if known.opened_at is None or told.opened_at is None:
        return known if told.opened_at is None else told
    if (told.opened_at, told.opened_by) == (known.opened_at, known.opened_by):
        return known  # told again
    if told.opened_at >= known.opened_at:  # some vendors count in seconds
        return told if _gives_more(channel, known, told, told.opened_at) else known
    stands = not _gives_more(channel, told, replace(known, spent=0), known.opened_at)
    return replace(told, spent=known.spent) if stands else known


def _gives_more(channel: Channel, old: Contact, new: Contact, at: datetime) -> bool:
    """Whether the newer act took the place of what was open when it happened: the larger remainder counts.

    A press that gives one minute shuts no two days of which as many messages are left; but of which one is left it does,
    and whoever believed in that one would say the next reminder into a window that is shut.
    """
    left, given = _count_left(channel, old, at), _count_left(channel, new, at)
    if given != left:
        return given > left
    return can_talk(channel, new, at + LATER) or not can_talk(channel, old, at + LATER)


def _count_left(channel: Channel, contact: Contact, at: datetime) -> int:
    """Messages it still takes then, up to MOST."""
    spent = (replace(contact, spent=contact.spent + more) for more in range(MOST))
    return sum(1 for _ in takewhile(lambda each: can_talk(channel, each, at), spent))


@dataclass(frozen=True)
class Reach:
    """How a reminder would go through one contact now.  `way` None: not at all; `since`: when its window closed."""

    way: Way | None
    why: str = ""
    since: datetime | None = None


def reminder(form: str, kind: str = "medicine", address: str = "https://karez.invalid") -> Said:
    """As one of this kind might be said to a reader of this form: with all that a vendor's form could ask for."""
    link = f"{address}/listen/probe"
    return Said("probe", "Karez", form=form, kind=kind, title="Karez", choices=CHOICES, link=link, content=FILLS)


def reach(channel: Channel, contact: Contact, now: datetime, said: Said) -> Reach:
    """What would happen if it were due at this moment."""
    try:
        plan = channel.plan(said, contact, now)
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
