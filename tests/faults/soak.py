"""`make soak`: the long kill runs, the kills at 40 % and the consent race, on both databases, as tables.  Seeds are printed.

python -m tests.faults.soak --minutes 10             # mixed runs with new seeds until the time is over
python -m tests.faults.soak --table --trials --race  # the three tables a release shows
"""

import asyncio
import logging
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import structlog
import typer

from care.content.library import Library
from care.kit.settings import ROOT
from care.supervisor.local_servers import running_nats
from care.supervisor.prepare import migrate
from tests.faults.history import broken_promises
from tests.faults.race import Race
from tests.faults.rehearsal import Manners, Rehearsal, killing, rehearsing
from tests.faults.test_kills import HARSH, SHORTLY_BEFORE_NIGHT
from tests.postgresql import make_database, running_server
from tests.ward import Ward, open_ward

TRIAL_LEASE_S = 6.0
SHAPES = {"SQLite, two clocks": ("clock", "clock"), "PostgreSQL + NATS, a clock, two workers": ("clock", "worker", "worker")}


@dataclass(frozen=True)
class Place:
    """Where a run takes place."""

    name: str
    ward: Ward
    url: str
    engine: str

    @property
    def roles(self) -> tuple[str, ...]:
        return SHAPES[self.name]


class Places:
    """Fresh databases, one after the other."""

    def __init__(self, socket: str, library: Library) -> None:
        self.socket, self.library = socket, library

    async def open(self, name: str, home: Path, engine: str = "memory") -> Place:
        key = home / "master.key"
        key.write_bytes(secrets.token_bytes(32))
        key.chmod(0o400)
        url = f"sqlite+aiosqlite:///{home / 'karez.db'}"
        if name.startswith("PostgreSQL"):
            url = make_database(self.socket, f"s{secrets.token_hex(6)}")
        await migrate(url)
        return Place(name, await open_ward(url, home, self.library), url, engine)


@contextmanager
def a_place(places: Places, name: str) -> Iterator[tuple[Path, str]]:
    """A home folder and the address of the engine that goes with a shape."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="karez-soak-")))
        nats = name.startswith("PostgreSQL")
        yield home, stack.enter_context(running_nats(home)) if nats else "memory"


async def kill_run(place: Place, seed: int, reminders: int, takes_key: bool) -> str:
    """One row of the table: everything at once, a kill every 0.15 to 0.5 s."""
    ward = place.ward
    ward.clock.turn_to(SHORTLY_BEFORE_NIGHT)
    manners = Manners(seed=seed, takes_key=takes_key, **HARSH)
    async with rehearsing(ward, place.url, manners, *place.roles, engine=place.engine) as rehearsal:
        patients = await rehearsal.patients(max(reminders // 10, 5))
        await rehearsal.due(patients, reminders, over=timedelta(minutes=5))
        took = await killing(rehearsal, _some_stop(rehearsal, patients))
        history = await rehearsal.history()
    figures = history.figures() | {"kills": rehearsal.kills, "seconds": round(took)}
    wrong = broken_promises(history, most_copies=1)
    said = ", ".join(f"{name} {value}" for name, value in figures.items())
    key = "drops second copies" if takes_key else "knows no keys"
    return f"{place.name}; vendor {key}; seed {seed}: {said}{''.join(f'\n  BROKEN {each}' for each in wrong)}"


async def _some_stop(rehearsal: Rehearsal, patients: list) -> float:
    for patient in patients[::10]:
        await rehearsal.pass_time()
        await rehearsal.silence(patient)
    return await rehearsal.until_all_ended(within_s=900)


async def trial(place: Place, seed: int, reminders: int) -> str:
    """kill -9 of one sender at 40 % of what is due at once; another one is running.  The vendor knows no keys."""
    manners = Manners(seed=seed, latency_s=0.05)
    roles = place.roles
    async with rehearsing(
        place.ward, place.url, manners, *roles, engine=place.engine, lease_s=TRIAL_LEASE_S, claim=50
    ) as rehearsal:
        await rehearsal.due(await rehearsal.patients(20), reminders)
        await rehearsal.until_taken(reminders * 4 // 10)
        await rehearsal.kill(list(rehearsal.alive)[-1])
        killed_at = time.monotonic()
        await rehearsal.until_all_ended(within_s=60)
        seconds = time.monotonic() - killed_at
        history = await rehearsal.history()
    figures = history.figures()
    wrong = broken_promises(history, most_copies=1)
    ok = "in time" if seconds <= TRIAL_LEASE_S + 2 else "LATE"
    said = f"lost {figures['lost']}, most copies {figures['most copies']}, to the nurse {figures['to the nurse']}"
    return f"{place.name}; seed {seed}: {said}, all ended {seconds:.1f} s after the kill ({ok}){' '.join(wrong)}"


async def race_run(place: Place, seed: int, times: int) -> str:
    race = await Race(place.ward, random.Random(seed)).run(times)
    return f"{place.name.split(',')[0]}; seed {seed}: {dict(race.order)}, sent after a withdrawal {len(race.sent_after)}"


def run(
    minutes: Annotated[float, typer.Option(help="Mixed runs with new seeds for so long.")] = 0,
    table: Annotated[bool, typer.Option(help="The table of random kills.")] = False,
    trials: Annotated[bool, typer.Option(help="Kills at 40 %.")] = False,
    race: Annotated[bool, typer.Option(help="The consent race.")] = False,
    reminders: int = 1_500,
    seeds: int = 3,
    first_seed: int = 1,
) -> None:
    """Run what was asked for, and print a line each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with running_server() as socket:
        places = Places(socket, Library.load(ROOT / "content"))
        numbers = range(first_seed, first_seed + seeds)
        if table:
            _each(places, numbers, lambda place, seed: kill_run(place, seed, reminders, takes_key=False))
            _each(places, numbers, lambda place, seed: kill_run(place, seed, reminders, takes_key=True))
        if trials:
            _each(places, range(first_seed, first_seed + 10), lambda place, seed: trial(place, seed, 200))
        if race:
            _each(places, numbers[:1], lambda place, seed: race_run(place, seed, 1_000))
        over = time.monotonic() + 60 * minutes
        while time.monotonic() < over:
            seed = secrets.randbelow(10**9)
            _each(places, [seed], lambda place, seed: kill_run(place, seed, 300, takes_key=bool(seed % 2)))


def _each(places: Places, seeds, what) -> None:
    for name in SHAPES:
        for seed in seeds:
            with a_place(places, name) as (home, engine):
                asyncio.run(_one(places, name, home, engine, seed, what))


async def _one(places: Places, name: str, home: Path, engine: str, seed: int, what) -> None:
    place = await places.open(name, home, engine)
    try:
        sys.stdout.write(await what(place, seed) + "\n")
    except AssertionError as wrong:
        sys.stdout.write(f"{name}; seed {seed}: BROKEN {wrong}\n")
    finally:
        sys.stdout.flush()
        await place.ward.database.close()


if __name__ == "__main__":
    typer.run(run)
