"""The checks inside the transaction of the intent: what was withdrawn, stopped or answered a moment ago wins."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from care.content.message_rules import QUIET_FROM, QUIET_TO, MessageRules
from care.messages.facts import Due, Named, may_wait
from care.messages.types import Skip
from care.people.clocks import local, moment

CHOSEN_HOUR_KINDS = ("medicine",)  # read at an hour the patient chose themselves


def find_skip(due: Due, now: datetime, rules: MessageRules) -> Skip | None:
    """Why this message must not go out now; None when it may.  The patient's own word comes before our lateness."""
    return next(_skips(due, now, rules), None)


def _skips(due: Due, now: datetime, rules: MessageRules) -> Iterator[Skip]:
    if due.has_ended:
        yield Skip.ENDED
    if due.has_stopped:
        yield Skip.STOPPED
    if not due.consents:
        yield Skip.NO_CONSENT
    closed = [each.closed(due) for each in due.named]
    if closed and all(closed):
        yield closed[0] or Skip.CHANGED
    if due.useful_until <= now:
        yield Skip.TOO_LATE
    if not due.channels:
        yield Skip.SHUT if due.shut else Skip.NO_CHANNEL
    if quiet_until(due, now):
        yield Skip.QUIET_HOURS
    if may_wait(due, rules) and due.day.said >= rules.a_day:
        yield Skip.DAILY_CAP


def waits_until(due: Due, skip: Skip, now: datetime, rules: MessageRules) -> datetime | None:
    """When a skipped message is looked at again; None when it has come to its end."""
    if skip == Skip.QUIET_HOURS:
        return quiet_until(due, now)
    if skip == Skip.DAILY_CAP and rules.of(due.kind).over_cap == "next-day":
        tomorrow = local(now, due.zone).date() + timedelta(days=1)
        morning = moment(tomorrow, QUIET_TO, due.zone)
        return morning if morning < due.useful_until else None
    return None


def still_wanted(due: Due) -> tuple[Named, ...]:
    """What of a message is to be said: one of two medicines may have been answered, paused or moved meanwhile."""
    return tuple([each for each in due.named if each.closed(due) is None])


def quiet_until(due: Due, now: datetime) -> datetime | None:
    """When the quiet hours end; None outside them, for urgent messages and for hours the patient chose."""
    if due.urgent or due.kind in CHOSEN_HOUR_KINDS:
        return None
    here = local(now, due.zone)
    clock = f"{here:%H:%M}"
    if QUIET_TO <= clock < QUIET_FROM:
        return None
    morning = here.date() + timedelta(days=1 if clock >= QUIET_FROM else 0)
    return moment(morning, QUIET_TO, due.zone)
