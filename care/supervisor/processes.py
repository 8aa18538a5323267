"""The three processes: started together, watched, restarted when one dies, stopped together."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from care.content.training import model_name
from care.kit.clock import stopwatch_s
from care.kit.settings import ROOT, Settings
from care.supervisor.logfiles import turn_over

START_WITHIN_S = 120.0
STOP_WITHIN_S = 20.0
RESTART_PAUSE_S = 1.0
LOOK_EVERY_S = 2.0
# All that a caged process inherits: no database address, no password, none of our settings.
CAGE_KEEPS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class DidNotStart(Exception):
    """A process ended or stayed silent while starting; says which, and where its log is."""


@dataclass
class Part:
    """One process and how to tell that it works."""

    name: str
    command: list[str]
    folder: Path
    healthy: Callable[[], Awaitable[bool]]
    environment: dict[str, str] = field(default_factory=dict)
    caged: bool = False
    once: bool = False  # ends by itself when its work is done
    page: str = ""  # a line for whoever started it: where its page is
    made_from: Callable[[], str] = lambda: ""  # names what it reads at its start: when that changes it starts again
    started_from: str = ""
    process: asyncio.subprocess.Process | None = None
    ready_after_s: float = 0.0

    @property
    def sees(self) -> dict[str, str]:
        """The whole environment of the process."""
        inherited = {name: os.environ[name] for name in CAGE_KEEPS if name in os.environ} if self.caged else dict(os.environ)
        return inherited | self.environment


def parts(settings: Settings, secret: str) -> list[Part]:
    """The web door, the scheduler and the assistant, in the order they are started."""
    python, bot = sys.executable, settings.bot
    heartbeat = settings.home / "scheduler.heartbeat"
    words = words_of(settings)
    cage = {"KAREZ_BOT_SECRET": secret, "KAREZ_BOT_PORT": str(settings.bot_port), "RASA_TELEMETRY_ENABLED": "false"}
    return [
        Part(
            "assistant",
            [str(bot / ".venv" / "bin" / "python"), "run.py"],
            bot,
            lambda: answers(f"{settings.bot_url}/webhooks/karez/health"),
            cage,
            caged=True,
            made_from=lambda: model_name(bot),
        ),
        Part("scheduler", [python, "-m", "scheduler"], ROOT, lambda: _has_beaten(heartbeat), words),
        Part("web", [python, "-m", "api"], ROOT, lambda: answers(f"http://{settings.host}:{settings.port}/healthz"), words),
    ]


def words_of(settings: Settings) -> dict[str, str]:
    """Where a part reads its words: the folder its supervisor checked, also when it is started again days later."""
    return {"KAREZ_CONTENT": str(settings.content.resolve())}


def sound_part(settings: Settings) -> Part:
    """Makes the library's sound while the others already serve: a second start finds it all and ends at once."""

    async def at_once() -> bool:
        return True

    return Part("speech", [sys.executable, "-m", "care.cli", "speak"], ROOT, at_once, words_of(settings), once=True)


async def answers(url: str) -> bool:
    """Whether an address answers 200 now."""
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as reply:
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _has_beaten(heartbeat: Path) -> bool:
    return os.path.exists(heartbeat)  # noqa: ASYNC240 - one look at a local file


class Supervisor:
    """Runs parts until told to stop.  A part that dies is started again; the others go on."""

    def __init__(self, all_parts: list[Part], logs: Path, say: Callable[[str], None]) -> None:
        self.parts, self.logs, self.say = all_parts, logs, say
        self.stopping = asyncio.Event()
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start everything and wait until all are healthy.  Raises DidNotStart."""
        begun = stopwatch_s()
        for part in self.parts:
            await self._spawn(part)
        await asyncio.gather(*(self._wait_healthy(part, begun) for part in self.parts))
        self._watchers = [asyncio.create_task(self._watch(part)) for part in self.parts]
        self._watchers.append(asyncio.create_task(self._renew()))

    async def add(self, part: Part) -> None:
        """Start one more beside those that are ready."""
        self.parts.append(part)
        await self._spawn(part)
        self._watchers.append(asyncio.create_task(self._watch(part)))

    async def run(self) -> None:
        """Wait for the stop signal, then stop everything."""
        await self.stopping.wait()
        await self.stop()

    async def stop(self) -> None:
        """Ask all to finish what they are doing; end by id what has not after STOP_WITHIN_S."""
        for watcher in self._watchers:
            watcher.cancel()
        running = [part.process for part in self.parts if part.process and part.process.returncode is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            await _ended(process)

    async def _spawn(self, part: Part) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        part.started_from = part.made_from()
        with (self.logs / f"{part.name}.log").open("ab") as log:
            part.process = await asyncio.create_subprocess_exec(
                *part.command,
                cwd=part.folder,
                env=part.sees,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop them in order
            )

    async def _wait_healthy(self, part: Part, begun: float) -> None:
        while not await part.healthy():
            if part.process and part.process.returncode is not None:
                raise DidNotStart(f"The {part.name} ended while starting. Read {self.logs / part.name}.log")
            if stopwatch_s() - begun > START_WITHIN_S:
                raise DidNotStart(f"The {part.name} is not ready after {START_WITHIN_S:.0f} s. Read {self.logs / part.name}.log")
            if self.stopping.is_set():
                return
            await asyncio.sleep(0.2)
        part.ready_after_s = stopwatch_s() - begun
        self.say(
            f"  {part.name:<10} ready after {part.ready_after_s:5.1f} s  (process {part.process.pid if part.process else '?'})"
        )

    async def _watch(self, part: Part) -> None:
        while True:
            assert part.process is not None
            code = await part.process.wait()
            if part.once:
                return
            self.say(f"  {part.name} ended with {code}; starting it again")
            await asyncio.sleep(RESTART_PAUSE_S)
            await self._spawn(part)

    async def _renew(self) -> None:
        """End a part that reads something newer at its next start; its watcher starts it again, the others go on."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for part in self.parts:
                turn_over(self.logs / f"{part.name}.log")
                if part.process and part.process.returncode is None and part.made_from() != part.started_from:
                    self.say(f"  {part.name} has something newer to read")
                    part.process.send_signal(signal.SIGTERM)
                    await _ended(part.process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for a process that was asked to end; by force after STOP_WITHIN_S."""
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
