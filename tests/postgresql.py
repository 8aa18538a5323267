"""A PostgreSQL server of our own for one test run: temporary folder, unix socket only, never as root."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

OWNER = "postgres"  # Debian's package makes this user; the server refuses to run as root


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    found += [Path(path) for path in [shutil.which("initdb")] if path]
    return found[0].parent if found else None


def need(what: object, reason: str) -> None:
    """Leave a test out with a reason on a laptop; never in CI."""
    if what:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI nothing may be left out")
    pytest.skip(reason)


def call(program: str, folder: Path, *arguments: str) -> None:
    """One of the server's programs on the data below a folder, never as root."""
    bin_folder = programs()
    assert bin_folder
    run_as = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"] if os.geteuid() == 0 else []
    command = [*run_as, str(bin_folder / program), "-D", str(folder / "data"), *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)


def start(folder: Path) -> None:
    options = f"-c listen_addresses='' -c fsync=on -k {folder}"
    call("pg_ctl", folder, "start", "--wait", f"--options={options}", f"--log={folder / 'server.log'}")


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
            start(folder)
            return
        except subprocess.CalledProcessError:
            if not tries_left:
                raise
            time.sleep(0.5)


@contextmanager
def running_server() -> Iterator[str]:
    """The folder of the socket of a fresh server."""
    need(programs(), "PostgreSQL is not installed (apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="karez-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER, OWNER)
    try:
        call("initdb", folder, "--username=karez", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        start(folder)
        try:
            yield str(folder)
        finally:
            call("pg_ctl", folder, "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(socket: str, name: str, template: str = "template1") -> str:
    """A new database on the server.  Returns its SQLAlchemy address."""
    with psycopg.connect(host=socket, user="karez", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    return f"postgresql+psycopg://karez@/{name}?host={socket}"
