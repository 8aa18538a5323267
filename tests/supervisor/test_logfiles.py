"""Years of lines must not end in a full disk, and nobody restarts a service for its log."""

import subprocess
import sys
from pathlib import Path

from care.supervisor.logfiles import KEPT, turn_over


def test_a_log_that_is_still_small_is_left_alone(tmp_path: Path):
    log = tmp_path / "scheduler.log"
    log.write_text("a line\n")

    assert not turn_over(log, largest=100)
    assert not turn_over(tmp_path / "never-written.log")
    assert [each.name for each in tmp_path.iterdir()] == ["scheduler.log"]


def test_a_process_goes_on_writing_into_the_emptied_file(tmp_path: Path):
    log = tmp_path / "scheduler.log"
    says = "import sys\nprint('before', flush=True)\nsys.stdin.readline()\nprint('after', flush=True)"
    with log.open("ab") as file:
        process = subprocess.Popen([sys.executable, "-c", says], stdin=subprocess.PIPE, stdout=file)
    while not log.stat().st_size:
        pass

    assert turn_over(log, largest=1)
    process.communicate(b"\n", timeout=20)

    assert (tmp_path / "scheduler.log.1").read_text() == "before\n"
    assert log.read_text() == "after\n"


def test_no_more_than_so_many_are_kept_the_newest_first(tmp_path: Path):
    log = tmp_path / "door.log"
    for number in range(KEPT + 3):
        log.write_text(f"edition {number}")
        assert turn_over(log, largest=1)

    aside = sorted(each for each in tmp_path.iterdir() if each != log)
    assert [each.name for each in aside] == [f"door.log.{number}" for number in range(1, KEPT + 1)]
    assert [each.read_text() for each in aside] == [f"edition {KEPT + 2 - number}" for number in range(KEPT)]
