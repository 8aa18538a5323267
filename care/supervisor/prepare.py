"""What must be true before the processes start: room on the disk, free ports, keys, database, assistant, first administrator."""

import shutil
import socket
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from care.channels.base import NotConfigured, Ports
from care.channels.notes import BriefNotes
from care.channels.registry import make_channels, refuse_abroad
from care.kit.clock import Clock, SystemClock
from care.kit.crypto import MasterKey, load_master_key
from care.kit.database import Database, Work, make_engine
from care.kit.ids import new_id
from care.kit.settings import ROOT, Settings
from care.people.staff import create_staff, make_signin_link
from care.people.tables import Clinic, Staff

FIRST_LOGIN = "admin"
ROOM_MB = 300  # a day of audio, logs and the database's journal


class CannotStart(Exception):
    """One clear sentence: what is wrong and how to mend it."""


def make_home(home: Path) -> None:
    """The folder of everything Karez writes.  A new one is its owner's alone: names are sealed, forms and clocks are not."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def check_disk(home: Path) -> None:
    """Refuse to start where the first write would fail half-way."""
    make_home(home)
    free_mb = shutil.disk_usage(home).free // 2**20
    if free_mb < ROOM_MB:
        raise CannotStart(f"The disk of {home} has {free_mb} MB left; Karez needs {ROOM_MB} MB. Free some space and start again.")


def check_port(host: str, port: int, setting: str) -> None:
    """Refuse to start on a port somebody else listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as wrong:
            raise CannotStart(
                f"Port {port} on {host} is busy ({wrong.strerror}). Stop the other program, or start with {setting}=<other port>."
            ) from wrong


def is_new(settings: Settings) -> bool:
    """Nothing was ever written: no database yet."""
    return not settings.database and not (settings.home / "karez.db").exists()


def check_assistant(bot: Path) -> None:
    """Refuse to start without the assistant's own Python."""
    if not (bot / ".venv" / "bin" / "python").exists():
        raise CannotStart("The assistant's Python 3.10 environment is missing (bot/.venv). Run `make up`, which installs it.")


async def check_channels(settings: Settings) -> list[str]:
    """The names of the channels that are set up.  Raises CannotStart for one that is so by half, or stands abroad unasked."""

    async def nowhere(address: str, key: str, content: dict[str, Any]) -> None:
        raise NotImplementedError("nothing is sent while settings are looked at")

    now = SystemClock().now
    try:
        channels = make_channels(Ports(nowhere, lambda name: BriefNotes(now), now))
        for channel in channels.values():
            await channel.close()
        refuse_abroad(channels.values(), settings.region, settings.abroad_reason)
    except NotConfigured as wrong:
        raise CannotStart(str(wrong)) from wrong
    return list(channels)


def open_keys(home: Path) -> MasterKey:
    return load_master_key(home / "master.key", create=not (home / "karez.db").exists())


async def migrate(url: str) -> None:
    """Bring the database to the newest migration."""
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:  # house: commit - the tables a unit of work needs are made here
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


def upgrade(connection: Connection) -> None:
    from alembic import command  # here: it takes a sixth of the time in which any process of Karez starts
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "care" / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def open_database(settings: Settings, clock: Clock) -> Database:
    """The database of the settings, with the keys that open it."""
    return Database(settings.database_url, clock, open_keys(settings.home))


async def first_administrator(database: Database, clinic_name: str, zone: str) -> str | None:
    """A one-time sign-in token for the administrator, made with a first clinic; None once somebody used one.

    A link that was missed, or lost in a start that failed, would leave a hospital outside its own console.
    """
    async with database.work() as work:
        first = await work.session.scalar(select(Staff).where(Staff.login == FIRST_LOGIN))
        if first is None:
            if await work.session.scalar(select(func.count()).select_from(Staff)):
                return None
            clinic = await add_clinic(work, clinic_name, zone)
            first = await create_staff(work, clinic.id, FIRST_LOGIN, "Administrator", "admin")
        return None if first.password_hash else await make_signin_link(work, first.id)


async def add_clinic(work: Work, name: str, zone: str) -> Clinic:
    """A clinic; the first one of a server keeps its content."""
    is_first = not await work.session.scalar(select(func.count()).select_from(Clinic))
    clinic = Clinic(id=new_id(), name=name, zone=zone, created_at=work.now, keeps_content=is_first)
    work.session.add(clinic)
    await work.session.flush()
    return clinic
