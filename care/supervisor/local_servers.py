"""A PostgreSQL and a NATS server for a measurement or a test: temporary folder, this machine only, ended with the block."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import psycopg.sql

from care.supervisor.assistant import free_port
from care.supervisor.prepare import CannotStart

OWNER = "postgres"  # Debian's package makes this user; the server refuses to run as root


def postgresql_programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    found += [Path(path) for path in [shutil.which("initdb")] if path]
    return found[0].parent if found else None


def _call(program: str, folder: Path, *arguments: str) -> None:
    """One of the server's programs on the data below a folder, never as root."""
    programs = postgresql_programs()
    if programs is None:
        raise CannotStart("PostgreSQL is not installed (apt install postgresql).")
    run_as = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"] if os.geteuid() == 0 else []
    command = [*run_as, str(programs / program), "-D", str(folder / "data"), *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def start_postgresql(folder: Path) -> None:
    """On what was made in a folder before."""
    options = f"-c listen_addresses='' -c fsync=on -k {folder}"
    _call("pg_ctl", folder, "start", "--wait", f"--options={options}", f"--log={folder / 'server.log'}")


@contextmanager
def running_postgresql(below: Path | None = None) -> Iterator[str]:
    """The folder of the socket of a fresh server, in the temporary folder or `below` another.

    Raises CannotStart where it is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="karez-pg-", dir=below))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER, OWNER)
    try:
        _call("initdb", folder, "--username=karez", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        start_postgresql(folder)
        try:
            yield str(folder)
        finally:
            _call("pg_ctl", folder, "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_postgresql_database(socket_folder: str, name: str, template: str = "template1") -> str:
    """A new database on the server.  Returns its SQLAlchemy address."""
    with psycopg.connect(host=socket_folder, user="karez", dbname="postgres", autocommit=True) as connection:
        new = psycopg.sql.SQL("create database {} template {}")
        connection.execute(new.format(psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)))
    return f"postgresql+psycopg://karez@/{name}?host={socket_folder}"


@contextmanager
def running_nats(folder: Path) -> Iterator[str]:
    """The address of a fresh server that keeps its streams in a folder.  Raises CannotStart where it is not installed."""
    program = shutil.which("nats-server")
    if program is None:
        raise CannotStart("nats-server is not installed (apt install nats-server).")
    port = free_port()
    command = [program, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder / "jetstream")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
    try:
        _wait_for(port)
        yield f"nats://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotStart("nats-server does not listen.")
