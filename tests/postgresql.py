"""A PostgreSQL server of our own for one test run: temporary folder, unix socket only, never as root."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import psycopg.sql
import pytest

from care.supervisor.local_servers import make_postgresql_database as make_database
from care.supervisor.local_servers import postgresql_programs, running_postgresql, start_postgresql

MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 * 2**30


def need(what: object, reason: str) -> None:
    """Leave a test out with a reason on a laptop; never in CI."""
    if what:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI nothing may be left out")
    pytest.skip(reason)


@contextmanager
def away(socket: str) -> Iterator[None]:
    """The server's first process is killed; at the end of the block it is started again on what the disk holds."""
    folder = Path(socket)
    postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    try:
        yield
    finally:
        _start_again(folder)


def _start_again(folder: Path) -> None:
    """The dead server's children hold its memory for a moment, and a new one refuses to start beside them."""
    for tries_left in reversed(range(10)):
        try:
            start_postgresql(folder)
            return
        except subprocess.CalledProcessError:
            if not tries_left:
                raise
            time.sleep(0.5)


@contextmanager
def running_server() -> Iterator[str]:
    """The folder of the socket of a fresh server."""
    need(postgresql_programs(), "PostgreSQL is not installed (apt install postgresql)")
    with running_postgresql(below=_in_memory()) as socket:
        yield socket


def _in_memory() -> Path | None:
    """Where Linux keeps files in memory, if there is room: a database is made there in a fifth of the time.

    No story here turns the power off; a server that is killed finds its files again.
    """
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


@contextmanager
def fresh_database(socket: str) -> Iterator[str]:
    """A copy of `empty` for one test, dropped after it: ten megabytes each would fill the memory."""
    name = f"t{secrets.token_hex(8)}"
    yield make_database(socket, name, template="empty")
    with psycopg.connect(host=socket, user="karez", dbname="postgres", autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name)))


__all__ = ["fresh_database", "make_database", "need", "running_server"]
