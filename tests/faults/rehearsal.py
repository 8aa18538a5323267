"""A rehearsal: a receiver, scheduler processes, a hundredfold clock, patients who stop in between, and somebody who kills."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from care.kit.ids import new_id
from care.kit.settings import ROOT
from care.messages.service import mark_delivered
from care.messages.tables import Message
from care.people import consent
from care.people.tables import Patient
from tests.delivery.processes import environment_of, show_time
from tests.faults.history import ENDS, History, Seen, read_history, states_now, tries_of
from tests.faults.receiver import Manners
from tests.ports import free_port
from tests.ward import PHRASES, SAID, Ward

STEP_S = 0.1  # between two turns of the clock
FASTER = 100  # seconds of the ward's clock a second: two minutes of waiting for an answer pass in 1.2 s
LEASE_S = 1.0
CLAIM = 20
WAITING = {("due", "quiet-hours"), ("due", "daily-cap")}  # until the morning, until another day
SILENCERS = ("withdraw", "stop", "end")


@dataclass
class Rehearsal:
    """What a test holds while things break."""

    ward: Ward
    log: Path
    environment: dict[str, str]
    nursery: subprocess.Popen[str]
    dice: random.Random
    seen: Seen = field(default_factory=Seen)
    alive: dict[int, str] = field(default_factory=dict)  # process -> role
    kills: int = 0
    turned_at: float | None = None

    async def start(self, role: str) -> int:
        """A new scheduler process of a role, ready to work.  Returns its id."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(role + "\n")
        self.nursery.stdin.flush()
        said = {(await asyncio.to_thread(self.nursery.stdout.readline)).strip() for _ in range(2)}
        born = int((said - {"ready"}).pop())
        self.alive[born] = role
        return born

    def signal(self, process: int, number: int) -> None:
        assert f"PPid:\t{self.nursery.pid}\n" in Path(f"/proc/{process}/status").read_text(), "not ours, or it died by itself"
        os.kill(process, number)

    async def kill(self, process: int) -> str:
        """Its end, as power loss would make it.  Returns the role it had."""
        self.signal(process, signal.SIGKILL)
        self.kills += 1
        return self.alive.pop(process)

    async def ended(self, process: int, within_s: float = 25) -> None:
        """Until a process that was told to stop is gone."""
        async with asyncio.timeout(within_s):
            while os.path.exists(f"/proc/{process}"):  # noqa: ASYNC110, ASYNC240 - a process of another parent tells nobody
                await asyncio.sleep(0.02)
        del self.alive[process]

    async def patients(self, count: int) -> list[Patient]:
        return [await self.ward.patient(f"Gul {number}", channel="vendor") for number in range(count)]

    async def due(self, patients: list[Patient], count: int, over: timedelta = timedelta(), **more: object) -> None:
        """Reminders of all of them, falling due at random over a time.  One in ten is a notice, one in twenty soon of no use."""
        now, rows = self.ward.clock.now(), []
        for number in range(count):
            due_at = now + self.dice.random() * over
            is_notice, is_short = number % 10 == 9, number % 20 == 4
            useful = timedelta(days=2) if is_notice else timedelta(minutes=1) if is_short else timedelta(hours=12)
            rows.append(
                self._row(patients[number % len(patients)], due_at, useful, "education" if is_notice else "medicine", more)
            )
        async with self.ward.database.work() as work:
            work.session.add_all(rows)

    def _row(self, patient: Patient, due_at: datetime, useful: timedelta, kind: str, more: dict[str, object]) -> Message:
        values: dict[str, object] = {
            "id": new_id(),
            "key": new_id(),
            "clinic_id": patient.clinic_id,
            "patient_id": patient.id,
            "kind": kind,
            "phrase": PHRASES[kind],
            "arguments": SAID,
            "due_at": due_at,
            "next_at": due_at,
            "useful_until": due_at + useful,
            "created_at": due_at - timedelta(days=1),
        }
        return Message(**values | more)

    async def silence(self, patient: Patient) -> None:
        """A patient says no, or stop, or is gone; in the same transaction we see what had been tried."""
        how = self.dice.choice(SILENCERS)
        async with self.ward.database.work() as work:
            if how == "withdraw":
                await consent.record(work, patient, "reminders", False, "w", "vendor")
            else:
                row = await work.session.get_one(Patient, patient.id)
                setattr(row, "stopped_at" if how == "stop" else "ended_at", work.now)
                await work.session.flush()
            tried = await tries_of(work, patient.id)
        self.seen.silenced[patient.id] = tried

    async def pass_time(self) -> None:
        """A tenth of a second or more, a hundredfold on the ward's clock; some phones fetch what was sent."""
        await asyncio.sleep(STEP_S)
        now = time.monotonic()
        self.ward.clock.advance(timedelta(seconds=FASTER * (now - (self.turned_at or now))))
        self.turned_at = now
        show_time(self.ward)
        async with self.ward.database.look() as work:
            states = await states_now(work)
        self.seen.look(states)
        fetched = [each for each, state in states.items() if state == "sent" and self.dice.random() < 0.1]
        if fetched:
            async with self.ward.database.work() as work:
                await mark_delivered(work, fetched)
            self.seen.look(dict.fromkeys(fetched, "delivered"))

    async def until_all_ended(self, within_s: float) -> float:
        """Time goes on until nothing is open; who waits for a morning, or another day, gets it.  Returns the seconds it took."""
        begun = time.monotonic()
        while still_open := await self._open():
            assert time.monotonic() - begun < within_s, f"still open: {still_open}"
            if set(still_open) <= WAITING:
                await self._turn_to_next()
            await self.pass_time()
        return time.monotonic() - begun

    async def _turn_to_next(self) -> None:
        async with self.ward.database.look() as work:
            next_at = await work.session.scalar(select(func.min(Message.next_at)).where(Message.state == "due"))
        if next_at and next_at > self.ward.clock.now():
            self.ward.clock.turn_to(next_at)

    async def _open(self) -> Counter[tuple[str, str | None]]:
        async with self.ward.database.look() as work:
            rows = await work.session.execute(select(Message.state, Message.why).where(Message.state.not_in(ENDS)))
            return Counter((state, why) for state, why in rows)

    async def until_taken(self, count: int, within_s: float = 60) -> None:
        async with asyncio.timeout(within_s):
            while self._taken() < count:  # noqa: ASYNC110 - the receiver is another process
                await asyncio.sleep(0.01)

    def _taken(self) -> int:
        return self.log.read_text().count('"taken"') if self.log.exists() else 0

    async def history(self) -> History:
        async with self.ward.database.look() as work:
            self.seen.look(await states_now(work))
        return await read_history(self.ward.database, self.ward.clinic.id, self.log, self.seen)


@asynccontextmanager
async def rehearsing(
    ward: Ward,
    url: str,
    manners: Manners,
    *roles: str,
    engine: str = "memory",
    lease_s: float = LEASE_S,
    claim: int = CLAIM,
    ack_wait_s: float = 60.0,
) -> AsyncIterator[Rehearsal]:
    """Receiver and processes, ended by their ids when the block ends."""
    port, log = free_port(), ward.home / "vendor.jsonl"
    environment = environment_of(ward.home, url, ENGINE=engine)
    environment |= {"VENDOR_URL": f"http://127.0.0.1:{port}/send", "VENDOR_TAKES_KEY": "yes" if manners.takes_key else "no"}
    show_time(ward)
    nursing = ["tests.faults.sender", str(lease_s), str(claim), str(ack_wait_s)]
    with (
        _process(environment, "tests.faults.receiver", str(port), str(log), json.dumps(asdict(manners))) as _,
        _process(environment, *nursing, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery,
    ):
        rehearsal = Rehearsal(ward, log, environment, nursery, random.Random(manners.seed))
        await _until_listening(port)
        for role in roles:
            await rehearsal.start(role)
        yield rehearsal


class _process:
    """A module of the tests as a process, its complaints in a file of the ward's home."""

    def __init__(self, environment: dict[str, str], module: str, *arguments: str, **more: object) -> None:
        with (Path(environment["KAREZ_HOME"]) / f"{module}.log").open("ab") as complaints:
            streams = {"stdout": complaints, "stderr": complaints} | more
            command = [sys.executable, "-m", module, *arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **streams)  # type: ignore[call-overload]

    def __enter__(self) -> "subprocess.Popen[str]":
        return self.process  # type: ignore[no-any-return]

    def __exit__(self, *_: object) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()
        self.process.kill()
        self.process.wait()


async def _until_listening(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError("the receiver does not listen")


async def killing(rehearsal: Rehearsal, until: Awaitable[float], most: int = 1_000_000) -> float:
    """Kill one process 0.15 to 0.5 s after the last one was back, `most` times or until something is over."""

    async def kill_on() -> None:
        while rehearsal.kills < most:
            await asyncio.sleep(rehearsal.dice.uniform(0.15, 0.5))
            role = await rehearsal.kill(rehearsal.dice.choice(list(rehearsal.alive)))
            await rehearsal.start(role)

    task = asyncio.create_task(kill_on())
    try:
        return await until
    finally:
        task.cancel()


__all__ = ["ENDS", "Manners", "Rehearsal", "killing", "rehearsing"]
