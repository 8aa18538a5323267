"""When this machine's clock jumps, nothing is sent until the clock is steady, back, or confirmed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.guard import JumpGuard
from tests.ward import NOON, Ward

HOUR = timedelta(hours=1)


class Steps:
    """A guard that is shown one tick a second."""

    def __init__(self, note: Path, confirm_ticks: int = 3) -> None:
        self.guard = JumpGuard(note, confirm_ticks)
        self.wall, self.steady = NOON, 100.0

    def tick(self, jump: timedelta = timedelta(), ticks: int = 1) -> bool:
        self.wall += jump
        for _ in range(ticks):
            self.wall, self.steady = self.wall + timedelta(seconds=1), self.steady + 1
            sends = self.guard.may_send(self.wall, self.steady)
        return sends


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    made = Steps(tmp_path / "held")
    assert made.tick(ticks=10)
    return made


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_holds_sending_and_says_why(steps: Steps, jump: timedelta):
    assert not steps.tick(jump)
    assert json.loads(steps.guard.note.read_text())["held_because"] == "clock-jumped"


def test_a_slow_tick_and_a_small_step_hold_nothing(steps: Steps):
    steps.steady += 600
    assert steps.tick(timedelta(seconds=600))
    assert steps.tick(timedelta(minutes=4))


def test_a_clock_that_comes_back_is_believed_at_once(steps: Steps):
    steps.tick(HOUR)
    assert steps.tick(-HOUR)
    assert not steps.guard.note.exists()


def test_a_steady_clock_is_believed_after_some_good_ticks(steps: Steps):
    steps.tick(HOUR)
    assert not steps.tick(ticks=2)
    assert steps.tick()


def test_another_jump_begins_the_count_again(steps: Steps):
    steps.tick(HOUR, ticks=3)
    assert not steps.tick(HOUR, ticks=3)
    assert steps.tick()


def test_the_operator_confirms_by_deleting_the_note(steps: Steps):
    steps.tick(HOUR)
    steps.guard.note.unlink()
    assert steps.tick()


def test_a_note_that_could_not_be_written_was_deleted_by_nobody(tmp_path: Path):
    steps = Steps(tmp_path / "gone" / "held")
    steps.tick()
    with pytest.raises(FileNotFoundError):
        steps.tick(HOUR)

    assert not steps.tick(ticks=2)
    assert steps.tick()


def test_a_restart_does_not_lift_the_hold(steps: Steps):
    steps.tick(HOUR)
    again = Steps(steps.guard.note)
    assert not again.tick()
    assert again.tick(ticks=3)


async def test_a_held_scheduler_beats_but_does_not_send(ward: Ward):
    guard = JumpGuard(ward.home / "held", confirm_ticks=2)
    metronome = ward.metronome(guard=guard)
    await metronome.tick()
    gul = await ward.patient()
    reminder = await ward.due(gul)
    ward.clock.advance(HOUR)

    assert (await metronome.tick(), await metronome.tick()) == (0, 0)
    assert await ward.state(reminder) == ("due", None)
    assert metronome.heartbeat.read_text() == ward.clock.now().isoformat()

    await metronome.tick()
    assert await ward.state(reminder) == ("sent", None)
