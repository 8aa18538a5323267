"""The whole product as an operator starts it: `karez up` in a process of its own, stopped by Ctrl-C."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from care.kit.settings import ROOT
from tests.ports import free_port

READY_WITHIN_S, STOPS_WITHIN_S = 90, 40
PART = re.compile(r"(assistant|scheduler|web|vendors) +ready after .* \(process (\d+)\)")


@dataclass
class Karez:
    """One running `karez up` and what it printed."""

    process: asyncio.subprocess.Process
    url: str
    assistant_url: str
    printed: list[str] = field(default_factory=list)

    @property
    def pids(self) -> dict[str, int]:
        return {found[1]: int(found[2]) for line in self.printed if (found := PART.search(line))}

    def code_of(self, form: str) -> str:
        found = re.search(rf"{form} +code (\S+)", "\n".join(self.printed))
        assert found, self.printed
        return found[1]

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.printed.append(line.decode().rstrip())

    async def until_printed(self, words: str, times: int = 1) -> None:
        async with asyncio.timeout(READY_WITHIN_S):
            while sum(words in line for line in self.printed) < times:
                assert self.process.returncode is None, "\n".join(self.printed)
                await asyncio.sleep(0.05)

    async def press_ctrl_c(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), STOPS_WITHIN_S)


def environment(home: Path, **settings: str) -> dict[str, str]:
    own = {"HOME": str(home), "PORT": str(free_port()), "BOT_PORT": str(free_port()), "SOUND_AHEAD": "false"} | settings
    return os.environ | {"PYTHONUNBUFFERED": "1"} | {f"KAREZ_{name}": value for name, value in own.items()}


async def start(home: Path, *more: str, **settings: str) -> Karez:
    """Begun, not yet ready."""
    seen = environment(home, **settings)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "care.cli", "up", *more),
        cwd=ROOT,
        env=seen,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return Karez(process, *(f"http://127.0.0.1:{seen[name]}" for name in ("KAREZ_PORT", "KAREZ_BOT_PORT")))


@asynccontextmanager
async def running(home: Path, *more: str, **settings: str) -> AsyncIterator[Karez]:
    """Ready, and ended when the block ends."""
    karez = await start(home, *more, **settings)
    reading = asyncio.create_task(karez.read())
    try:
        await karez.until_printed("all ready")
        yield karez
    finally:
        if karez.process.returncode is None:
            await karez.press_ctrl_c()
        await reading


async def outcome(home: Path, *more: str, **settings: str) -> tuple[int, str]:
    """Exit code and words of a start that is refused."""
    karez = await start(home, *more, **settings)
    await asyncio.wait_for(karez.read(), READY_WITHIN_S)
    return await karez.process.wait(), "\n".join(karez.printed)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
