"""How medicines were taken and visits kept, as a nurse reads and records it; and the figures of her clinic."""

from datetime import timedelta

from care.plans.tables import Dispense
from tests.api.test_check_ins import read
from tests.plans.course import enrolled, follow_up, one_tablet, until
from tests.ward import NOON, Occurrence
from tests.web import Web


async def test_a_nurse_reads_what_was_taken_what_was_not_and_what_nobody_said(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))
    await until(ward, NOON + timedelta(days=1.4))

    page = (await (await web_alone.desk()).get(f"/console/patients/{gul.id}?lang=en")).text

    said = read(page, 'id="adherence"')
    assert "No answer 2" in said
    assert "no answer 0/1" in said
    assert "no supply recorded" in said


async def test_a_supply_is_recorded_and_counted(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))
    await until(ward, NOON + timedelta(days=0.4))
    desk = await web_alone.desk()
    form = {"medicine": "tki", "day": "2026-12-01", "days": "28"}

    answer = await desk.submit(f"/console/supplies/{gul.id}", on=f"/console/patients/{gul.id}", **form)
    wrong = await desk.submit(f"/console/supplies/{gul.id}", on=f"/console/patients/{gul.id}", **form | {"days": "0"})

    page = (await desk.get(f"/console/patients/{gul.id}?lang=en")).text
    assert (answer.status, wrong.status, len(await ward.all(Dispense))) == (303, 422, 1)
    assert "Days of supply left 28" in read(page, 'id="adherence"')


async def test_a_visit_took_place_on_a_day_inside_its_window_or_outside(web_alone: Web):
    ward, desk = web_alone.ward, await web_alone.desk()
    gul = await ward.patient()
    await enrolled(ward, gul, follow_up("2026-09-02"))
    visit = next(each for each in await ward.all(Occurrence) if each.kind == "appointment")
    path, on = f"/console/visits/{gul.id}/{visit.id}", f"/console/patients/{gul.id}"

    tomorrow = await desk.submit(path, on=on, day="2026-12-02")
    done = await desk.submit(path, on=on, day="2026-12-01")

    page = (await desk.get(f"{on}?lang=en")).text
    assert (tomorrow.status, done.status) == (422, 303)
    assert "1 of 1 took place inside their window" in read(page, 'id="visits"')


async def test_another_clinics_nurse_marks_nothing(web_alone: Web):
    ward = web_alone.ward
    gul, other = await ward.patient(), await ward.patient("Ana")
    await enrolled(ward, gul, follow_up("2026-09-02"))
    visit = next(each for each in await ward.all(Occurrence) if each.kind == "appointment")

    answer = await (await web_alone.desk()).submit(f"/console/visits/{other.id}/{visit.id}", day="2026-12-01")

    assert answer.status == 404


async def test_a_small_clinic_shows_no_figures(web_alone: Web):
    await enrolled(web_alone.ward, await web_alone.ward.patient(), one_tablet("13:00"))
    await until(web_alone.ward, NOON + timedelta(days=1))

    page = (await (await web_alone.desk()).get("/console/figures?lang=en")).text

    assert "too few to show" in read(page, "<tbody>", "</tbody>")
    assert "100%" not in page
