"""Puts the sender together: the clock of this process, the channels, and the conversation they append to."""

from typing import Any

from care.channels.base import Ports
from care.channels.registry import make_channels
from care.content.library import Library
from care.conversation.record import write_line
from care.kit.clock import Clock, FileClock, SystemClock
from care.kit.database import Database, Work
from care.kit.settings import Settings
from care.messages.reply import Reply
from care.people.tables import Patient
from scheduler.dispatch import Dispatcher
from scheduler.together import Together

Said = tuple[str, str, dict[str, Any]]


def make_clock(settings: Settings) -> Clock:
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()


def make_ports(database: Database) -> Ports:
    """Appends to the conversations the web app reads; lines said at the same moment share one commit."""

    async def write(work: Work, lines: list[Said]) -> None:
        for patient_id, key, content in lines:
            patient = await work.session.get_one(Patient, patient_id)
            await write_line(work, patient, Reply.from_json(content), key)

    lines = Together(database, write)

    async def append(patient_id: str, key: str, content: dict[str, Any]) -> None:
        await lines.add((patient_id, key, content))

    return Ports(append)


def make_dispatcher(database: Database, library: Library, demo: bool) -> Dispatcher:
    """Sends through every channel there is a folder for."""
    return Dispatcher(database, library, make_channels(make_ports(database)), demo)
