"""A part that has something newer to read starts again by itself, alone."""

import asyncio
import sys
from pathlib import Path

from care.supervisor.processes import Part, Supervisor

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


async def healthy() -> bool:
    return True


def part(name: str, folder: Path, reads: Path | None = None) -> Part:
    return Part(name, SLEEPS, folder, healthy, made_from=reads.read_text if reads else lambda: "")


async def test_an_assistant_that_was_taught_anew_starts_again_and_the_others_go_on(tmp_path: Path):
    model = tmp_path / "model"
    model.write_text("monday")
    assistant, web = part("assistant", tmp_path, model), part("web", tmp_path)
    supervisor = Supervisor([assistant, web], tmp_path / "logs", print)
    await supervisor.start()
    try:
        first, other = assistant.process, web.process
        model.write_text("tuesday")
        async with asyncio.timeout(60):
            while assistant.process is first:  # noqa: ASYNC110 - the supervisor says nothing when it did
                await asyncio.sleep(0.1)

        assert assistant.started_from == "tuesday"
        assert web.process is other
        assert first is not None
        assert first.returncode is not None
    finally:
        await supervisor.stop()
