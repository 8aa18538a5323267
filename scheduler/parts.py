"""Puts the sender together: the clock of this process, the channels, and the conversation they append to."""

import sys
from typing import Any

from sqlalchemy import select

from care.channels.base import Ports
from care.channels.registry import make_channels, refuse_abroad
from care.content.library import Library
from care.conversation.record import write_lines
from care.kit.clock import Clock, clock_of
from care.kit.database import Database, Work
from care.kit.settings import Settings
from care.kit.together import Together
from care.messages.gate import Gate
from care.messages.notes import StoredNotes
from care.messages.reply import Reply
from care.people.tables import Patient, PatientKey
from care.speech.speaker import Speaker
from scheduler.dispatch import Dispatcher
from scheduler.outbound import Outbound
from scheduler.places import Places

Said = tuple[str, str, dict[str, Any]]


TURN_S = 0.0005  # after which a busy event loop lets the database's threads go on; Python's own 5 ms made each trip wait for it


def share_the_interpreter() -> None:
    """For a process that sends: its database answers while messages go out (docs/decisions/0019)."""
    sys.setswitchinterval(TURN_S)


def make_clock(settings: Settings) -> Clock:
    return clock_of(settings.clock_file)


def make_ports(database: Database) -> Ports:
    """Appends to the conversations the web app reads; lines said at the same moment share one commit."""

    async def write(work: Work, lines: list[Said]) -> None:
        patients, _keys = await _read_ahead(work, {patient_id for patient_id, _, _ in lines})
        for patient_id, key, content in lines:
            await write_lines(work, patients[patient_id], [(key, Reply.from_json(content))])

    lines = Together(database, write)

    async def append(patient_id: str, key: str, content: dict[str, Any]) -> None:
        await lines.add((patient_id, key, content))

    clock = database.clock
    return Ports(append, lambda name: StoredNotes(database, name), clock.now)


async def _read_ahead(work: Work, ids: set[str]) -> tuple[dict[str, Patient], list[PatientKey]]:
    """Patients and their keys in two statements.  While they are held, each line finds them in the session."""
    # Locked, as a turn locks its patient: a stream that resumes after line 9 must never meet line 8 later.
    patients = await work.session.scalars(select(Patient).where(Patient.id.in_(ids)).order_by(Patient.id).with_for_update())
    keys = await work.session.scalars(select(PatientKey).where(PatientKey.patient_id.in_(ids)))
    return {patient.id: patient for patient in patients}, list(keys)


def make_dispatcher(
    database: Database, library: Library, gate: Gate, senders: int = 1, settings: Settings | None = None
) -> Dispatcher:
    """Sends through every channel there is a folder for.  `settings`: with sound and links to it.  Raises NotConfigured."""
    channels = make_channels(make_ports(database))
    if settings:
        refuse_abroad(channels.values(), settings.region, settings.abroad_reason)
    places = Places.of(settings) if settings else Places()
    speaker = Speaker.of(settings, library.speeches) if settings else None
    return Dispatcher(database, library, channels, gate, senders, Outbound(database, channels, places, speaker))
