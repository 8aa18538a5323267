"""One run of the delivery measurement: processes are started, let go at one second, and watched until all has arrived."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from care.kit.clock import stopwatch_s
from care.kit.database import make_engine
from care.kit.settings import ROOT
from care.messages.store import OPEN
from care.messages.tables import Attempt, Message
from care.supervisor.bench_herd import DUE
from care.supervisor.bench_report import Run
from care.supervisor.prepare import CannotStart

LEAD_S = 2.0  # our clock ticks a few times before anything is due
LOOK_EVERY_S = 0.03
GIVE_UP_S = 600.0


@dataclass(frozen=True)
class Sink:
    """The receiver, asked from outside."""

    url: str
    http: aiohttp.ClientSession

    async def told(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/told") as reply:
            return dict(await reply.json(content_type=None))


@dataclass
class Child:
    """One process of the measurement: it says when it is ready, is let go, and says what it cost."""

    process: asyncio.subprocess.Process
    log: Path

    async def says(self) -> str:
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode().strip()
        if not line:
            said = "\n".join(self.log.read_text().splitlines()[-20:])
            raise CannotStart(f"A process of the measurement ended before it was done. The last it said:\n{said}")
        return line

    def go_on(self) -> None:
        assert self.process.stdin
        self.process.stdin.write(b"\n")

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


async def start(environment: dict[str, str], *arguments: str, alone: bool = False) -> Child:
    """`alone`: nothing this hospital has set is handed on, so that no message can reach a real vendor."""
    pipe = asyncio.subprocess.PIPE
    log = Path(environment["HOME"]) / "bench.log"
    named = {f"KAREZ_{name}": value for name, value in environment.items()}
    inherited = {name: value for name, value in os.environ.items() if not (alone and name.startswith("KAREZ_"))}
    command = (sys.executable, "-m", "scheduler.bench", *arguments)
    with log.open("ab") as file:
        made = asyncio.create_subprocess_exec(*command, cwd=ROOT, env=inherited | named, stdin=pipe, stdout=pipe, stderr=file)
        return Child(await made, log)


@asynccontextmanager
async def running_sink(home: Path, latency_ms: float, cap: int) -> AsyncIterator[Sink]:
    child = await start({"HOME": str(home)}, "sink", str(latency_ms), str(cap))
    try:
        port = await child.says()
        async with aiohttp.ClientSession() as http:
            yield Sink(f"http://127.0.0.1:{port}", http)
    finally:
        await child.end()


async def run_once(kind: str, workers: int, given: dict[str, Any], environment: dict[str, str], sink: Sink) -> Run:
    """Ours begin at the due second of their clock, the others when they are let go."""
    (Path(environment["HOME"]) / "offset").unlink(missing_ok=True)  # of the run before: whoever is ready first would begin alone
    children = [await start(environment, role, json.dumps(given)) for role in _roles(kind, workers, environment["ENGINE"])]
    engine = make_engine(environment["DATABASE"])
    try:
        for child in children:
            await child.says()
        begun = await _begin(kind, children, Path(environment["HOME"]))
        ended = await _until_done(kind, given["count"], engine, sink)
        for child in children if kind == "ours" else ():
            child.go_on()
        costs = [json.loads(await child.says()) for child in children]
        if kind in ("raw", "jobs", "mark"):
            begun, ended = costs[0]["began"], costs[0]["ended"]
        return await _run(kind, given["count"], begun, ended, costs, engine, sink)
    finally:
        for child in children:
            await child.end()
        await engine.dispose()


def _roles(kind: str, workers: int, engine: str) -> list[str]:
    if kind != "ours":
        return [kind]
    return ["clock"] * workers if engine == "memory" else ["clock", *["worker"] * workers]


async def _begin(kind: str, children: list[Child], home: Path) -> float:
    """Let them go.  Returns the due moment on the steady clock."""
    if kind != "ours":
        _tell_clocks(home, -1.0)  # all is due already
        for child in children:
            child.go_on()
        return stopwatch_s()
    return stopwatch_s() + _tell_clocks(home, LEAD_S)


def _tell_clocks(home: Path, lead_s: float) -> float:
    """The due moment lies about so far ahead; exactly is given back, for clocks are moved by whole seconds."""
    real = time.time()  # house: clock - the due moment of the measurement is put a little into the real future
    ahead_s = round(DUE.timestamp() - real - lead_s)
    fresh = home / "offset.new"
    fresh.write_text(str(ahead_s))
    fresh.replace(home / "offset")
    return DUE.timestamp() - ahead_s - real


async def _until_done(kind: str, count: int, engine: AsyncEngine, sink: Sink) -> float:
    """Every key has arrived, and no row is open."""
    if kind != "ours":
        return 0.0
    give_up = stopwatch_s() + GIVE_UP_S
    while stopwatch_s() < give_up:
        if (await sink.told())["keys"] >= count and not await _is_any_open(engine):
            return stopwatch_s()
        await asyncio.sleep(LOOK_EVERY_S)
    raise CannotStart(f"After {GIVE_UP_S:.0f} s not everything has arrived.")


async def _is_any_open(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        found = await connection.execution_options(karez_begin="BEGIN DEFERRED")
        return (await found.scalar(select(Message.id).where(OPEN).limit(1))) is not None


async def _run(
    kind: str, count: int, begun: float, ended: float, costs: list[dict[str, Any]], engine: AsyncEngine, sink: Sink
) -> Run:
    told = await sink.told()
    async with engine.connect() as connection:
        attempts = await connection.scalar(select(func.count()).select_from(Attempt)) or 0
    return Run(
        kind=kind,
        count=count,
        seconds=ended - begun,
        first_s=told["first_at"] - begun,
        copies=told["copies"],
        lost=count - told["keys"],
        refused=told["refused"],
        attempts=attempts,
        rows=sum(sum(each["rows"].values()) for each in costs),
        commits=sum(each["commits"] for each in costs),
        peak_mb=max(each["peak_mb"] for each in costs),
        cpu_s=sum(each["cpu_s"] for each in costs),
    )
