"""Reads what happened - the vendor's log, the database, the nurse's list - and says which of the promises P1 to P6 was broken."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from care.alarms.service import worklist
from care.kit.database import Database, Work
from care.messages.overview import undelivered
from care.messages.tables import Attempt, Message
from care.people.clocks import local
from care.people.tables import Patient

ENDS = {"sent", "delivered", "read", "failed", "cleared", "muted", "missed", "unknown"}
FOR_THE_NURSE = {"failed", "missed", "unknown"}
OUT = {"sent", "delivered", "read"}
CLIMBS = {"sent": 1, "failed": 2, "delivered": 3, "read": 4}
NIGHT = ("22:00", "07:30")  # said here once more on purpose: a checker that asks the checked knows nothing
Tries = frozenset[tuple[str, int]]  # (message id, number of the attempt)


@dataclass
class Seen:
    """What was written down while things broke."""

    silenced: dict[str, Tries] = field(default_factory=dict)  # patient -> their tries when the stop was committed
    states: dict[str, list[str]] = field(default_factory=dict)  # message -> each state it was seen in, in order

    def look(self, states: dict[str, str]) -> None:
        for message_id, state in states.items():
            known = self.states.setdefault(message_id, [])
            if known[-1:] != [state]:
                known.append(state)


@dataclass(frozen=True)
class History:
    """Everything that is known afterwards."""

    messages: list[Message]
    attempts: list[Attempt]
    patients: dict[str, Patient]
    nurse: set[str]  # messages on her list of undelivered
    called_for: set[str]  # patients with an open entry on her worklist
    log: list[dict[str, str]]
    seen: Seen

    @property
    def copies(self) -> Counter[str]:
        """By message: what the vendor took and did not drop."""
        return Counter(each["key"].removeprefix("message:") for each in self.log if each["did"] == "taken")

    @property
    def arrivals(self) -> Counter[str]:
        """By message: what the vendor took, dropped copies too."""
        return Counter(each["key"].removeprefix("message:") for each in self.log if each["did"] in ("taken", "dropped"))

    def figures(self) -> dict[str, int]:
        ended = Counter(each.state for each in self.messages)
        open_ones = sum(count for state, count in ended.items() if state not in ENDS)
        out = {each.id for each in self.messages if each.state in OUT}
        return {
            "reminders": len(self.messages),
            "lost": open_ones + len(out - set(self.copies)),
            "most copies": max(self.copies.values(), default=0),
            "most arrivals": max(self.arrivals.values(), default=0),
            "to the nurse": len(self.nurse),
            "silenced": ended["cleared"] + ended["muted"],
            "missed": ended["missed"],
        }


async def read_history(database: Database, clinic_id: str, log: Path, seen: Seen) -> History:
    async with database.look() as work:
        patients = {each.id: each for each in await work.session.scalars(select(Patient))}
        names = {card.patient_id for card in await worklist(work, clinic_id) if card.flag == "undelivered"}
        return History(
            list(await work.session.scalars(select(Message))),
            list(await work.session.scalars(select(Attempt))),
            patients,
            {each.message_id for each in await undelivered(work, clinic_id, limit=1_000_000)},
            names,
            _lines(log),
            seen,
        )


def _lines(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


async def tries_of(work: Work, patient_id: str) -> Tries:
    """What was tried for a patient up to now; read inside the transaction that silences them, it is exact."""
    mine = select(Attempt.message_id, Attempt.number).join(Message, Message.id == Attempt.message_id)
    return frozenset((row[0], row[1]) for row in await work.session.execute(mine.where(Message.patient_id == patient_id)))


async def states_now(work: Work) -> dict[str, str]:
    return {row[0]: row[1] for row in await work.session.execute(select(Message.id, Message.state))}


def broken_promises(history: History, most_copies: int) -> list[str]:
    """One sentence each; an empty list is what every test of this folder ends with."""
    checks = (_lost, _twice, _after_a_stop, _at_night, _backwards)
    return [each for check in checks for each in check(history, most_copies)]


def _lost(history: History, _: int) -> Iterator[str]:
    """P1: an end with a reason, and what ended badly is the nurse's."""
    tried = Counter(each.message_id for each in history.attempts)
    for each in history.messages:
        if each.state not in ENDS:
            yield f"P1: {each.id} ended nowhere, it is {each.state}"
        if each.state in OUT and not history.copies[each.id]:
            yield f"P1: {each.id} is {each.state} and the vendor never took it"
        if each.state not in OUT and not each.why:
            yield f"P1: {each.id} is {each.state} without a reason"
        if each.state in FOR_THE_NURSE and each.id not in history.nurse:
            yield f"P1: {each.id} is {each.state} and not on the nurse's list"
        if each.state in FOR_THE_NURSE and each.patient_id not in history.called_for:
            yield f"P1: nobody is told to look after {each.patient_id}"
        if history.arrivals[each.id] > tried[each.id]:
            yield f"P1: {each.id} reached the vendor without an attempt written down"


def _twice(history: History, most: int) -> Iterator[str]:
    """P2: copies the patient can see, and tries of which each may be a copy."""
    yield from (f"P2: {each} was seen {count} times" for each, count in history.copies.items() if count > most)
    yield from (f"P2: {each} arrived {count} times" for each, count in history.arrivals.items() if count > 2)
    yield from (f"P2: the vendor calls a message malformed: {each}" for each in history.log if each["did"] == "malformed")


def _after_a_stop(history: History, _: int) -> Iterator[str]:
    """P3: after the commit of a stop no attempt began.  `to` in the log is the patient."""
    owner = {each.id: each.patient_id for each in history.messages}
    for each in history.attempts:
        before = history.seen.silenced.get(owner[each.message_id])
        if before is not None and (each.message_id, each.number) not in before:
            yield f"P3: attempt {each.number} of {each.message_id} began after its patient was silenced"


def _at_night(history: History, _: int) -> Iterator[str]:
    """P4: an attempt in the quiet hours is a dose's or urgent, and none begins after its time."""
    by_id = {each.id: each for each in history.messages}
    for each in history.attempts:
        message = by_id[each.message_id]
        if each.started_at >= message.useful_until:
            yield f"P4: {message.id} was tried when it was of no use any more"
        if message.kind != "medicine" and not message.urgent and _is_night(each.started_at, history.patients[message.patient_id]):
            yield f"P4: {message.id} was tried at night"


def _is_night(moment: datetime, patient: Patient) -> bool:
    clock = f"{local(moment, patient.zone):%H:%M}"
    return clock >= NIGHT[0] or clock < NIGHT[1]


def _backwards(history: History, _: int) -> Iterator[str]:
    """P6: what ended never opens again, and a status only climbs."""
    for message_id, states in history.seen.states.items():
        for before, after in pairwise(states):
            if (before in ENDS and after not in ENDS) or CLIMBS.get(after, 0) < CLIMBS.get(before, 0):
                yield f"P6: {message_id} went from {before} to {after}"
