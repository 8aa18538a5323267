"""What each demo patient will be told is written in the file beside this one; a change of it is read before it is kept."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from care.content.library import Library
from care.languages.table import FORMS
from care.messages.gate import Gate
from care.people.clocks import CLOCKS
from care.people.words import PlainWords
from care.plans.future import Future, Wish
from care.plans.telling import write_page
from care.supervisor.preview import second_form
from scheduler.places import Places
from scheduler.preview import preview
from tests.futures.stories import STORIES, Story
from tests.plans.conftest import both
from tests.plans.conftest import url as url  # SQLite, unless a story asks for both
from tests.ward import Message, Ward

HERE = Path(__file__).parent
WRITES = bool(os.environ.get("WRITE_FUTURES"))
MEND = "read the difference; if it is meant, `make futures` writes it down"


async def foretold(ward: Ward, story: Story, monkeypatch: pytest.MonkeyPatch) -> Future:
    for name, value in story.account.items():
        monkeypatch.setenv(name, value)
    patient = await story.live(ward)
    first = date.fromisoformat(story.first) if story.first else None
    wish = Wish(patient.id, ward.clock.now(), first, story.days, second_form(story.locale), story.answered)
    return await preview(ward.database, ward.library, Gate(demo=story.demo), wish, Places("https://karez.example", story.region))


def page(ward: Ward, story: Story, future: Future) -> str:
    return f"<!-- {story.about} -->\n{write_page(future, PlainWords(story.locale, ward.clock.now()))}"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_the_days_that_come_are_as_written(ward: Ward, story: Story, monkeypatch: pytest.MonkeyPatch):
    said, file = page(ward, story, await foretold(ward, story, monkeypatch)), HERE / f"{story.name}.md"

    if WRITES:
        file.write_text(said, encoding="utf-8")
    assert file.exists(), f"{file.name} is not there yet: {MEND}"
    assert said == file.read_text(encoding="utf-8"), f"{file.name}: {MEND}"


@both
async def test_they_are_the_same_from_either_database_and_nothing_of_it_is_touched(ward: Ward):
    story = STORIES[0]
    patient = await story.live(ward)
    before = [(each.id, each.state, each.attempt) for each in await ward.all(Message)]

    wish = Wish(patient.id, ward.clock.now(), date.fromisoformat(story.first), story.days, second_form(story.locale))
    future = await preview(ward.database, ward.library, Gate(demo=True), wish)

    assert page(ward, story, future) == (HERE / f"{story.name}.md").read_text(encoding="utf-8")
    assert [(each.id, each.state, each.attempt) for each in await ward.all(Message)] == before
    assert await ward.lines(patient) == []


def test_every_plan_form_and_clock_has_its_story(library: Library):
    assert {each.choice.template for each in STORIES} == set(library.plans)
    assert {each.form for each in STORIES} == set(FORMS)
    assert {each.zone for each in STORIES} == set(CLOCKS)


def test_every_file_has_its_story():
    assert {file.stem for file in HERE.glob("*.md")} == {each.name for each in STORIES}


async def test_a_patient_in_two_ways_is_told_which_comes_after_the_other(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    story = replace(next(each for each in STORIES if each.app == "wechat"), linked=True, days=1)
    future = await foretold(ward, story, monkeypatch)
    said = [each for each in future.entries if each.channel]

    assert {(each.channel, each.way, each.then) for each in said} == {("web", "line", ("wechat", "nurse"))}


async def test_nothing_goes_abroad_before_the_patient_agrees(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    story = replace(next(each for each in STORIES if each.app == "smsc"), region="CN", days=1)
    future = await foretold(ward, story, monkeypatch)

    assert {(each.channel, each.why) for each in future.entries} == {("", "shut")}
