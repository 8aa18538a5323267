"""The assistant's only door: who may knock, what it answers, what it never does."""

import os
import subprocess

import pytest

from care.kit.settings import ROOT
from tests.assistant_process import SECRET, RunningAssistant
from tests.bot.conftest import Ask

pytestmark = pytest.mark.rasa
PYTHON = str(ROOT / "bot" / ".venv" / "bin" / "python")
# A real agent that was given no model: whatever it is asked fails inside.
ASK_WITHOUT_MODEL = """
import asyncio, surroundings
surroundings.settle()
from rasa.core.agent import Agent
from connector import answer
reply = asyncio.run(answer(Agent(), b'{"conversation": "c", "text": "salam", "language": "ug"}'))
print(reply.status, reply.body.decode())
"""


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_a_caller_without_the_secret_learns_nothing(ask: Ask, secret: str) -> None:
    assert ask("你好", secret=secret) == (401, {"error": "wrong secret"})


def test_an_answer_has_the_shape_of_the_contract(ask: Ask) -> None:
    status, answer = ask("恶心想吐怎么办")

    assert (status, set(answer)) == (200, {"acts", "intent", "intents", "topics"})
    assert answer["acts"] == [{"act": "show_topic"}]
    assert answer["intent"] == answer["intents"][0]
    assert [set(each) for each in answer["intents"]] == [{"name", "confidence"}] * 3
    assert [set(each) for each in answer["topics"]] == [{"id", "confidence"}] * 3
    assert answer["topics"][0]["id"] == "nausea-vomiting"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": " "}, "missing or empty: text"),
        ({"conversation": 7}, "missing or empty: conversation"),
        ({"language": "French"}, "language must be a tag such as ug"),
        ({"expecting": "money"}, "expecting must be one of none, dose, reason, language"),
        ({"text": "疼" * 501}, "text is longer than 500 characters"),
        ({"body": b"not json"}, "the body must be JSON"),
        ({"body": b"[]"}, "the body must be a JSON object"),
    ],
)
def test_a_bad_body_is_told_what_is_wrong(ask: Ask, fields: dict[str, object], says: str) -> None:
    assert ask(**{"text": "你好"} | fields) == (400, {"error": says})


@pytest.mark.parametrize("command", ["/stop", "/restart", "/session_start", " / /greet", '/dose_taken{"dose": 1}'])
def test_a_command_typed_by_a_patient_is_only_text(ask: Ask, command: str) -> None:
    assert ask(command) == ask(command.lstrip("/ "))


def test_a_text_of_nothing_known_is_not_understood(ask: Ask) -> None:
    for strange in ("กกก", "///", "😀😀", "\ud800"):
        assert ask(strange)[1]["acts"] == [{"act": "not_understood"}]


def test_a_bare_no_never_stops_the_messages(ask: Ask) -> None:
    for language, word in (("zh", "不"), ("zh", "不用"), ("ug", "yaq"), ("kk", "جوك")):
        assert ask(word, language)[1]["acts"] != [{"act": "stop_messages"}]


def test_the_log_never_holds_what_a_patient_wrote(ask: Ask, assistant: RunningAssistant) -> None:
    ask("我的秘密病情")
    ask("我的秘密病情", language="French")

    assert "秘密" not in assistant.log.read_text()


def test_a_failure_inside_is_a_failure_outside() -> None:
    done = subprocess.run([PYTHON, "-c", ASK_WITHOUT_MODEL], cwd=ROOT / "bot", capture_output=True, text=True, check=True)

    assert done.stdout.startswith('500 {"error":')


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"KAREZ_BOT_PORT": "5999", "KAREZ_BOT_SECRET": "short"}, "at least 32 characters"),
        ({"KAREZ_BOT_PORT": "", "KAREZ_BOT_SECRET": SECRET}, "KAREZ_BOT_PORT must be a port number"),
    ],
)
def test_it_refuses_to_start_half_configured(assistant: RunningAssistant, environment: dict[str, str], says: str) -> None:
    done = subprocess.run(
        [PYTHON, "run.py"], cwd=ROOT / "bot", env=os.environ | environment, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert says in done.stderr
