"""A PostgreSQL server of our own for one test run: temporary folder, unix socket only, never as root."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from care.supervisor.local_servers import make_postgresql_database as make_database
from care.supervisor.local_servers import postgresql_programs, running_postgresql, start_postgresql


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
    with running_postgresql() as socket:
        yield socket


__all__ = ["make_database", "need", "running_server"]
