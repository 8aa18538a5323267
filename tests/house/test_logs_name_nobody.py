"""A log line holds ids, reasons and counts; a name, number, text, language, script or clock cannot get into one.

Why: logs travel further than records: to a screen, a ticket, a vendor. Language, script and clock stand for ethnicity.
Mend: log the id and a reason; a new key that names nobody goes on the list in care/kit/logs.py. Events are `noun.past_verb`.
Design: decision 3.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from care.conversation import turn
from care.kit.logs import ALLOWED, Frames, get_log, set_up_logs
from care.people.tables import Consent
from tests.house.house import ROOT, Finding, Source, judge, sources
from tests.ward import Ward

LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
EVENT = re.compile(r"^[a-z][a-z-]*\.[a-z][a-z-]*$")
NAMING = (
    *("name", "login", "phone", "birth", "address", "contact", "text", "words", "said", "evidence", "note", "title"),
    *("language", "lang", "locale", "script", "form", "direction", "zone", "clock", "hour", "tag", "reading", "canonical"),
)
SECRETS = {"name": "Gul", "phone": "13900000000", "text": "qizitma", "language": "ug", "script": "Arab", "zone": "Asia/Urumqi"}


def log_faults(source: Source) -> Iterator[Finding]:
    """Log calls with a made-up event, a sentence, or a key that would be dropped."""
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in LEVELS:
            continue
        if ast.unparse(node.func.value).split(".")[-1] not in ("log", "logger", "structlog"):
            continue
        event = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if not EVENT.match(str(event)) or len(node.args) != 1:
            yield source.at(node, f"the event {ast.unparse(node.args[0]) if node.args else ''} is not a plain noun.past_verb")
        for keyword in node.keywords:
            if keyword.arg not in ALLOWED:
                yield source.at(node, f"the key {keyword.arg} is not on the list and would be dropped")


def naming_keys() -> Iterator[Finding]:
    """Keys of the list that could name a person or stand for who they are."""
    file = "care/kit/logs.py"
    lines = next(each for each in sources("care") if each.file == file).lines
    for key in sorted(ALLOWED):
        if set(key.split("_")) & set(NAMING):
            yield Finding(file, next(n for n, line in enumerate(lines, 1) if f'"{key}"' in line), f"the list lets {key} through")


def test_logs_name_nobody() -> None:
    read = sources("care", "api", "scheduler")

    judge(__doc__, [*naming_keys(), *(each for source in read for each in log_faults(source))])


def test_a_log_call_that_names_somebody_is_found() -> None:
    sample = 'log.info("patient.registered", name=name)\nlog.info(f"{name} was here")\nself.log.error("It broke", count=1)\n'

    assert [each.line for each in log_faults(Source("care/sample.py", sample))] == [1, 2, 3]


@pytest.mark.parametrize("made", ["before", "after"])
def test_what_names_a_person_is_dropped_whenever_the_logger_was_made(made: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Modules ask for their log while they are imported, which is before the logs are set up."""
    before = structlog.get_config()
    early = get_log("early")
    try:
        set_up_logs(as_json=True)
        log = early if made == "before" else get_log("late")
        log.info("patient.registered", patient_id="p1", **SECRETS)
    finally:
        structlog.configure(**before)

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["patient_id"], line["count_dropped"]) == ("patient.registered", "p1", len(SECRETS))
    assert not set(SECRETS) & set(line)


def test_no_module_holds_a_logger_of_its_own_making() -> None:
    """A logger that is bound at import keeps the settings of that moment: none, and lets everything through."""
    assert type(turn.log).__name__ == "BoundLoggerLazyProxy"


async def test_an_error_of_the_database_quotes_no_values(ward: Ward) -> None:
    """PostgreSQL still says whose row it was, in the error's words: those never reach a log."""
    nobody = insert(Consent).values(patient_id="nobody", form="ug-Arab", purpose="reminders", given=True)
    async with ward.database.look() as work:
        with pytest.raises(IntegrityError) as broken:
            await work.session.execute(nobody)

    assert "ug-Arab" not in str(broken.value) or ward.database.engine.name == "postgresql"
    assert "ug-Arab" not in Frames().formatException((type(broken.value), broken.value, None))


def test_a_librarys_error_is_logged_with_its_place_and_without_its_words() -> None:
    program = """
import logging
from care.kit.logs import set_up_logs
set_up_logs(True)
try:
    try:
        int("qizitma")
    except ValueError as wrong:
        raise RuntimeError("Gul said qizitma") from wrong
except RuntimeError:
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "Exception in ASGI application" in done.stderr
    assert "ValueError" in done.stderr
    assert "line 9" in done.stderr
    assert "Gul" not in done.stderr
    assert "qizitma'" not in done.stderr
