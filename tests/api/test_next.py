"""The nurse's page of what happens next: as the scheduler would do it, in the patient's words and in hers."""

import pytest

from care.people.tables import Audit, Patient
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


async def test_a_day_that_is_over_or_none_is_refused_in_her_words(web_alone: Web, gul: Patient):
    desk = await web_alone.desk()

    over = await desk.get(f"/console/patients/{gul.id}/next?lang=en&first=2026-11-01")
    none = await desk.get(f"/console/patients/{gul.id}/next?lang=en&first=soon")

    assert (over.status, none.status) == (422, 422)
    assert "is over; what was said stands in the patient’s conversation" in over.text
    assert "is no date" in none.text
