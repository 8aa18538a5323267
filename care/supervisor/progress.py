"""How far a retraining has come: a small file that pages read, and a lock, so that nobody learns twice at once."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from care.kit.clock import stopwatch_s
from care.supervisor.prepare import CannotStart

# Where each step begins, in percent, and how many seconds it takes until a run has shown it.
STEPS = {"words": (0, 5.0), "assistant": (4, 90.0), "languages": (55, 10.0), "alarms": (62, 30.0), "start": (75, 30.0)}
STEPS |= {"measure": (85, 40.0), "done": (100, 1.0)}
ALMOST = 0.95  # of a step that takes longer than it did


@dataclass(frozen=True)
class Progress:
    """One retraining.  `state`: running, passed, failed (the gate: `fallen` says which figures), broken (`said` says why)."""

    state: str = "running"
    step: str = "words"
    percent: int = 0
    seconds: float = 0.0
    began_at: str = ""  # ISO, UTC
    said: str = ""
    fallen: tuple[dict[str, Any], ...] = ()
    measured: tuple[dict[str, Any], ...] = ()
    not_measured: tuple[str, ...] = ()  # topics nobody wrote a sentence about that measures
    took: dict[str, float] = field(default_factory=dict)  # seconds a step


class AlreadyLearning(CannotStart):
    """Another retraining is under way; its progress is shown."""

    def __init__(self) -> None:
        super().__init__("A retraining is under way already: wait until it has ended.")


def progress(home: Path) -> Progress | None:
    """The retraining under way, else the last one; None before the first.  One that was killed is broken, not running."""
    found = _read(home)
    if found and found.state == "running" and not is_running(home):
        return replace(found, state="broken", said="it was stopped before its end")
    return found


def is_running(home: Path) -> bool:
    """Whether anybody holds the lock; it is let go of by the system whatever happens to its holder."""
    try:
        with only_one(home):
            return False
    except AlreadyLearning:
        return True


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Held while learning.  Raises AlreadyLearning."""
    _folder(home).mkdir(parents=True, exist_ok=True)
    with (_folder(home) / "retrain.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as wrong:
            raise AlreadyLearning from wrong
        yield


class Report:
    """Writes how far it is."""

    def __init__(self, home: Path, began_at: str) -> None:
        before = _read(home)
        self._home, self._took = home, before.took if before else {}
        self._begun = self._step_begun = stopwatch_s()
        self.now = Progress(began_at=began_at)
        self.write()

    def enter(self, step: str) -> None:
        """The step before has ended."""
        spent = round(stopwatch_s() - self._step_begun, 1)
        self.now = replace(self.now, step=step, took=self.now.took | {self.now.step: spent})
        self._step_begun = stopwatch_s()
        self.write()

    def write(self, done: float | None = None) -> None:
        """`done`: how much of the step, 0 to 1; else it is guessed from the time it took before."""
        first, usual = STEPS[self.now.step]
        after = min((percent for percent, _ in STEPS.values() if percent > first), default=100)
        if done is None:
            done = min(ALMOST, (stopwatch_s() - self._step_begun) / (self._took.get(self.now.step) or usual))
        percent, seconds = first + int(done * (after - first)), round(stopwatch_s() - self._begun, 1)
        self.now = replace(self.now, percent=percent, seconds=seconds)
        self._put()

    def end(self, state: str, **more: Any) -> None:
        """passed, failed or broken."""
        self.enter("done" if state == "passed" else self.now.step)
        self.now = replace(self.now, state=state, seconds=round(stopwatch_s() - self._begun, 1), **more)
        self._put()

    def _put(self) -> None:
        file = _file(self._home)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self.now), ensure_ascii=False), encoding="utf-8")
        os.replace(fresh, file)


def _read(home: Path) -> Progress | None:
    try:
        stored = json.loads(_file(home).read_text(encoding="utf-8"))
        known: dict[str, Any] = {each.name: stored[each.name] for each in fields(Progress) if each.name in stored}
        known |= {name: tuple(known[name]) for name in ("fallen", "measured", "not_measured") if name in known}
        return Progress(**known)
    except (OSError, ValueError, TypeError):
        return None


def _folder(home: Path) -> Path:
    return home / "studio"


def _file(home: Path) -> Path:
    return _folder(home) / "retrain.json"
