"""Plays the days that come for one patient: the metronome itself, a clock turned by hand, and wires that only write.

`python -m scheduler.preview` reads a wish as JSON and writes what it found; care/supervisor/preview.py asks it.
"""

import asyncio
import logging
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import CompoundSelect, func, or_, select, union_all, update

from care.alarms.tables import Alert
from care.channels.base import Ports
from care.channels.notes import BriefNotes
from care.channels.registry import make_channels
from care.content.library import Library
from care.content.types import ContentBroken
from care.conversation.tables import CheckIn
from care.kit.clock import HandClock
from care.kit.crypto import KeyFileBad
from care.kit.database import Database, Work
from care.kit.settings import Settings, get_settings
from care.messages.facts import CHECK_IN
from care.messages.gate import Gate
from care.messages.store import OPEN
from care.messages.tables import Mention, Message
from care.messages.types import Skip, State
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.future import Foretold, Future, PreviewRefused, Wish, answers, wishes
from care.plans.occurrences import answer
from care.plans.problems import PlanProblem
from care.plans.tables import CarePlan, Occurrence
from care.speech.speaker import Speaker
from care.studio.serving import serve
from care.supervisor.prepare import open_database
from scheduler.apart import set_apart
from scheduler.clock import MATERIALISE_EVERY, Metronome
from scheduler.dispatch import Dispatcher
from scheduler.foreseen import Foreseen
from scheduler.foretell import Played, foretell
from scheduler.places import Places

NOWHERE = Places()
NEVER_BEGUN = timedelta(days=1)  # played before the first day that is shown: what began then may still be said on it


async def preview(
    database: Database,
    library: Library,
    gate: Gate,
    wish: Wish,
    places: Places = NOWHERE,
    speaker: Speaker | None = None,
) -> Future:
    """What will happen.  Raises PreviewRefused; the database is only read.

    Whoever is reached through an app is taken not to write there meanwhile: what is open is what they opened before.
    """
    async with database.look() as work:
        patient = await work.session.get(Patient, wish.patient_id)
    if patient is None:
        raise PreviewRefused([PlanProblem("patient-unknown", "patient", {"id": wish.patient_id})])
    if problems := list(wish.problems(patient.zone)):
        raise PreviewRefused(problems)
    clock = HandClock(wish.now)
    with TemporaryDirectory(prefix="karez-") as folder:
        async with set_apart(database, patient.id, clock) as apart:
            sending = make_foreseen(apart, clock, places, speaker)
            rehearsal = Rehearsal(apart, library, gate, sending, clock, Path(folder) / "heartbeat")
            played = await rehearsal.play(patient, wish)
            async with apart.look() as work:
                return await foretell(work, library, wish, played, list(sending.channels))


class Rehearsal:
    """One patient's scheduler and its clock."""

    def __init__(
        self, apart: Database, library: Library, gate: Gate, sending: Foreseen, clock: HandClock, heartbeat: Path
    ) -> None:
        self.apart, self.clock, self.played = apart, clock, Played(sent=sending.sent)
        dispatcher = Dispatcher(apart, library, sending.channels, gate, outbound=sending)

        async def dispatch(ids: list[str], owner: str) -> None:
            await dispatcher.send_batch(ids, owner)

        self.metronome = Metronome(apart, library, dispatch, heartbeat)

    async def play(self, patient: Patient, wish: Wish) -> Played:
        """From now, or from the day before the wish's first, to the end of its last day."""
        first = wish.first or local(wish.now, patient.zone).date()
        begin, end = (midnight(day, patient.zone) for day in (first, first + timedelta(days=wish.days)))
        if begin - NEVER_BEGUN > wish.now:
            await self._skip_to(begin - NEVER_BEGUN)
        async with self.apart.look() as work:
            self.played.before = frozenset(await _ended(work))
            self.played.alerts = frozenset(await work.session.scalars(select(Alert.id)))
        moment: datetime | None = self.clock.now()
        while moment and moment < end:
            self.clock.turn_to(moment)
            await self.metronome.tick()
            async with self.apart.work() as work:
                await self._see(work)
                if wish.answered:
                    await self._answer(work)
                moment = await _next(work)
        return self.played

    async def _skip_to(self, moment: datetime) -> None:
        """What lies between is taken as over, whatever came of it: nothing of it is said any more, or told to a nurse."""
        self.clock.turn_to(moment)
        async with self.apart.work() as work:
            await work.session.execute(update(CarePlan).values(since=moment, look_again_at=None))
            past = update(Message).where(OPEN, Message.due_at < moment)
            await work.session.execute(past.values(state=State.CLEARED, why=Skip.ENDED))
            await work.session.execute(update(CheckIn).where(CheckIn.ended.is_(None)).values(ended="done"))

    async def _see(self, work: Work) -> None:
        """What waits, and why; and what was given up just now."""
        waiting = select(Message.id, Message.why).where(OPEN, Message.why.is_not(None))
        self.played.held |= {row[0]: str(row[1]) for row in await work.session.execute(waiting)}
        for message_id in await _ended(work):
            self.played.ended.setdefault(message_id, work.now)

    async def _answer(self, work: Work) -> None:
        """Doses that were asked about are taken, and check-ins that fell due are filled in."""
        asked = {each.message_id for each in self.played.sent if each.at == work.now}
        named = select(Occurrence).join(Mention, Mention.occurrence_id == Occurrence.id)
        doses = named.where(Mention.message_id.in_(asked), Occurrence.kind == "medicine", Occurrence.answer.is_(None))
        for dose in await work.session.scalars(doses) if asked else ():
            await answer(work, dose, "taken")
        filled_in = update(CheckIn).where(CheckIn.ended.is_(None), CheckIn.due_at <= work.now)
        await work.session.execute(filled_in.values(ended="done", begun_at=work.now))


async def _ended(work: Work) -> list[str]:
    unsaid = (State.FAILED, State.UNKNOWN, State.CLEARED, State.MUTED, State.MISSED)
    return list(await work.session.scalars(select(Message.id).where(Message.state.in_(unsaid))))


async def _next(work: Work) -> datetime | None:
    """The next moment at which a tick would find something to do."""
    coming: CompoundSelect[datetime | None] = union_all(
        select(func.min(Message.next_at)).where(OPEN, Message.next_at > work.now),
        select(func.min(CarePlan.look_again_at)).where(CarePlan.look_again_at > work.now),
        select(func.min(Occurrence.due_at)).where(Occurrence.kind == CHECK_IN, Occurrence.due_at > work.now),
        select(func.min(CheckIn.ends_at)).where(CheckIn.ends_at > work.now),
        select(func.min(Occurrence.useful_until)).where(Occurrence.answer.is_(None), Occurrence.useful_until > work.now),
    )
    moments = [each for each in await work.session.scalars(coming) if each]
    late = select(CarePlan.id).where(or_(CarePlan.look_again_at.is_(None), CarePlan.look_again_at <= work.now))
    late = late.join(Patient).where(CarePlan.ended_at.is_(None), Patient.ended_at.is_(None))
    if await work.session.scalar(late.limit(1)):
        moments.append(work.now + MATERIALISE_EVERY)
    return min(moments, default=None)


def make_foreseen(apart: Database, clock: HandClock, places: Places, speaker: Speaker | None) -> Foreseen:
    """With the real channels, which only plan."""
    ports = Ports(nowhere, lambda name: BriefNotes(clock.now), clock.now)
    return Foreseen(apart, make_channels(ports), places, speaker, [])


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


async def nowhere(address: str, key: str, content: Mapping[str, Any]) -> None:
    raise AssertionError("a wire sends nothing")


async def answer_wish(settings: Settings, wish: Wish) -> Foretold:
    database = open_database(settings, HandClock(wish.now))
    try:
        served = await serve(database, settings)
        speaker = Speaker.of(settings, served.library.speeches)
        return Foretold(await preview(database, served.library, Gate.of(settings), wish, Places.of(settings), speaker))
    except PreviewRefused as refused:
        return Foretold(problems=tuple(refused.problems))
    finally:
        await database.close()


def main() -> None:
    # What is played here did not happen: no line of it may stand in a log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wish = wishes.validate_json(sys.stdin.read())
    try:
        told = asyncio.run(answer_wish(get_settings(), wish))
    except (ContentBroken, KeyFileBad) as wrong:
        sys.exit(str(wrong))
    sys.stdout.buffer.write(answers.dump_json(told))


if __name__ == "__main__":
    main()
