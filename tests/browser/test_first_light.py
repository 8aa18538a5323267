"""The whole way in a real browser: a nurse enrols, a patient links, a reminder comes by itself, is heard and confirmed."""

import re
from datetime import timedelta

import pytest

from tests.browser.people import PEOPLE, Caller, Nurse
from tests.web import Web

HOURS = ("12:30", "23:30")
DIRECTION = {"zh": "ltr", "ug": "rtl"}
SIDES = """
const box = (css) => Array.from(document.querySelectorAll(css)).pop().getBoundingClientRect();
const [karez, patient, lines] = [box(".bubble.karez"), box(".bubble.patient"), box("#lines")];
const atLeft = (each) => each.left - lines.left < lines.right - each.right;
return { karez: atLeft(karez), patient: atLeft(patient) };
"""
WORDS_OF = "return Array.from(document.querySelectorAll(arguments[0])).pop().textContent"
HOW_OFTEN = "return document.querySelectorAll(arguments[0]).length"
TROUBLE = "return Array.from(document.querySelectorAll('audio'), (each) => each.error && each.error.message).filter(Boolean)"


@pytest.mark.parametrize("language", ["zh", "ug"])
async def test_a_reminder_comes_to_an_open_page_is_heard_and_confirmed_and_the_nurse_sees_it(
    language: str, web: Web, nurse: Nurse, caller: Caller
) -> None:
    form, endonym, name, _, _ = PEOPLE[language]
    await nurse.sign_in(web, language)
    await nurse.begin_enrolment(name, form, HOURS)
    await must_show_the_first_week(nurse, language)
    code = await nurse.enrol()

    await caller.choose(endonym)
    await caller.link(code)
    assert await caller.run(HOW_OFTEN, ".purpose input:checked") == 0, "consent is never ticked beforehand"
    await caller.agree()
    await caller.find("[data-act=menu]")
    await turn_the_clock_to_the_first_dose(web)
    await must_be_reminded(caller, language)
    await must_sound(caller)
    await caller.click("[data-act=reminder] [data-payload^='dose:taken']")
    await caller.find("[data-act=dose_taken]")
    await must_lean_as_the_script_does(caller, language)

    await must_see_it_taken(nurse, name)
    assert (await nurse.complained(), await caller.complained()) == ([], [])


async def must_show_the_first_week(nurse: Nurse, language: str) -> None:
    assert await nurse.direction() == DIRECTION[language]
    assert await nurse.run(HOW_OFTEN, ".preview li") == 7
    assert await nurse.run("return document.querySelector('.preview ol').dir") == DIRECTION[language]
    first_day = await nurse.text(".preview li")
    assert all(hour in first_day for hour in HOURS)


async def turn_the_clock_to_the_first_dose(web: Web) -> None:
    await web.ward.tick()  # plans the next two days
    web.ward.clock.advance(timedelta(minutes=31))
    await web.ward.tick()


async def must_be_reminded(caller: Caller, language: str) -> None:
    """The reminder is there without a reload, names the hour and its clock, and the digits keep their place."""
    await caller.find("[data-act=reminder]")
    said = await caller.run(WORDS_OF, "[data-act=reminder]")
    assert HOURS[0] in said
    if DIRECTION[language] == "rtl":
        assert re.search("[\u2066\u2068]12:30\u2069", said), "a number in right-to-left text stands isolated"


async def must_sound(caller: Caller) -> None:
    seconds = await caller.hear("[data-act=reminder]")
    assert seconds > 1
    assert await caller.run(TROUBLE) == []


async def must_lean_as_the_script_does(caller: Caller, language: str) -> None:
    """Karez stands where lines begin, the patient where they end."""
    assert await caller.direction() == DIRECTION[language]
    at_left = await caller.run(SIDES)
    assert at_left == {"karez": DIRECTION[language] == "ltr", "patient": DIRECTION[language] == "rtl"}


async def must_see_it_taken(nurse: Nurse, name: str) -> None:
    await nurse.come_back()
    await nurse.go("/console/patients")
    await nurse.click("td a", name)
    assert await nurse.text(".figure") == "100%"
    await nurse.find(".bubble.patient .pressed")
