"""The studio in a real browser: a text is written, spoken, signed and published, and falls behind when its source changes."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.app import build_app
from api.serve import make_server
from api.state import Door, ready
from care.content.library import Library
from care.content.reading import page_from
from care.content.types import Problems
from care.conversation.assistant import RasaAssistant
from care.kit.settings import ROOT, Settings
from care.people.patients import NewPatient, register
from care.people.staff import make_signin_link
from care.speech.encode import decode_seconds
from care.studio.serving import serve
from tests.browser.chromium import Chromium, Window
from tests.browser.people import DESK, PHONE, Caller
from tests.content.conftest import few_words, once, words
from tests.ports import free_port
from tests.studio.people import Studio, open_studio
from tests.ward import Ward
from tests.web import PASSWORD, Web, serving

__all__ = ["few_words", "once", "words"]
PLACE = "topics/fever-infection.md"
OURS = "/studio/text/ug/" + PLACE
SPEAK_S = 2.5
INPUT = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))"
CELL = f"[data-place='{PLACE}'] [data-language=ug]"
PLAYED = "return document.querySelector('#taken').readyState > 0"
SOUND = """
const answer = await fetch(arguments[0]);
return Array.from(new Uint8Array(await answer.arrayBuffer()));
"""


@dataclass
class Editor(Window):
    """Somebody of the studio at a desk."""

    async def sign_in(self, web: Web, staff_id: str, language: str) -> None:
        async with web.ward.database.work() as work:
            token = await make_signin_link(work, staff_id)
        await self.go(f"/console/welcome?token={token}&lang={language}")
        await self.fill("[name=password]", PASSWORD)
        await self.click("form .main")
        await self.find(".board")

    async def write(self, field: str, said: str) -> None:
        await self.run(INPUT, await self.find(f"[data-field='{field}'] :is(input, textarea)"), said)

    async def speak(self, seconds: float = SPEAK_S) -> None:
        """Record for a while, listen to it, keep it."""
        await self.click("#record")
        await asyncio.sleep(seconds)
        await self.click("#record")
        await self.until(PLAYED)
        await self.click("#keep")
        await self.find(".recording")

    async def step(self, button: str, state: str) -> None:
        await self.click(button)
        await self.find(f"#state[data-state='{state}']")


@pytest.fixture
async def studio(ward: Ward, words: Path) -> Studio:
    """The Uyghur text of one topic has not been written yet."""
    (words / "ug" / PLACE).unlink()
    return await open_studio(ward, words)


@pytest.fixture
async def open_door(studio: Studio, audio: Path) -> AsyncIterator[Web]:
    """The web door as the program opens it: it follows what is published."""
    settings = Settings(home=studio.ward.home, content=studio.settings.content, port=free_port(), bot_port=free_port(), demo=True)
    served = await serve(studio.ward.database, settings)
    nobody = RasaAssistant(settings.bot_url, "nobody")
    door = Door(settings, studio.ward.database, served.library, *ready(settings, studio.ward.database, nobody, served))
    async with serving(make_server(build_app(door, door.follow(served)), settings)):
        yield Web(settings.address, studio.ward, door)


@pytest.fixture
async def editor(chromium: Chromium, open_door: Web) -> AsyncIterator[Editor]:
    """One desk, at which one person signs in after the other."""
    window = Editor(chromium, open_door.url, *DESK)
    yield window
    await window.close()


@pytest.fixture
async def phone(chromium: Chromium, open_door: Web) -> AsyncIterator[Caller]:
    window = Caller(chromium, open_door.url, *PHONE)
    yield window
    await window.close()


async def test_a_topic_is_written_spoken_signed_asked_for_and_falls_behind(
    studio: Studio, open_door: Web, editor: Editor, phone: Caller
) -> None:
    said = written_in_uyghur()
    await editor.sign_in(open_door, studio.people["aliya"].staff_id, "ug")
    assert await editor.direction() == "rtl"
    await write_and_speak(editor, said)

    await editor.sign_in(open_door, studio.people["rena"].staff_id, "zh")
    await editor.go(OURS)
    await editor.click(".recording form[action$='/heard'] button")
    await editor.find(".recording form[action$='/remove'] button")
    await editor.step("#sign", "signed")
    before = open_door.door.library
    await editor.step("#publish", "published")
    await until_newer(open_door, before)

    await must_be_told_and_heard(open_door, phone, said)
    await change_the_source(studio, open_door)
    await must_be_behind_and_silent(editor)
    assert (await editor.complained(), await phone.complained()) == ([], [])


def written_in_uyghur() -> dict[str, str]:
    """The fields as somebody types them."""
    text = (ROOT / "content" / "ug" / PLACE).read_text(encoding="utf-8")
    page = page_from("content/ug/" + PLACE, text, Problems())
    values = page.values
    fields = {"title": values["title"], "summary": values["summary"], "body": page.body}
    return (
        fields | {f"call.{when}": line for when, line in values["call"].items()} | {"questions": "\n".join(values["questions"])}
    )


async def write_and_speak(translator: Editor, said: dict[str, str]) -> None:
    """Found on the board, checked while it is typed, saved, spoken and sent to review."""
    assert await translator.run("return arguments[0].dataset.standing", await translator.find(CELL)) == "missing"
    await translator.click(f"{CELL} a")
    await translator.find("#words .source")
    await translator.write("title", "<b>")
    await translator.find("[data-field=title] .problems li")
    for field, value in said.items():
        await translator.write(field, value)
    await translator.find("#bubbles .bubble[dir=rtl] h2", said["title"])
    await translator.must_fit()
    await translator.click("#save")
    await translator.until("return document.querySelector('#recorder').dataset.seen > 0")
    await translator.speak()
    await translator.step("#submit", "in review")


async def must_be_told_and_heard(web: Web, phone: Caller, said: dict[str, str]) -> None:
    """A patient asks in their own words, and hears the person who spoke the text."""
    async with web.ward.database.work() as work:
        person = NewPatient("Aygul", "ug-Arab", "Asia/Shanghai")
        patient = await register(work, web.ward.clinic.id, web.ward.nurse_id, person)
    await phone.join(web, patient, "ug-Arab")
    await phone.say(said["questions"].splitlines()[0])
    bubble = await phone.find("[data-act=show_topic]")
    told = await phone.run("return arguments[0].querySelector('h2').textContent", bubble)
    assert re.sub("[\u2066-\u2069]", "", told) == said["title"]
    address = await phone.run("return arguments[0].querySelector('audio').src", bubble)
    sound = bytes(await phone.run(SOUND, address))
    assert SPEAK_S - 1 < decode_seconds(sound) < SPEAK_S + 2, "the recording, not the minute of the machine voice"
    assert await phone.hear("[data-act=show_topic]") > 0


async def change_the_source(studio: Studio, web: Web) -> None:
    before = web.door.library
    await studio.published("zh", meaning_changed=True)
    await until_newer(web, before)


async def until_newer(web: Web, before: Library) -> None:
    """The door looks for newer words every two seconds, and takes as long as the machine needs to make them ready."""
    for _ in range(300):
        if web.door.library is not before:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the door never took the newer words")


async def must_be_behind_and_silent(reviewer: Editor) -> None:
    for _ in range(20):  # seconds until the door has looked for newer words
        await reviewer.go("/studio?show=gaps")
        cell = await reviewer.find(CELL)
        stands = await reviewer.run("return [arguments[0].dataset.standing, arguments[0].dataset.voice]", cell)
        if stands == ["behind", "silent"]:
            break
        await asyncio.sleep(1)
    assert stands == ["behind", "silent"]
    await reviewer.go(OURS)
    await reviewer.find("#behind .new")
    await reviewer.find("[name=follows_now]")
