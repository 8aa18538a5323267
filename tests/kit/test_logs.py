"""A log line names ids and reasons, never a person, their words, their language or their clock."""

import json
import subprocess
import sys

from care.kit.logs import ALLOWED, keep_allowed
from care.kit.settings import ROOT

PROXIES = {"language", "script", "form", "zone", "clock", "hour", "locale"}
PERSONAL = {"name", "patient_name", "phone", "birth_year", "text", "words", "evidence", "address", "password", "token", "code"}


def test_nothing_that_names_a_person_or_tells_where_they_come_from_is_on_the_list():
    assert ALLOWED.isdisjoint(PROXIES | PERSONAL)


def test_a_key_that_is_not_on_the_list_is_dropped_and_counted():
    entry = {"event": "message.sent", "message_id": "m1", "name": "Gul", "zone": "Asia/Urumqi"}

    assert keep_allowed(None, "info", entry) == {"event": "message.sent", "message_id": "m1", "count_dropped": 2}


def run_logging(program: str) -> list[dict[str, object]]:
    """What a fresh process writes, line by line: modules ask for their log before it is set up, as ours do."""
    lines = "from care.kit.logs import get_log, set_up_logs\nlog = get_log('test')\nset_up_logs(as_json=True)\n" + program
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_the_rule_holds_for_a_log_that_was_made_before_the_logs_were_set_up():
    [line] = run_logging("log.info('message.sent', message_id='m1', name='Gulnar', text='fever')")

    assert (line["event"], line["message_id"], line["level"], line["count_dropped"]) == ("message.sent", "m1", "info", 2)
    assert "Gulnar" not in json.dumps(line)
    assert str(line["timestamp"]).endswith("Z")


def test_the_traceback_of_an_error_is_not_written_because_it_may_quote_a_patient():
    [line] = run_logging("try:\n    raise ValueError('Gulnar has a fever')\nexcept ValueError:\n    log.exception('turn.failed')")

    assert line["event"] == "turn.failed"
    assert "Gulnar" not in json.dumps(line)
