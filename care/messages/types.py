"""States, causes and skips of a message, and the one table that decides what a failure means."""

from dataclasses import dataclass
from enum import StrEnum


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


class Cause(StrEnum):
    """Why a channel did not take a message."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    BAD_ADDRESS = "bad-address"
    OPTED_OUT = "opted-out"
    REFUSED = "refused"
    BROKEN = "broken"
    OUR_BUG = "our-bug"
    UNKNOWN = "unknown"


class Skip(StrEnum):
    """Why a message was not even tried; silence is never an outcome."""

    NO_CONSENT = "no-consent"
    STOPPED = "stopped"
    ENDED = "ended"
    TOO_LATE = "too-late"
    NO_DEVICE = "no-device"
    UNREVIEWED = "unreviewed"


@dataclass(frozen=True)
class Policy:
    """What a failure of one cause leads to."""

    retry: bool = False
    close_device: bool = False
    tell_nurse: bool = False


POLICY: dict[Cause, Policy] = {
    Cause.BUSY: Policy(retry=True),
    Cause.UNREACHABLE: Policy(retry=True),
    Cause.BAD_ADDRESS: Policy(close_device=True, tell_nurse=True),
    Cause.OPTED_OUT: Policy(close_device=True, tell_nurse=True),
    Cause.REFUSED: Policy(tell_nurse=True),
    Cause.BROKEN: Policy(retry=True),
    Cause.OUR_BUG: Policy(tell_nurse=True),
    Cause.UNKNOWN: Policy(),
}

# How a skipped message ends, and whether a nurse must know.
SKIPPED: dict[Skip, tuple[State, bool]] = {
    Skip.NO_CONSENT: (State.CLEARED, False),
    Skip.STOPPED: (State.MUTED, False),
    Skip.ENDED: (State.CLEARED, False),
    Skip.TOO_LATE: (State.MISSED, True),
    Skip.NO_DEVICE: (State.FAILED, True),
    Skip.UNREVIEWED: (State.FAILED, True),
}

# A status may only climb; a delivery receipt that comes late wins over `failed` (facts: trust, section 3).
RANK = {State.SENT: 1, State.FAILED: 2, State.DELIVERED: 3, State.READ: 4}


def settle_status(known: State, reported: State) -> State:
    """The state after a status report, in whatever order reports come."""
    return reported if RANK.get(reported, 0) > RANK.get(known, 0) else known
