"""Real scheduler processes for the tests that kill them, on a clock the test turns."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from care.kit.settings import ROOT
from tests.ward import Message, Ward

KILLED = 137


def environment_of(home: Path, url: str, **more: str) -> dict[str, str]:
    """The settings of a scheduler whose clock reads the ward's hand clock from a file."""
    ours = {"HOME": str(home), "DATABASE": url, "DEMO": "true", "TICK_S": "0.1", "LOG_JSON": "true"}
    ours |= {"CLOCK_FILE": str(home / "offset")} | more
    return os.environ | {f"KAREZ_{name}": value for name, value in ours.items()}


def show_time(ward: Ward) -> None:
    fresh = ward.home / "offset.new"  # replaced at once: who reads half a file would be in another year
    fresh.write_text(str(ward.clock.now().timestamp() - time.time()))
    fresh.replace(ward.home / "offset")


@contextmanager
def running(environment: dict[str, str], *arguments: str, module: str = "scheduler") -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended by its id when the block ends."""
    with (Path(environment["KAREZ_HOME"]) / f"{module}.log").open("ab") as log:
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until_started(environment: dict[str, str], count: int) -> None:
    """Until so many processes listen to signals: what is told to stop before that just dies."""
    log = Path(environment["KAREZ_HOME"]) / "scheduler.log"
    for _ in range(1_200):
        if log.read_text().count("scheduler.started") >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(log.read_text())


async def exit_code(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, 20)


async def until_sent(ward: Ward, tries: int = 200) -> None:
    """Time runs a hundred times faster until every message is sent."""
    for _ in range(tries):
        if {each.state for each in await ward.all(Message)} == {"sent"}:
            return
        ward.clock.advance(timedelta(seconds=10))
        show_time(ward)
        await asyncio.sleep(0.1)
    raise AssertionError([(each.state, each.why) for each in await ward.all(Message)])
