"""Every page in every language, on a phone and on a desk: nothing sticks out, is cut, too small, hidden or from elsewhere."""

from datetime import timedelta

import pytest

from care.people import consent
from care.people.linking import make_code
from care.people.tables import Patient
from tests.browser.looks import must_be_easy_to_tap, must_look_well, must_show_the_focus
from tests.browser.people import PEOPLE, Caller, Nurse
from tests.web import Web

PHONES = ("zh", "ug", "kk", "kk-Arab")
DESKS = {"zh": "ltr", "ug": "rtl", "kk": "ltr", "en": "ltr"}
HOURS = ("12:30", "23:30")
CSS_OF_A_RICH_TALK = ("[data-act=menu]", "[data-act=show_topic]", "[data-act=alarm]", "[data-act=reminder]")


async def talked(web: Web, person: str) -> Patient:
    """A patient whose conversation holds every kind of bubble."""
    form, _, name, _, fever = PEOPLE[person]
    patient = await web.ward.patient(name, form=form)
    phone = await web.phone(patient)
    for pressed in ("menu", "topic:nausea-vomiting", "language"):
        await phone.say(payload=pressed)
    await phone.say(fever)
    await web.ward.due(patient)
    await web.ward.tick()
    return patient


async def missed(web: Web, patient: Patient) -> None:
    """One more message, which came too late to be of use."""
    await web.ward.due(patient, useful_until=web.ward.clock.now() + timedelta(minutes=1))
    web.ward.clock.advance(timedelta(minutes=20))
    await web.ward.tick()


@pytest.mark.parametrize("person", PHONES)
async def test_the_web_app_looks_well_from_the_choice_of_language_to_the_talk(person: str, web: Web, caller: Caller) -> None:
    form = PEOPLE[person][0]
    patient = await talked(web, person)
    async with web.ward.database.work() as work:
        code = await make_code(work, patient, web.ward.nurse_id)
    await caller.go("/")
    await caller.find(".language")
    await must_be_right(caller)
    await caller.click(f"[data-form={form}]")
    await caller.find("#code")
    await must_be_right(caller)
    await caller.link(code)
    await must_be_right(caller)
    await must_show_the_focus(caller, 5)

    async with web.ward.database.work() as work:
        for purpose in consent.PURPOSES:
            await consent.record(work, patient, purpose, True, "w", "web")
    await caller.go("/")
    for css in CSS_OF_A_RICH_TALK:
        await caller.find(css)
    await must_be_right(caller)
    await must_show_the_focus(caller, 12)
    await caller.click("#stop")
    await must_be_right(caller)
    assert await caller.direction() == ("rtl" if form.endswith("Arab") else "ltr")


async def must_be_right(caller: Caller) -> None:
    await must_look_well(caller)
    await must_be_easy_to_tap(caller)


@pytest.mark.parametrize("language", DESKS)
async def test_the_console_looks_well_on_every_page(language: str, web: Web, nurse: Nurse) -> None:
    person = language if language in PEOPLE else "ug"
    form, _, name, _, _ = PEOPLE[person]
    await nurse.go(f"/console/sign-in?lang={language}")
    await must_look_well(nurse)
    await nurse.sign_in(web, language)
    await must_look_well(nurse)
    await nurse.begin_enrolment(name, form, HOURS)
    await must_look_well(nurse)
    await must_show_the_focus(nurse, 20)
    await nurse.enrol()
    await must_look_well(nurse)

    patient = await talked(web, person)
    await missed(web, patient)
    await nurse.come_back()
    for path, css in pages_about(patient):
        await nurse.go(path)
        await nurse.find(css)
        assert await nurse.direction() == DESKS[language]
        await must_look_well(nurse)


def pages_about(patient: Patient) -> list[tuple[str, str]]:
    """Where else a nurse looks, and what she finds there."""
    return [
        ("/console", ".alert.emergency"),
        ("/console", ".rows li"),
        ("/console/patients", "td a"),
        ("/console/rota", "button.main"),
        (f"/console/patients/{patient.id}", ".bubble.karez"),
    ]


async def test_a_form_with_mistakes_shows_each_at_its_field(web: Web, nurse: Nurse) -> None:
    await nurse.sign_in(web, "ug")
    await nurse.go("/console/enrol?template=capecitabine-14-7")
    await nurse.fill("[name=birth_year]", "1066")

    await nurse.click("[name=step][value=preview]")

    await nurse.find("fieldset .problem")
    assert await nurse.run("return document.querySelectorAll('fieldset .problem').length") >= 3
    assert await nurse.run("return document.querySelector('[name=birth_year]').value") == "1066", "what she typed is kept"
    await nurse.complained()  # the browser notes the refusal, 422
    await must_look_well(nurse)


async def test_an_address_that_leads_nowhere_says_so_in_the_nurses_language(web: Web, nurse: Nurse) -> None:
    await nurse.sign_in(web, "ug")

    await nurse.go("/console/patients/nobody")

    await nurse.find(".sheet a.button")
    assert await nurse.direction() == "rtl"
    await nurse.complained()  # the browser notes the refusal, 404
    await must_look_well(nurse)
