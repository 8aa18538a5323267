"""Whoever reads or changes a record at the console stands in the audit record, and nobody's words do."""

import json

import pytest

from api.app import build_app
from care.alarms.tables import Alert
from care.people.audit import acts_on, verify
from care.people.staff import create_staff
from care.people.tables import Audit, Patient
from tests.api.test_other_clinics import app_of_gul, routes
from tests.web import Web


@pytest.fixture
async def gul(web_alone: Web) -> Patient:
    gul = await web_alone.ward.patient("Gül-Qanarya", form="zh-Hans")
    phone = await web_alone.phone(gul)
    await phone.say("我要找护士 qanarya")
    return gul


async def noted(web: Web) -> list[tuple[str, str | None, str | None]]:
    """(action, who, whose), oldest first."""
    rows = sorted(await web.ward.all(Audit), key=lambda row: row.id)
    return [(row.action, row.staff_id, row.patient_id) for row in rows]


async def alert_of(web: Web) -> str:
    [alert] = await web.ward.all(Alert)
    return alert.id


async def test_every_page_with_a_patient_on_it_is_noted_with_who_read_it(web_alone: Web, gul: Patient):
    desk, nurse = await web_alone.desk(), web_alone.ward.nurse_id

    for path in ("/console", "/console/patients", f"/console/patients/{gul.id}"):
        assert gul.id in (await desk.get(path)).text

    assert await noted(web_alone) == [
        ("worklist.read", nurse, None),
        ("patients.listed", nurse, None),
        ("patient.read", nurse, gul.id),
    ]


async def test_every_change_is_noted(web_alone: Web, gul: Patient):
    desk, ward = await web_alone.desk(), web_alone.ward
    plan = await ward.enrolled(gul)
    message, alert = await ward.due(gul, state="failed", why="no-channel"), await alert_of(web_alone)
    changes = {
        f"/console/alerts/{alert}/acknowledge": "alert.acknowledged",
        f"/console/alerts/{alert}/close": "alert.closed",
        f"/console/messages/{message}/seen": "message.seen",
        f"/console/patients/{gul.id}/code": "code.made",
        f"/console/plans/{plan}": "cycle.confirmed",
        f"/console/patients/{gul.id}/care": "illness.returned",
    }

    for path in changes:
        act = {"do": "recurrence", "sure": "yes"} if path.endswith("/care") else {"do": "confirm", "start": "2026-12-22"}
        await desk.submit(path, on="/console/figures", outcome="advised", cycle="2", **act)

    assert [action for action, *_ in await noted(web_alone)] == list(changes.values())
    assert {who for _, who, _ in await noted(web_alone)} == {ward.nurse_id}


async def test_a_second_nurse_is_noted_under_her_own_name(web_alone: Web, gul: Patient):
    async with web_alone.ward.database.work() as work:
        meryem = (await create_staff(work, web_alone.ward.clinic.id, "meryem", "Meryem", "nurse")).id

    await (await web_alone.desk(meryem)).get(f"/console/patients/{gul.id}")

    assert await noted(web_alone) == [("patient.read", meryem, gul.id)]


async def test_a_refused_reading_is_no_reading(web_alone: Web, gul: Patient):
    async with web_alone.ward.database.work() as work:
        serik = (await create_staff(work, web_alone.ward.other_clinic.id, "serik", "Serik", "nurse")).id
    desk = await web_alone.desk(serik)

    assert (await desk.get(f"/console/patients/{gul.id}")).status == 404
    assert (await web_alone.stranger().get(f"/console/patients/{gul.id}")).status == 303
    assert await noted(web_alone) == []


async def test_nothing_a_patient_said_or_is_called_stands_in_the_record_and_it_is_whole(web_alone: Web, gul: Patient):
    desk = await web_alone.desk()
    alert = await alert_of(web_alone)
    for path in ("/console", "/console/patients", f"/console/patients/{gul.id}"):
        await desk.get(path)
    await desk.submit(f"/console/alerts/{alert}/close", outcome="advised")

    rows = await web_alone.ward.all(Audit)
    said = json.dumps([[row.action, row.detail, row.staff_id] for row in rows], ensure_ascii=False).lower()
    async with web_alone.ward.database.look() as work:
        assert await verify(work) is None

    assert rows
    assert not [word for word in ("qanarya", "我要", "zh-hans", "shanghai") if word in said]


async def test_a_page_that_renews_itself_is_not_noted_again(web_alone: Web, gul: Patient):
    desk = await web_alone.desk()
    await desk.get("/console")
    for _ in range(3):
        await desk.get("/console?refresh=1")

    assert [action for action, *_ in await noted(web_alone)] == ["worklist.read"]


async def test_a_page_that_renews_itself_and_shows_somebody_new_is_noted(web_alone: Web, gul: Patient):
    desk = await web_alone.desk()
    await desk.get("/console")
    aygul = await web_alone.ward.patient("Aygul")
    await web_alone.ward.due(aygul, state="failed", why="no-channel")
    for _ in range(3):
        await desk.get("/console?refresh=1")

    assert [action for action, *_ in await noted(web_alone)] == ["worklist.read", "worklist.read"]
    assert await who_saw(web_alone, aygul) == ["worklist.read"]
    assert await who_saw(web_alone, gul) == ["worklist.read", "worklist.read"]


async def who_saw(web: Web, patient: Patient) -> list[str]:
    async with web.ward.database.look() as work:
        return [each.action for each in await acts_on(work, patient.id)]


async def test_wherever_a_name_is_shown_the_record_says_to_whom(web_alone: Web, gul: Patient):
    """Every page of the console there is, with a record of hers of each kind in its address."""
    hers = {"patient_id": gul.id, "plan_id": await web_alone.ward.enrolled(gul)} | await app_of_gul(web_alone, gul)
    desk, shown = await web_alone.desk(), []
    pages = {path for method, path in routes(build_app(web_alone.door)) if method == "GET" and path.startswith("/console")}
    for path in sorted(pages):
        before = len(await who_saw(web_alone, gul))
        page = await desk.get(path.format(**hers))
        if page.status == 200 and ("Gül-Qanarya" in page.text or path.startswith("/console/attachments")):
            shown.append(path)
            assert len(await who_saw(web_alone, gul)) > before, path

    assert set(shown) >= {"/console", "/console/patients", "/console/patients/{patient_id}", "/console/plans/{plan_id}"}
    assert len(shown) >= 8
