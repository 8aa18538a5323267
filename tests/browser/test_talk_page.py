"""The chat on a poor network: nothing a patient says is lost, nothing is said twice, nothing is shown twice."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from care.people.tables import Patient
from tests.browser.chromium import Chromium
from tests.browser.people import PHONE, Caller
from tests.browser.wire import Wire, stretched
from tests.web import Web

FORM, QUESTION = "zh-Hans", "吃了药恶心怎么办"
BACK_ONLINE = "dispatchEvent(new Event('online'))"  # what a phone tells its pages
SUBMIT_TWICE = "for (const _ of [1, 2]) document.getElementById('say').requestSubmit()"
TAP_TWICE = "for (const _ of [1, 2]) Array.from(document.querySelectorAll(arguments[0])).pop().click()"
SHOWN = "return Array.from(document.querySelectorAll(arguments[0]), (each) => each.innerText.trim())"


@pytest.fixture
async def wire(web: Web) -> AsyncIterator[Wire]:
    async with stretched(urlsplit(web.url).port or 0) as wire:
        yield wire


@pytest.fixture
async def caller(chromium: Chromium, wire: Wire) -> AsyncIterator[Caller]:
    window = Caller(chromium, wire.url, *PHONE)
    yield window
    await window.close()


@pytest.fixture
async def gul(web: Web, caller: Caller) -> Patient:
    """A patient whose chat is open."""
    patient = await web.ward.patient(form=FORM)
    await caller.join(web, patient, FORM)
    return patient


async def said(web: Web, patient: Patient) -> list[str]:
    """What the patient said in words, as the record has it."""
    return [line.reply.text for line in await web.ward.lines(patient) if line.reply.act == "said"]


async def until_recorded(web: Web, patient: Patient) -> None:
    for _ in range(200):
        if await said(web, patient):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the door never heard it")


async def shown(caller: Caller, css: str) -> list[str]:
    return list(await caller.run(SHOWN, css))


async def test_what_came_while_the_network_was_away_is_shown_once_when_it_is_back(
    web: Web, wire: Wire, caller: Caller, gul: Patient
) -> None:
    wire.cut()
    await web.ward.due(gul)
    await web.ward.tick()
    wire.mend()

    await caller.find("[data-act=reminder]")  # the page listens anew by itself

    await caller.run(BACK_ONLINE)  # and looks for itself besides
    await caller.say(QUESTION)
    await caller.find("[data-act=show_topic]")
    assert [len(await shown(caller, css)) for css in ("[data-act=reminder]", "[data-act=menu]")] == [1, 1]


async def test_words_said_without_a_network_wait_and_are_sent_once(web: Web, wire: Wire, caller: Caller, gul: Patient) -> None:
    wire.cut()
    await caller.say(QUESTION)
    await caller.find("#offline")
    assert await shown(caller, ".pending p") == [QUESTION]
    wire.mend()

    await caller.run(BACK_ONLINE)

    await caller.find("[data-act=show_topic]")
    assert await shown(caller, ".bubble.patient p") == [QUESTION]
    assert await said(web, gul) == [QUESTION]


async def test_words_that_waited_survive_a_closed_page(web: Web, wire: Wire, caller: Caller, gul: Patient) -> None:
    wire.cut()
    await caller.say(QUESTION)
    await caller.find("#offline")
    await caller.go("about:blank")
    wire.mend()

    await caller.go("/")

    await caller.find("[data-act=show_topic]")
    assert await shown(caller, ".bubble.patient p") == [QUESTION]
    assert await said(web, gul) == [QUESTION]


async def test_an_answer_lost_on_the_way_does_not_double_the_question(web: Web, wire: Wire, caller: Caller, gul: Patient) -> None:
    wire.loses_answers = True
    await caller.say(QUESTION)
    await until_recorded(web, gul)
    wire.cut()
    await caller.find("#offline")
    wire.mend()

    await caller.run(BACK_ONLINE)

    await caller.find("[data-act=show_topic]")
    assert await said(web, gul) == [QUESTION]
    assert [len(await shown(caller, css)) for css in (".bubble.patient", "[data-act=show_topic]")] == [1, 1]


async def test_a_sign_in_page_of_the_network_is_not_taken_for_our_answer(
    web: Web, wire: Wire, caller: Caller, gul: Patient
) -> None:
    wire.answer("200 OK", "<h1>Welcome, please sign in</h1>")
    await caller.say(QUESTION)
    await caller.find("#offline")
    assert await shown(caller, ".pending p") == [QUESTION]
    wire.mend()

    await caller.run(BACK_ONLINE)

    await caller.find("[data-act=show_topic]")
    assert await said(web, gul) == [QUESTION]


async def test_words_that_were_refused_stay_and_can_be_sent_again(web: Web, wire: Wire, caller: Caller, gul: Patient) -> None:
    wire.answer("403 Forbidden", "filtered")
    await caller.say(QUESTION)
    await caller.find(".again")
    wire.mend()
    assert await said(web, gul) == []

    await caller.click(".again")

    await caller.find("[data-act=show_topic]")
    assert await shown(caller, ".bubble.patient p") == [QUESTION]
    assert await said(web, gul) == [QUESTION]


async def test_sending_twice_and_tapping_twice_say_one_thing(web: Web, caller: Caller, gul: Patient) -> None:
    await caller.fill("#text", QUESTION)
    await caller.run(SUBMIT_TWICE)
    await caller.find("[data-act=show_topic]")
    await caller.run(TAP_TWICE, ".bubble.karez [data-payload=nurse]")
    await caller.find("[data-act=talk_to_nurse]")

    assert await said(web, gul) == [QUESTION]
    pressed = [line.reply.topic for line in await web.ward.lines(gul) if line.reply.act == "pressed"]
    assert pressed == ["menu", "nurse"]


async def test_going_away_and_back_shows_the_same_talk(web: Web, caller: Caller, gul: Patient) -> None:
    await caller.say(QUESTION)
    await caller.find("[data-act=show_topic]")
    before = await shown(caller, ".bubble > p")
    await caller.go("/console/sign-in")

    await caller.look(lambda chromium: chromium.back())

    await caller.find("[data-act=show_topic]")
    assert await shown(caller, ".bubble > p") == before
    await caller.look(lambda chromium: chromium.forward())
    await caller.find("[name=login]")
    await caller.look(lambda chromium: chromium.back())
    await caller.find("[data-act=show_topic]")
    assert await said(web, gul) == [QUESTION]
    assert len(await web.ward.lines(gul)) == 4, "the menu and the topic, each asked for once"
