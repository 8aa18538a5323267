"""From the card to the last word, in each language and script: read the .talk files beside this one."""

import os
from pathlib import Path

import pytest

from tests.assistant_process import RunningAssistant
from tests.talks.player import Player, doings, head, region
from tests.ward import Ward
from tests.web import open_web

TALKS = sorted(Path(__file__).parent.glob("*/*.talk"))
WRITES = bool(os.environ.get("WRITE_TALKS"))
# What every language is shown to do.
TOLD = {"reminder", "dose_taken", "dose_snooze", "dose_missed", "show_topic", "alarm", "talk_to_nurse", "stop_messages"}


@pytest.fixture
def url(sqlite: str) -> str:
    """What is said does not depend on the database."""
    return sqlite


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: f"{talk.parent.name}/{talk.stem}")
async def test_the_talk_is_said_as_written(ward: Ward, audio: Path, assistant: RunningAssistant, talk: Path):
    written = read(talk)
    async with open_web(ward, audio, assistant, region=region(written)) as web:
        player = Player(web, await web.desk(), head(written))
        for who, what in doings(written):
            await player.play(who, what)

    said = "\n".join(player.written) + "\n"
    if WRITES:
        write(talk, said)
    assert said == written, f"{talk.name}: read the difference; if it is meant, WRITE_TALKS=1 pytest tests/talks"
    assert TOLD - {line["act"] for line in player.lines} == set()


def read(talk: Path) -> str:
    return talk.read_text(encoding="utf-8")


def write(talk: Path, said: str) -> None:
    talk.write_text(said, encoding="utf-8")


def test_every_form_patients_choose_at_first_has_its_talk():
    assert {talk.parent.name for talk in TALKS} >= {"ug", "kk", "kk-Arab", "zh"}
