"""The look through all logs and databases at the end of a test run finds what it is there to find."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from tests import collecting
from tests.canaries import find_canaries
from tests.vendors import telegram


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"event": "message.failed", "reason": "Gul is away"}', "“Gul”"),
        (f"aiohttp: https://telegram.example/bot{telegram.TOKEN}/sendMessage", f"“{telegram.TOKEN}”"),
        ("GET https://telegram.example/bot123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "a bot's token"),
        ("called +77055555555 in vain", "a telephone number"),
        ("13712345678 is engaged", "a telephone number"),
        ("authorization: Bearer abcdefgh123", "a bearer's token"),
        ("POST /hooks/smsc?secret=abcdef", "a secret in an address"),
        ("GET /l/AAAAAAAAAAAAAAAAAAAAAA", "a link to a listening page"),
        ('{"error": "\\u0628\\u06d0\\u0634\\u0649\\u0645"}', "letters that are not Latin"),
    ],
)
def test_what_names_somebody_or_opens_something_is_found(line: str, what: str) -> None:
    assert what in list(find_canaries(line, is_ours=True))


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "message.sent", "message_id": "01KBN2Q4Z7Z8JX5R1T0E4N6M3A", "ms": 13.71234567891}',
        '{"event": "tick.ended", "timestamp": "2026-12-01T04:00:00.123456Z", "pid": 77001}',
        "/tmp/pytest-of-gulnar/test_gul_says0/karez.db",
        "http://127.0.0.1:13712/healthz",
    ],
)
def test_ids_measures_and_places_are_not(line: str) -> None:
    assert list(find_canaries(line, is_ours=True)) == []


def test_a_line_is_told_with_its_file_its_number_and_its_test(tmp_path: Path) -> None:
    file = tmp_path / "api-7.written"
    file.write_text('\0tests/some.py::test\nready\n  File "a.py", line 1\n    say("Gul")\nGul said\n')

    [found] = collecting.read_log(file)

    assert found.startswith(f"{file}:5: “Gul”: Gul said")
    assert found.endswith("tests/some.py::test")


def test_what_a_process_of_a_test_logs_is_collected_and_so_is_our_own() -> None:
    subprocess.run([sys.executable, "-c", "import logging; logging.error('a line of a child')"], check=True)
    structlog.get_logger().info("line.written", reason="of our own")

    files = Path(os.environ[collecting.VARIABLE]).iterdir()
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "a line of a child" in written
    assert "of our own" in written


def test_a_word_in_clear_is_found_in_a_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "planted.db") as database:
        database.execute("create table line (said_sealed blob, state text)")
        database.execute("insert into line values (?, 'open')", (b"\x01...qizitma...",))

    assert [each.split(": ", 1)[1] for each in collecting.read_databases([tmp_path / "planted.db"])] == [
        "line.said_sealed: “qizitma” in clear"
    ]
