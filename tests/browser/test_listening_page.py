"""The page behind a link in a message: one button, in the patient's own direction, heard by pressing it and told to the nurse."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from care.messages.compose import compose
from care.messages.gate import Gate, pass_gate
from care.messages.listening import heard_lines, make_link
from care.people.tables import Patient
from tests.browser.chromium import Chromium, Window
from tests.browser.looks import must_be_easy_to_tap, must_look_well, must_show_the_focus, must_stand_apart
from tests.browser.people import PHONE, SOUND_OF
from tests.web import Web

FORMS = {"ug-Arab": "rtl", "kk-Arab": "rtl", "kk-Cyrl": "ltr", "zh-Hans": "ltr"}
WEEK = timedelta(days=7)
BOXES = """
const box = (id) => document.getElementById(id).getBoundingClientRect().toJSON();
return { play: box("play"), time: box("time"), voice: box("voice") };
"""
FACES = """
const faces = await document.fonts.load(`1rem "${arguments[0]}"`, arguments[1]);
return faces.map((each) => each.status);
"""


@pytest.fixture
async def listener(chromium: Chromium, web_alone: Web) -> AsyncIterator[Window]:
    window = Window(chromium, web_alone.url, *PHONE)
    yield window
    await window.close()


async def linked(web: Web, form: str) -> tuple[Patient, str]:
    """A reminder and the path of its page."""
    gul, now = await web.ward.patient(form=form), web.ward.clock.now()
    message_id = await web.ward.due(gul)
    reply = compose(web.ward.library, await web.ward.message(message_id), gul, now)
    reply = pass_gate(reply, web.ward.library, Gate(demo=True), now.date())
    async with web.ward.database.work() as work:
        return gul, await make_link(work, gul, reply, f"message:{message_id}", WEEK)


async def is_heard(web: Web, gul: Patient) -> bool:
    async with web.ward.database.look() as work:
        return bool(await heard_lines(work, gul.id))


@pytest.mark.parametrize("form", FORMS)
async def test_one_press_plays_the_message_and_only_that_counts_as_heard(form: str, web_alone: Web, listener: Window) -> None:
    gul, path = await linked(web_alone, form)
    await listener.go(path)
    await listener.find("#play")
    opened = await is_heard(web_alone, gul)

    await listener.click("#play")
    player = await listener.run("return document.getElementById('sound')")
    await listener.until("return arguments[0].currentTime > 1.2", player)

    seconds, _, paused = await listener.run(SOUND_OF, player)
    assert (opened, paused) == (False, False)
    assert seconds > 3
    await listener.find("#do", web_alone.ward.library.phrase(form, "web-pause").text)
    await listener.click("#play")
    await listener.find("#do", web_alone.ward.library.phrase(form, "web-play").text)
    for _ in range(100):  # what the page told is on its way
        if await is_heard(web_alone, gul):
            break
        await asyncio.sleep(0.05)
    assert await is_heard(web_alone, gul)
    assert await listener.complained() == []


@pytest.mark.parametrize("form", FORMS)
async def test_the_page_leans_as_its_script_does_and_its_numbers_stand_apart(form: str, web_alone: Web, listener: Window) -> None:
    _, path = await linked(web_alone, form)
    await web_alone.stranger().get(f"{path}/sound.mp3")  # now it is stored, and how long it is stands on the page

    await listener.go(path)

    await listener.find("#time", ":")
    boxes = await listener.run(BOXES)
    assert await listener.direction() == FORMS[form]
    assert (boxes["time"]["left"] > boxes["voice"]["left"]) == (FORMS[form] == "rtl"), "the time is read before the voice"
    assert await listener.run("return getComputedStyle(document.getElementById('time')).direction") == "ltr"
    assert await listener.run("return getComputedStyle(document.getElementById('time')).unicodeBidi") == "isolate"
    assert min(boxes["play"]["width"], boxes["play"]["height"]) > 180
    await must_stand_apart(listener)
    await must_look_well(listener)
    await must_be_easy_to_tap(listener)
    await must_show_the_focus(listener, 1)


async def test_an_old_link_looks_as_well_and_says_so_aloud(web_alone: Web, listener: Window) -> None:
    gul, path = await linked(web_alone, "ug-Arab")
    web_alone.ward.clock.advance(WEEK)

    await listener.go(path)

    assert await listener.text("h1") == web_alone.ward.library.phrase("ug-Arab", "listen-expired").text
    await listener.click("#play")
    await listener.until("return document.getElementById('sound').currentTime > 1.2")
    assert not await is_heard(web_alone, gul)
    await listener.complained()  # the browser notes the refusal, 410
    await must_look_well(listener)


async def test_without_a_network_the_page_says_to_try_again(web_alone: Web, listener: Window) -> None:
    _, path = await linked(web_alone, "ug-Arab")
    await listener.go(path)
    await listener.find("#play")
    await listener.run("document.getElementById('sound').src = '/listen/gone/sound.mp3'")

    await listener.click("#play")

    await listener.find("#problem", web_alone.ward.library.phrase("ug-Arab", "listen-problem").text)
    await listener.find("#do", web_alone.ward.library.phrase("ug-Arab", "web-play").text)


@pytest.mark.parametrize(("face", "letters", "files"), [("Karez Arabic", "ئۈڭ«»", 2), ("Karez Cyrillic", "іәғқңөұүһ", 2)])
async def test_the_letters_of_every_language_come_with_the_page(
    face: str, letters: str, files: int, web_alone: Web, listener: Window
) -> None:
    _, path = await linked(web_alone, "ug-Arab")
    await listener.go(path)

    assert await listener.run(FACES, face, letters) == ["loaded"] * files
