"""What the tests of speech share: the real words, and a speaker with an empty store."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from care.speech.espeak import Espeak
from care.speech.speaker import Speaker
from care.speech.spelling import Speech

CONTENT = Path(__file__).parents[2] / "content"
RAW: dict[str, dict[str, Any]] = {
    language: yaml.safe_load((CONTENT / language / "speech.yml").read_text("utf-8")) for language in ("zh", "ug", "kk")
}


@pytest.fixture(scope="session")
def speeches():
    return {language: Speech.of(raw, f"content/{language}/speech.yml") for language, raw in RAW.items()}


@pytest.fixture(scope="session")
def raw():
    return RAW


@pytest.fixture
def content(tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "phrases.yml").write_text((CONTENT / "phrases.yml").read_text("utf-8"), "utf-8")
    return tmp_path / "content"


@pytest.fixture
def speaker(content, tmp_path):
    return Speaker(content, tmp_path / "audio", RAW)


class CountingEspeak(Espeak):
    """The real voice, which remembers what it was asked."""

    name = "counting"

    def __init__(self):
        self.asked = []

    def synthesise(self, text, language):
        self.asked.append(text)
        return super().synthesise(text, language)


@pytest.fixture
def counting():
    return CountingEspeak()
