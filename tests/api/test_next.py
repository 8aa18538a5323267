"""The nurse's page of what happens next: as the scheduler would do it, in the patient's words and in hers."""

from datetime import timedelta

import pytest

from care.people.contacts import Person, add_contact, note_opening
from care.people.linking import open_devices
from care.people.tables import Audit, Patient
from tests.futures.stories import WECHAT
from tests.plans.course import enrolled, tablets
from tests.web import Web


@pytest.fixture
def url(sqlite: str) -> str:
    """What comes is the same from either database: tests/futures."""
    return sqlite


@pytest.fixture
async def gul(web_alone: Web) -> Patient:
    gul = await web_alone.ward.patient()
    await enrolled(web_alone.ward, gul, tablets())
    return gul


async def test_the_patients_page_leads_to_the_next_days_and_reading_them_is_noted(web_alone: Web, gul: Patient):
    desk, address = await web_alone.desk(), f"/console/patients/{gul.id}/next"

    assert f'href="{address}"' in (await desk.get(f"/console/patients/{gul.id}")).text
    page = await desk.get(f"{address}?lang=zh")

    assert page.status == 200
    assert web_alone.ward.library.phrase("ug-Arab", "button-taken").text in page.text
    assert web_alone.ward.library.phrase("zh-Hans", "medicine-capecitabine").text in page.text
    noted = [(each.action, each.staff_id) for each in await web_alone.ward.all(Audit) if each.patient_id == gul.id]
    assert noted[-1] == ("patient.foretold", web_alone.ward.nurse_id)


async def test_a_patient_in_an_app_is_shown_with_the_way_and_why(web_alone: Web, gul: Patient, monkeypatch: pytest.MonkeyPatch):
    for name, value in WECHAT.items():
        monkeypatch.setenv(name, value)
    async with web_alone.ward.database.work() as work:
        for device in await open_devices(work, gul.id):
            device.closed_at = work.now
        device = await add_contact(work, gul, Person("wechat", "77"), confirmed=True)
        note_opening(device, "message", work.now - timedelta(days=3))

    page = await (await web_alone.desk()).get(f"/console/patients/{gul.id}/next?lang=en")

    assert "a notice with a link: the app no longer lets us write first" in page.text
    assert "Nothing that is linked can be reached now" in page.text  # of kinds that have no form


async def test_a_day_that_is_over_or_none_is_refused_in_her_words(web_alone: Web, gul: Patient):
    desk = await web_alone.desk()

    over = await desk.get(f"/console/patients/{gul.id}/next?lang=en&first=2026-11-01")
    none = await desk.get(f"/console/patients/{gul.id}/next?lang=en&first=soon")

    assert (over.status, none.status) == (422, 422)
    assert "is over; what was said stands in the patient’s conversation" in over.text
    assert "is no date" in none.text
