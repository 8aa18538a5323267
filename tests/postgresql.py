"""A PostgreSQL server of our own for one test run: temporary folder, unix socket only, never as root."""

import os
import shutil
import subprocess
import tempfile
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


@contextmanager
def running_server() -> Iterator[str]:
    """The folder of the socket of a fresh server."""
    bin_folder = programs()
    need(bin_folder, "PostgreSQL is not installed (apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="karez-pg-"))
    run_as = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"] if os.geteuid() == 0 else []
    if run_as:
        shutil.chown(folder, OWNER, OWNER)

    def call(program: str, *arguments: str) -> None:
        command = [*run_as, str(bin_folder / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        call("initdb", "--username=karez", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c listen_addresses='' -c fsync=on -k {folder}"
        call("pg_ctl", "start", "--wait", f"--options={options}", f"--log={folder / 'server.log'}")
        try:
            yield str(folder)
        finally:
            call("pg_ctl", "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(socket: str, name: str, template: str = "template1") -> str:
    """A new database on the server.  Returns its SQLAlchemy address."""
    with psycopg.connect(host=socket, user="karez", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    return f"postgresql+psycopg://karez@/{name}?host={socket}"
