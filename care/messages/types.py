"""States, causes and skips of a message, and the one table that decides what a failure means."""

from dataclasses import dataclass
from enum import StrEnum

from care.channels.base import Cause as Cause
from care.content.message_rules import Kind


class State(StrEnum):
    """`due -> claimed -> intent -> sent -> delivered -> read`, or an end state (facts: trust, section 3)."""

    DUE = "due"
    CLAIMED = "claimed"
    INTENT = "intent"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CLEARED = "cleared"
    MUTED = "muted"
    MISSED = "missed"


class Skip(StrEnum):
    """Why a message was not even tried; silence is never an outcome."""

    ENDED = "ended"
    STOPPED = "stopped"
    NO_CONSENT = "no-consent"
    PLAN_ENDED = "plan-ended"
    PAUSED = "paused"
    CHANGED = "changed"
    ANSWERED = "answered"
    TOO_LATE = "too-late"
    NO_CHANNEL = "no-channel"
    SHUT = "shut"  # the patient is linked, and nothing we may use there is open now
    UNREVIEWED = "unreviewed"
    BEHIND = "behind"
    EXPIRED = "expired"
    OUR_BUG = "our-bug"
    QUIET_HOURS = "quiet-hours"
    DAILY_CAP = "daily-cap"
    CHANNEL_RESTS = "channel-rests"
    RESTORED = "restored"


@dataclass(frozen=True)
class Policy:
    """What a failure of one cause leads to."""

    retry: bool = False
    replan: bool = False  # the next channel the patient has opened
    moves_on: bool = False  # nothing of it can arrive any more, so the next channel says it, if there is one
    close_contact: bool = False
    close_if_again: bool = False  # once the same happens a second time
    tell_nurse: bool = False
    stop_channel: bool = False  # not one message's fault: the channel rests
    pause_channel: bool = False  # until the moment the vendor named
    counts_against_channel: bool = False  # so many of these in a row, and the channel rests
    tell_us: bool = False


POLICY: dict[Cause, Policy] = {
    Cause.BUSY: Policy(retry=True, moves_on=True, pause_channel=True),
    Cause.UNREACHABLE: Policy(retry=True, counts_against_channel=True),
    Cause.WINDOW_CLOSED: Policy(replan=True, moves_on=True),
    Cause.BAD_ADDRESS: Policy(moves_on=True, close_contact=True, tell_nurse=True),
    Cause.NOT_DELIVERED: Policy(moves_on=True, close_if_again=True, tell_nurse=True),
    Cause.OPTED_OUT: Policy(close_contact=True, tell_nurse=True),
    Cause.REFUSED: Policy(tell_nurse=True),
    Cause.BROKEN: Policy(retry=True, stop_channel=True, tell_us=True),  # token, quota, allow-list
    Cause.OUR_BUG: Policy(tell_nurse=True, tell_us=True),
    Cause.UNKNOWN: Policy(tell_nurse=True, counts_against_channel=True),
}


@dataclass(frozen=True)
class UnknownLimit:
    """How many sends of unknown fate are tried again before the message ends `unknown`, on a nurse's list."""

    with_key: int = 1  # the channel itself drops a second copy
    without_key: int = 0  # a doubled medicine reminder is worse than a late one


# One parameter a kind (facts: trust, section 3).  A kind that is not named here never risks a second copy.
UNKNOWN_LIMITS: dict[str, UnknownLimit] = {"medicine": UnknownLimit()}
DEFAULT_LIMIT = UnknownLimit()


def unknown_limit(kind: str, takes_key: bool) -> int:
    limit = UNKNOWN_LIMITS.get(kind, DEFAULT_LIMIT)
    return limit.with_key if takes_key else limit.without_key


# How a skipped message ends, and whether a nurse must know.  Skips that only wait are not here.
SKIPPED: dict[Skip, tuple[State, bool]] = {
    Skip.ENDED: (State.CLEARED, False),
    Skip.STOPPED: (State.MUTED, False),
    Skip.NO_CONSENT: (State.CLEARED, False),
    Skip.PLAN_ENDED: (State.CLEARED, False),
    Skip.PAUSED: (State.MUTED, False),
    Skip.CHANGED: (State.CLEARED, False),
    Skip.ANSWERED: (State.CLEARED, False),
    Skip.TOO_LATE: (State.MISSED, True),  # of kinds that leave it: `TOO_LATE_BUT_LEFT`
    Skip.DAILY_CAP: (State.MUTED, False),
    Skip.NO_CHANNEL: (State.FAILED, True),
    Skip.SHUT: (State.FAILED, True),
    Skip.UNREVIEWED: (State.FAILED, True),
    Skip.BEHIND: (State.FAILED, True),
    Skip.EXPIRED: (State.FAILED, True),
    Skip.OUR_BUG: (State.FAILED, True),
    Skip.RESTORED: (State.UNKNOWN, True),
}

TOO_LATE_BUT_LEFT = (State.CLEARED, False)  # content/messages.yml: after


def end_of(skip: Skip, kind: Kind) -> tuple[State, bool]:
    """How a skipped message of a kind ends, and whether a nurse must know."""
    return TOO_LATE_BUT_LEFT if skip == Skip.TOO_LATE and kind.after == "leave" else SKIPPED[skip]


# A status may only climb; a delivery receipt that comes late wins over `failed` (facts: trust, section 3).
RANK = {State.SENT: 1, State.FAILED: 2, State.DELIVERED: 3, State.READ: 4}


def settle_status(known: State, reported: State) -> State:
    """The state after a status report, in whatever order reports come."""
    return reported if RANK.get(reported, 0) > RANK.get(known, 0) else known


def overtaken_by(reported: State) -> tuple[State, ...]:
    """The states a report of `reported` moves on: the same rule as `settle_status`, as a guard for an UPDATE."""
    return tuple(state for state in State if state != reported and settle_status(state, reported) == reported)
