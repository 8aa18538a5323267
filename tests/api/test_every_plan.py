"""The enrolment page works with each of the twelve plans: what it asks is what the plan needs, and what is saved is followed."""

import re

import pytest

from care.content.library import Library
from care.kit.settings import ROOT
from care.plans.tables import CarePlan, Occurrence
from tests.web import Desk, Web

FIELD = re.compile(r'<input (?:type="(\w+)" )?name="([^"]+)"(?: value="([^"]*)")?')
PATIENT = {"name": "Gul", "form": "zh-Hans", "zone": "Asia/Shanghai", "birth_year": "1961"}
PLANS = sorted(path.stem for path in (ROOT / "content" / "plans").glob("*.yml"))


@pytest.fixture
def url(sqlite: str) -> str:
    """What a page asks does not depend on the database."""
    return sqlite


async def offered(desk: Desk, plan: str) -> dict[str, str]:
    """The form of a plan as the page fills it in, nothing ticked."""
    page = (await desk.get(f"/console/enrol?template={plan}")).text
    fields = {name: value for kind, name, value in FIELD.findall(page) if kind not in ("radio", "checkbox")}
    return {**fields, **PATIENT, "template": plan, "step": "save"}


@pytest.mark.parametrize("plan", PLANS)
async def test_a_patient_is_enrolled_in_each_plan_by_what_its_page_asks(web_alone: Web, library: Library, plan: str):
    desk = await web_alone.desk()
    form = await offered(desk, plan)
    prescribed = [each.key for each in library.plan(plan).activities if each.slots and each.slots.as_prescribed]

    answer = await desk.submit("/console/enrol", on="/console/enrol", **form)
    if prescribed:  # the clinician's own numbers are asked for, and never filled in
        assert answer.status == 422
        form |= {f"gap-{key}": "11" for key in prescribed} | {f"slots-{key}-1": "07:30" for key in prescribed}
        answer = await desk.submit("/console/enrol", on="/console/enrol", **form)

    assert answer.status == 303, answer.text
    assert (await desk.get(answer.headers["Location"])).status == 200
    assert [each.template for each in await web_alone.ward.all(CarePlan)] == [plan]


async def test_what_only_a_doctor_orders_is_off_until_it_is_ticked(web_alone: Web):
    desk = await web_alone.desk()
    form = await offered(desk, "hcc-resection-antiviral")
    ticked = {**form, "order-antiviral": "yes", "anchor-antiviral-start": "", "name": "Ana"}

    await desk.submit("/console/enrol", on="/console/enrol", **form)
    assert (await desk.submit("/console/enrol", on="/console/enrol", **ticked)).status == 422
    ticked["anchor-antiviral-start"] = "2026-12-01"
    page = await desk.submit("/console/enrol", on="/console/enrol", **{**ticked, "step": "preview"})
    await desk.submit("/console/enrol", on="/console/enrol", **ticked)

    assert 'name="order-antiviral" value="yes" checked' in page.text
    doses = {each.plan_id for each in await web_alone.ward.all(Occurrence) if each.kind == "medicine"}
    assert doses == {each.id for each in await web_alone.ward.all(CarePlan) if "antiviral" in each.ordered}
