"""A nurse enrols a patient: every mistake at its field at once, the first week read before anything is written, and once only."""

import asyncio
import re
from datetime import timedelta

import pytest

from care.people.tables import Audit, Clinic, Patient
from care.plans.tables import CarePlan, Occurrence
from tests.ward import Message
from tests.web import Answer, Desk, Web

FORM = {
    "name": "گۈل",
    "phone": "",
    "birth_year": "1961",
    "form": "ug-Arab",
    "zone": "Asia/Urumqi",
    "template": "capecitabine-14-7",
    "shown": "capecitabine-14-7",
    "anchor-cycle1-day1": "2026-12-01",
    "slots-capecitabine-1": "08:00",
    "slots-capecitabine-2": "20:00",
}
PROBLEM = re.compile(r'<span class="problem" role="alert">')


@pytest.fixture
async def desk(web_alone: Web) -> Desk:
    return await web_alone.desk()


async def enrol(desk: Desk, step: str = "save", **changed: str) -> Answer:
    return await desk.submit("/console/enrol", on="/console/enrol", **{**FORM, "step": step, **changed})


async def written(web: Web) -> list[int]:
    return [len(await web.ward.all(row)) for row in (Patient, CarePlan, Occurrence, Message)]


WRONG = {
    "a name without a letter": {"name": "\x00\u200f"},
    "start-in-the-past": {"anchor-cycle1-day1": "2026-11-30"},
    "no-start": {"anchor-cycle1-day1": ""},
    "a-day-that-is-none": {"anchor-cycle1-day1": "2026-02-30"},
    "two-years-away": {"anchor-cycle1-day1": "2028-12-01"},
    "a-plan-nobody-wrote": {"template": "none", "shown": "none"},
    "two-equal-doses-at-one-hour": {"slots-capecitabine-1": "08:00", "slots-capecitabine-2": "08:00"},
    "doses-too-close": {"slots-capecitabine-1": "08:00", "slots-capecitabine-2": "09:00"},
    "too-close-over-midnight": {"slots-capecitabine-1": "00:30", "slots-capecitabine-2": "23:30"},
    "one-dose-missing": {"slots-capecitabine-2": ""},
    "one-dose-too-many": {"slots-capecitabine-3": "14:00"},
    "an-hour-that-is-none": {"slots-capecitabine-1": "25:00"},
    "an-hour-in-words": {"slots-capecitabine-1": "morning"},
    "no-name": {"name": "  "},
    "no-language": {"form": ""},
    "a-language-we-do-not-have": {"form": "ru-Cyrl"},
    "no-clock": {"zone": ""},
    "a-clock-we-do-not-have": {"zone": "Europe/Berlin"},
    "a-year-that-is-none": {"birth_year": "61"},
    "born-tomorrow": {"birth_year": "2027"},
    "a-year-in-other-digits": {"birth_year": "١٩٦١"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("step", ["preview", "save"])
async def test_one_mistake_is_shown_once_and_nothing_is_written(web_alone: Web, desk: Desk, step: str, changed: dict[str, str]):
    answer = await enrol(desk, step, **changed)

    assert answer.status == 422
    assert len(PROBLEM.findall(answer.text)) == 1
    assert await written(web_alone) == [0, 0, 0, 0]


async def test_all_mistakes_are_shown_at_once_and_nothing_typed_is_lost(web_alone: Web, desk: Desk):
    wrong = {"name": "", "form": "", "birth_year": "1800", "anchor-cycle1-day1": "2020-01-01", "slots-capecitabine-1": "20:00"}

    answer = await enrol(desk, **wrong, phone="+86 991 000 0000")

    assert len(PROBLEM.findall(answer.text)) == 5
    assert all(f'value="{typed}"' in answer.text for typed in ("1800", "2020-01-01", "20:00", "+86 991 000 0000"))
    assert 'value="Asia/Urumqi" checked' in answer.text


async def test_an_empty_form_is_refused_and_breaks_nothing(web_alone: Web, desk: Desk):
    assert (await desk.submit("/console/enrol", on="/console/enrol", step="save")).status == 422
    assert (await desk.submit("/console/enrol", on="/console/enrol", template="capecitabine-14-7", step="save")).status == 422
    assert await written(web_alone) == [0, 0, 0, 0]


async def test_the_first_week_is_read_in_the_patients_words_before_anything_is_written(web_alone: Web, desk: Desk):
    answer = await enrol(desk, "preview", **{"anchor-cycle1-day1": "2026-12-02"})

    week = answer.text[answer.text.index('id="first-week"') :]
    assert answer.status == 200
    assert week.count("<bdi>08:00</bdi>") == week.count("<bdi>20:00</bdi>") == 7
    assert web_alone.ward.library.phrase("ug-Arab", "medicine-capecitabine").text in week
    assert 'dir="rtl" lang="ug"' in week
    assert await written(web_alone) == [0, 0, 0, 0]


async def test_saving_writes_patient_plan_and_an_audit_line_and_shows_the_patient(web_alone: Web, desk: Desk):
    answer = await enrol(desk)

    (gul,), (plan,) = await web_alone.ward.all(Patient), await web_alone.ward.all(CarePlan)
    assert (answer.status, answer.headers["Location"]) == (303, f"/console/patients/{gul.id}")
    assert (gul.form, gul.zone, plan.slots) == ("ug-Arab", "Asia/Urumqi", {"capecitabine": ["08:00", "20:00"]})
    assert "patient.enrolled" in {each.action for each in await web_alone.ward.all(Audit)}
    assert "گۈل" in (await desk.get(answer.headers["Location"])).text
    assert "گۈل".encode() not in gul.name_sealed


async def test_pressing_enrol_twice_enrols_once(web_alone: Web, desk: Desk):
    page = await enrol(desk, "preview")
    once = re.search(r'name="once" value="([^"]+)"', page.text)[1]

    pressed = await asyncio.gather(*(enrol(desk, once=once) for _ in range(3)))

    assert {answer.status for answer in pressed} == {303}
    assert len({answer.headers["Location"] for answer in pressed}) == 1
    assert (await written(web_alone))[:2] == [1, 1]


async def test_two_people_of_one_name_enrolled_one_after_the_other_are_two(web_alone: Web, desk: Desk):
    for _ in range(2):
        page = await enrol(desk, "preview")
        await enrol(desk, once=re.search(r'name="once" value="([^"]+)"', page.text)[1])

    assert (await written(web_alone))[:2] == [2, 2]


async def test_choosing_another_plan_asks_for_its_dates_before_anything_else(web_alone: Web, desk: Desk):
    answer = await enrol(desk, template="colorectal-surveillance")

    assert answer.status == 200
    assert not PROBLEM.findall(answer.text)
    assert 'name="shown" value="colorectal-surveillance"' in answer.text
    assert await written(web_alone) == [0, 0, 0, 0]


async def test_a_name_is_shown_as_it_is_written_and_never_run(web_alone: Web, desk: Desk):
    answer = await enrol(desk, name="<script>alert(1)</script>")

    page = await desk.get(answer.headers["Location"])
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_the_first_day_offered_is_today_on_the_clinics_own_clock(web_alone: Web):
    ward = web_alone.ward
    await ward.change(Clinic, ward.clinic.id, zone="Asia/Almaty")
    ward.clock.advance(timedelta(hours=13, minutes=30))  # 22:30 in Almaty, past midnight in Beijing
    desk = await web_alone.desk()

    page = (await desk.get("/console/enrol?template=capecitabine-14-7")).text

    assert 'name="anchor-cycle1-day1" value="2026-12-01"' in page
