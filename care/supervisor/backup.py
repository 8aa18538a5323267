"""`karez backup`: one archive of everything that cannot be made again, taken while Karez runs."""

import os
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url

from care.kit.clock import SystemClock
from care.kit.settings import Settings
from care.supervisor.prepare import CannotStart, make_home

ERASED = "erased"  # a file for each patient who was erased, named by the id: an older copy does not know
# Words in service, recordings, what patients sent; sound, logs and what was learnt are made again.
FOLDERS = ("content", "studio", "attachments", ERASED)
SQLITE, POSTGRESQL = "karez.db", "karez.pgdump"
WAIT_S = 30.0  # for whoever is writing
Say = Callable[[str], object]


def back_up(settings: Settings, to: Path, keep: int, say: Say) -> None:
    """Write an archive into a folder and remove all but the newest `keep` there.  The master key is not in it.

    Raises CannotStart.
    """
    make_home(to)
    with tempfile.TemporaryDirectory(dir=to, prefix="making-") as name:
        dump = _dump(settings, Path(name))
        made = Path(name) / f"karez-{SystemClock().now():%Y%m%dT%H%M%S.%fZ}.tar.gz"
        with tarfile.open(made, "w:gz", compresslevel=1) as archive:
            archive.add(dump, dump.name)
            for folder in FOLDERS:
                if (settings.home / folder).is_dir():
                    archive.add(settings.home / folder, folder)
        made.chmod(0o600)
        to_disk(made)
        made.replace(to / made.name)  # whole, or not there
        to_disk(to)
    for old in sorted(to.glob("karez-*.tar.gz"))[:-keep]:
        old.unlink()
    say(str(to / made.name))


def _dump(settings: Settings, folder: Path) -> Path:
    if settings.database_url.startswith("sqlite"):
        return _dump_sqlite(Path(make_url(settings.database_url).database or ""), folder / SQLITE)
    run_libpq("pg_dump", settings.database_url, "--format=custom", f"--file={folder / POSTGRESQL}")
    return folder / POSTGRESQL


def _dump_sqlite(file: Path, copy: Path) -> Path:
    """A copy as of one moment, beside whoever writes; looked through before it counts as one."""
    if not file.exists():
        raise CannotStart(f"There is nothing to back up: {file} does not exist.")
    source, target = sqlite3.connect(file, timeout=WAIT_S), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    check_sqlite(copy)
    return copy


def check_sqlite(file: Path) -> None:
    """Raises CannotStart when a database file is not whole."""
    connection = sqlite3.connect(file)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as wrong:
        found = str(wrong)
    finally:
        connection.close()
    if found != "ok":
        raise CannotStart(f"The copy of the database is damaged ({found}). Take another one.")


def run_libpq(program: str, url: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs on the database of an address.  The password travels where no other user sees it."""
    address = make_url(url).set(drivername="postgresql")
    plain = address.set(password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    try:
        subprocess.run([program, f"--dbname={plain}", *arguments], env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own two programs
    except FileNotFoundError as wrong:
        raise CannotStart(f"{program} is not installed: install PostgreSQL's client programs of the server's version.") from wrong
    except subprocess.CalledProcessError as wrong:
        raise CannotStart(f"{program} failed: {wrong.stderr.strip()}") from wrong


def to_disk(path: Path) -> None:
    """Wait until a file or a folder's list of names would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
