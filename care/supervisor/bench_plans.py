"""`karez bench plans`: looking 48 hours ahead for many patients, a tick that finds nothing, and a year behind them."""

import resource
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from care.alarms.rota import pass_on
from care.content.library import Library
from care.conversation.checkin_watch import watch
from care.kit.clock import HandClock, SystemClock, stopwatch_s
from care.kit.database import Database
from care.kit.settings import Settings
from care.messages.store import is_work_waiting
from care.plans.materialise import BATCH, materialise_some
from care.supervisor.crowd import add_year, make_crowd
from care.supervisor.prepare import CannotStart, migrate, open_database, open_keys

TEMPLATE = "capecitabine-14-7"
TRIES = 50
MOST_AGAIN = 2_000  # plans of a day that is looked at again, as many before the year as after it
Say = Callable[[str], object]


@dataclass(frozen=True)
class Looked:
    """What looking ahead took: plans, new messages, seconds."""

    plans: int
    made: int
    seconds: float

    def __str__(self) -> str:
        each = 1000 * self.seconds / max(1, self.plans)
        return f"{self.plans:7d} plans, {self.made:7d} messages, {self.seconds:7.1f} s, {each:6.2f} ms a plan"


async def bench_plans(settings: Settings, patients: int, history: int, say: Say) -> None:
    """Everything in a database of its own.  `history`: rows of a year, 0 for none.  Raises CannotStart on a used PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        own = settings.model_copy(update={"home": Path(folder), "clock_file": None})
        clock = HandClock(SystemClock().now())
        library = Library.load(own.content)
        open_keys(own.home)  # first: a database without a key looks like one whose key was lost
        await migrate(own.database_url)
        database = open_database(own, clock)
        try:
            await _measure(database, library, clock, patients, history, say)
        finally:
            await database.close()


async def _measure(database: Database, library: Library, clock: HandClock, patients: int, history: int, say: Say) -> None:
    await _check_empty(database)
    await make_crowd(database, library, patients, TEMPLATE)
    say(f"{patients} patients on {TEMPLATE}, {database.engine.dialect.name}")
    say(f"first look           {await _look(database, library, patients)}")
    await _tell_idle(database, library, say)
    clock.advance(timedelta(days=1))
    half = min(patients // 2, MOST_AGAIN)
    say(f"a day later          {await _look(database, library, half)}")
    if history:
        begun = stopwatch_s()
        added = await add_year(database, history)
        await _analyse(database)
        say(f"a year behind        {added:9d} rows in {stopwatch_s() - begun:.0f} s")
        say(f"a day later          {await _look(database, library, half)}")
    await _look(database, library, patients - half)
    await _tell_idle(database, library, say)
    say(f"peak memory          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


async def _check_empty(database: Database) -> None:
    async with database.look() as work:
        if await work.session.scalar(text("select 1 from patient limit 1")):
            raise CannotStart("This database holds patients. Point KAREZ_DATABASE at an empty one; the benchmark fills it.")


async def _analyse(database: Database) -> None:
    """As the database does by itself, some time after so many rows."""
    async with database.work() as work:
        await work.session.execute(text("analyze"))


async def _look(database: Database, library: Library, plans: int) -> Looked:
    """As the clock does it, a unit of work for every so many of these plans."""
    begun, made = stopwatch_s(), 0
    for _ in range(0, plans, BATCH):
        async with database.work() as work:
            made += (await materialise_some(work, library))[0]
    return Looked(plans, made, stopwatch_s() - begun)


async def _tell_idle(database: Database, library: Library, say: Say) -> None:
    say(f"a tick, nothing due  {await _times(lambda: _tick(database)):.2f} ms p50 of {TRIES}   (once a second)")
    say(f"a look, nothing new  {await _times(lambda: _minute(database, library)):.2f} ms p50 of {TRIES}   (once a minute)")


async def _times(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds, the median of TRIES."""
    times = []
    for _ in range(TRIES):
        begun = stopwatch_s()
        await work()
        times.append(1000 * (stopwatch_s() - begun))
    return median(times)


async def _tick(database: Database) -> None:
    async with database.look() as work:
        await is_work_waiting(work)


async def _minute(database: Database, library: Library) -> None:
    """What the clock does once a minute, in the same units of work."""
    async with database.work() as work:
        await pass_on(work)
    async with database.work() as work:
        await materialise_some(work, library)
    async with database.work() as work:
        await watch(work, library)
