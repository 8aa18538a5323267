"""A fourth language is one folder and one line of the language table: Kyrgyz, in a copy of the program."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from care.kit.settings import ROOT
from tests.content.breaking import change, rewrite

# house: letters 6 - Kyrgyz words to tell from the Kazakh ones they stand among, said to nobody
NAME, TITLE = "Кыргызча", "Эне сүтү менен үйдөгү тамак: ысытма болсо эмне кылуу керек"
LINE = f'    Form("ky-Cyrl", "ky", "Cyrl", "ltr", "{NAME}", authored=True),\n'
LETTERS = str.maketrans("қғәіұһҚҒӘІҰҺ", "кгаиухКГАИУХ")
MENU = "Төмөндөгүлөрдөн тандаңыз"
ASKED = "Мен Ошто турам, менин ысытмам көтөрүлүп жатат, эмне кылышым керек, айтып бериңизчи"
USE = r"""
import asyncio, json, re, sys
from typer.testing import CliRunner
from care.alarms.listen import Listener
from care.cli import app
from care.content.library import Library
from care.conversation.standing import standing_replies
from care.kit.settings import Settings
from care.languages.reading import read
from care.languages.table import FORMS, form
from care.speech.speaker import Speaker

def karez(*typed):
    said = CliRunner().invoke(app, ["content", *typed])
    return said.exit_code, said.stdout, said.stderr

settings = Settings()
library = Library.load(settings.content)
topic = library.topic("ky-Cyrl", "fever-infection")
asked = sys.argv[1]
chosen = read(asked, form("ky-Cyrl"))
clip = asyncio.run(Speaker.of(settings, library.speeches).speak(topic.title.spoken, "ky"))
checked, status = karez("check"), karez("status", "--json")[1]
fever = settings.content / "ky" / "topics" / "fever-infection.md"
fever.write_text(re.sub(r"(?<!\d)38(?!\d)", "39", fever.read_text("utf-8")), "utf-8")
print(json.dumps({
    "checked": checked,
    "status": status,
    "wrong": karez("check"),
    "forms": library.forms,
    "title": topic.title.text,
    "menu": library.phrase("ky-Cyrl", "menu").text,
    "chosen": [chosen.language, chosen.script],
    "taught": read(asked).language,
    "kazakh": read("менің қызуым көтеріліп жатыр, не істеуім керек", form("kk-Cyrl")).language,
    "heard": [flag.id for flag in Listener.load(library).hear("қызуым 39.2 градус", read("қызуым 39.2 градус", form("ky-Cyrl")))],
    "standing": sum(reply.form == "ky-Cyrl" for reply in standing_replies(library, "CN")),
    "seconds": clip.seconds,
    "voice": clip.voice,
}))
"""


@pytest.fixture(scope="module")
def copy(few_words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with one line more, and its words with one folder more: the Kazakh ones in Kyrgyz letters, some in Kyrgyz."""
    root = tmp_path_factory.mktemp("karez")
    shutil.copytree(ROOT / "care", root / "care", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(few_words, root / "content")
    for path in shutil.copytree(root / "content" / "kk", root / "content" / "ky").rglob("*.*"):
        path.write_text(path.read_text("utf-8").translate(LETTERS), "utf-8")
    change(root / "care" / "languages" / "table.py", '    Form("zh-Hans"', LINE + '    Form("zh-Hans"')
    rewrite(root / "content" / "ky" / "topics" / "fever-infection.md", "title", TITLE)
    rewrite(root / "content" / "ky" / "phrases.yml", "menu", MENU)
    rewrite(root / "content" / "ky" / "intents.yml", "greet", [ASKED, MENU, TITLE])
    return root


@pytest.fixture(scope="module")
def found(copy: Path) -> dict[str, Any]:
    """What the copy of the program finds, in one process: starting it takes longer than all it is asked."""
    environment = os.environ | {"PYTHONPATH": str(copy), "KAREZ_CONTENT": str(copy / "content"), "KAREZ_HOME": str(copy / "var")}
    typed = [sys.executable, "-c", USE, ASKED]
    used = subprocess.run(typed, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=170)
    assert used.returncode == 0, used.stderr
    return dict(json.loads(used.stdout.splitlines()[-1]))


def test_it_passes_the_check_and_stands_in_the_status(found: dict[str, Any]):
    code, warnings, told = found["checked"]

    assert code == 0, warnings
    assert "phrases in 4 languages" in told
    assert "content/languages.yml:1: warning: patients cannot ask for ky by its name" in warnings
    topics = json.loads(found["status"])["topics"]
    assert {tuple(each) for each in topics.values()} == {("kk", "ky", "ug", "zh")}
    assert topics["fever-infection"]["ky"]["text"]


def test_it_is_chosen_told_heard_and_spoken(found: dict[str, Any]):
    assert found["forms"] == ["ug-Arab", "ug-Latn", "kk-Cyrl", "kk-Arab", "ky-Cyrl", "zh-Hans"]
    assert (found["title"], found["menu"]) == (TITLE, MENU)
    assert found["chosen"] == ["ky", "Cyrl"]
    assert (found["taught"], found["kazakh"]) == ("ky", "kk")
    assert found["heard"] == ["rf-fever-on-treatment"]
    assert found["standing"] > 20
    assert found["seconds"] > 1
    assert "espeak" in found["voice"]


def test_a_number_that_differs_in_it_is_told_as_in_the_others(found: dict[str, Any]):
    code, problems, _ = found["wrong"]

    assert code == 1
    assert "content/ky/topics/fever-infection.md" in problems
    assert "the number 38.0 of zh is missing" in problems
