"""Collects what every process of a test run logs, and looks through all of it, and through the databases, at the end.

Three sources: the log of the tests' own process (structlog before anything is dropped, and the libraries'), the standard
error of every Python process they start (tests/listeners), and log files in their folders.  A find fails the run.
"""

import json
import logging
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TextIO

import pytest
import structlog

from care.kit.clock import stopwatch_s
from care.kit.logs import Frames
from tests.canaries import LONG, PUBLIC, find_canaries

VARIABLE, LISTENERS = "KAREZ_TEST_LOGS", Path(__file__).parent / "listeners"
OURS = ("in-process", "api", "scheduler", "web", "care.cli-up")  # how files are called whose process serves
LOGS = ("*.log", "*/*.log", "*/*/*.log", "*/*/*/*.log")
DATABASES = ("*/karez.db", "*/*/karez.db")
LOOK_S = 3.0  # for databases: a sample, another one each time
FOUND: list[str] = []
COPY: list[TextIO] = []


def pytest_configure(config: pytest.Config) -> None:
    """Workers of xdist find the folder in their environment."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="karez-logs-")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(LISTENERS), os.environ.get("PYTHONPATH"))))
    COPY.append((Path(os.environ[VARIABLE]) / f"in-process-{os.getpid()}.log").open("a", encoding="utf-8", buffering=1))
    copying = Copying(COPY[0])
    copying.setFormatter(Frames("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(copying)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test may have set up the logs anew."""
    COPY[0].write(f"\0{item.nodeid}\n")
    processors = structlog.get_config()["processors"]
    if copy not in processors:
        structlog.configure(processors=[copy, *processors])


class Copying(logging.StreamHandler[TextIO]):
    """Leaves the record as it was: whoever formats an error first decides for all others."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(logging.makeLogRecord(record.__dict__ | {"exc_text": None}))


def copy(logger: Any, method: str, entry: dict[str, Any]) -> dict[str, Any]:
    """What is to be logged, before any key is dropped."""
    COPY[0].write(json.dumps(entry, default=repr, ensure_ascii=False) + "\n")
    return entry


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    folder, tests = Path(os.environ[VARIABLE]), session.config._tmp_path_factory.getbasetemp()
    FOUND.extend(each for file in [*folder.iterdir(), *_find(tests, LOGS)] for each in read_log(file))
    FOUND.extend(read_databases(_find(tests, DATABASES)))
    if FOUND:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    else:
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if FOUND:
        terminalreporter.section("what a log or a database gives away", red=True)
        for each in FOUND[:50]:
            terminalreporter.line(each)


def _find(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    """Each once: pytest names the newest folder of a test by a link besides."""
    return list({file.resolve() for pattern in patterns for file in folder.glob(pattern)})


def read_log(file: Path) -> Iterator[str]:
    """File, line, what it gives away, and the test that ran."""
    test, is_code = "", False
    is_ours = file.name.startswith(OURS)
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("\0"):
                test = line[1:].strip()
            elif not is_code:  # a line of source below its place in a traceback is a test's own
                for what in find_canaries(line, is_ours):
                    yield f"{file}:{number}: {what}: {line.strip()[:160]}  {test}"
            is_code = line.startswith('  File "')


def read_databases(files: list[Path]) -> Iterator[str]:
    """A sample, as many as can be looked through in LOOK_S."""
    ends = stopwatch_s() + LOOK_S
    for file in random.sample(files, len(files)):
        if stopwatch_s() > ends:
            return
        with suppress(sqlite3.Error):  # one that a test has broken on purpose
            yield from read_database(file)


def read_database(file: Path) -> Iterator[str]:
    """Columns in which something stands in clear that must be sealed or not there at all."""
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
        for table in sorted(tables.difference(PUBLIC)):
            rows = database.execute(f'select * from "{table}"')
            columns = [each[0] for each in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    yield from (f"{file}: {table}.{column}: “{each}” in clear" for each in in_clear(value))


def in_clear(value: object) -> Iterator[str]:
    if isinstance(value, bytes):
        yield from (each for each in LONG if each.encode() in value)
    elif isinstance(value, str):
        yield from (each for each in LONG if each in value)
