"""Holds sending after the wall clock jumped, until it is steady, back, or confirmed (promise P12)."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from care.kit.logs import get_log

JUMP = timedelta(minutes=5)
CONFIRM_TICKS = 300  # good ticks after which a new time is believed: five minutes at one a second
log = get_log("guard")


class JumpGuard:
    """Compares the wall clock with one that cannot jump.

    While sending is held, `note` exists and says why; it outlives a restart.  Deleting it is the operator's word that
    the clock is right.
    """

    def __init__(self, note: Path, confirm_ticks: int = CONFIRM_TICKS) -> None:
        self.note, self.confirm_ticks = note, confirm_ticks
        self.held_because: str | None = "held-before-restart" if note.exists() else None
        self._is_noted = note.exists()
        self._away = timedelta()
        self._good = 0
        self._last: tuple[datetime, float] | None = None

    def may_send(self, now: datetime, steady_s: float) -> bool:
        """One look a tick: the wall clock's moment, and seconds on the clock that cannot jump."""
        last, self._last = self._last, (now, steady_s)
        jump = now - last[0] - timedelta(seconds=steady_s - last[1]) if last else timedelta()
        if abs(jump) > JUMP:
            self._jumped(jump, now)
        elif self.held_because:
            self._good += 1
            self._release_if_sure()
        return self.held_because is None

    def _jumped(self, jump: timedelta, now: datetime) -> None:
        self._away += jump
        self._good = 0
        if self.held_because and abs(self._away) <= JUMP:
            self._release("clock-came-back")
            return
        self.held_because = "clock-jumped"
        log.error("clock.jumped", seconds=round(jump.total_seconds()), reason="sending is held", path=str(self.note))
        mend = "Check this machine's clock. Delete this file when it is right; sending goes on at once."
        said = {"held_because": self.held_because, "since": now.isoformat(), "jump_s": round(jump.total_seconds()), "mend": mend}
        self._is_noted = False
        try:
            self.note.write_text(json.dumps(said))
        finally:  # a full disk may leave an empty one
            self._is_noted = self.note.exists()

    def _release_if_sure(self) -> None:
        if self._is_noted and not self.note.exists():  # a note that could not be written was deleted by nobody
            self._release("operator-confirmed")
        elif self._good >= self.confirm_ticks:
            self._release("clock-steady")

    def _release(self, why: str) -> None:
        self.held_because, self._away = None, timedelta()
        self.note.unlink(missing_ok=True)
        log.warning("clock.believed", reason=why)
