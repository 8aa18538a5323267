"""Serik of another clinic looks for Gul on every route that takes an id, and finds nobody."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import build_app
from care.alarms.rota import add_duty, rota
from care.alarms.service import raise_alert
from care.alarms.tables import Alert
from care.people.linking import make_code
from care.people.staff import create_staff
from care.people.tables import Audit, LinkingCode
from care.plans.tables import CarePlan
from tests.web import Desk, Web

NAMED = re.compile(r"{(\w+)(?::\w+)?}")
# Names in an address that are nobody's record: a language, the hash of a sound, and the secret of a link.
NOBODYS = {"/v1/words/{tag}", "/v1/audio/{name}", *(f"/listen/{{token}}{each}" for each in ("", "/sound.mp3", "/heard"))}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every (method, address) of the app."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield from ((method, context.path) for method in sorted(context.methods))


def with_records(web: Web) -> list[tuple[str, str]]:
    return [(method, path) for method, path in routes(build_app(web.door)) if NAMED.search(path) and path not in NOBODYS]


async def records_of_gul(web: Web) -> dict[str, str]:
    """One record of each kind, by the name it has in an address."""
    gul = await web.ward.patient()
    await web.ward.enrolled(gul)
    message = await web.ward.due(gul, state="failed", why="no-channel")
    async with web.ward.database.work() as work:
        alert = await raise_alert(work, gul, "ask-nurse", "same-day", "assistant")
        await make_code(work, gul, web.ward.nurse_id)
        await add_duty(work, web.ward.clinic.id, web.ward.nurse_id, 8, 20)
        (duty,) = await rota(work, web.ward.clinic.id)
    return {"patient_id": gul.id, "message_id": message, "alert_id": alert.id, "duty_id": duty.id}


async def serik(web: Web) -> Desk:
    async with web.ward.database.work() as work:
        nurse = await create_staff(work, web.ward.other_clinic.id, "serik", "Serik", "nurse")
    return await web.desk(nurse.id)


async def knock(desk: Desk, method: str, path: str) -> tuple[int, str]:
    """Status and page; a form is sent as our own page would send it."""
    fields = {"outcome": "advised", "cycle": "2"}
    answer = await desk.get(path) if method == "GET" else await desk.submit(path, **fields)
    return answer.status, re.sub(r"[?&;]lang=\w+|/[0-9a-f]{32}|nobody", "", answer.text)


@pytest.fixture
async def records(web_alone: Web) -> dict[str, str]:
    return await records_of_gul(web_alone)


async def test_every_kind_of_record_in_an_address_is_tried(web_alone: Web, records: dict[str, str]):
    named = {name for _, path in with_records(web_alone) for name in NAMED.findall(path)}

    assert named == set(records), "a route with a new kind of id: give Gul one in records_of_gul, so that Serik tries it"


async def test_another_clinics_record_looks_exactly_like_none(web_alone: Web, records: dict[str, str]):
    desk = await serik(web_alone)

    for method, path in with_records(web_alone):
        hers = await knock(desk, method, path.format(**records))
        nobodys = await knock(desk, method, path.format(**dict.fromkeys(records, "nobody")))
        assert (hers[0], hers) == (404, nobodys), f"{method} {path}"


async def test_nothing_of_hers_has_changed(web_alone: Web, records: dict[str, str]):
    ward, desk = web_alone.ward, await serik(web_alone)
    before = await state_of(web_alone, records)

    for method, path in with_records(web_alone):
        await knock(desk, method, path.format(**records))

    assert await state_of(web_alone, records) == before
    assert [each for each in await ward.all(Audit) if each.patient_id == records["patient_id"]] == []


async def state_of(web: Web, records: dict[str, str]) -> list[Any]:
    alerts = [(each.acknowledged_at, each.closed_at) for each in await web.ward.all(Alert)]
    codes = [(each.fingerprint, each.expires_at) for each in await web.ward.all(LinkingCode)]
    plans = [each.confirmed_cycles for each in await web.ward.all(CarePlan)]
    return [alerts, codes, plans, (await web.ward.message(records["message_id"])).seen_by]


async def test_serik_sees_his_own_clinic_only(web_alone: Web, records: dict[str, str]):
    desk = await serik(web_alone)

    for path in ("/console", "/console/patients"):
        page = await desk.get(path)
        assert page.status == 200
        assert "Gul" not in page.text
        assert not any(each in page.text for each in records.values())


async def test_her_own_nurse_finds_all_of_it(web_alone: Web, records: dict[str, str]):
    desk = await web_alone.desk()

    found = [(await knock(desk, method, path.format(**records)))[0] for method, path in with_records(web_alone)]

    assert set(found) <= {200, 303}


async def test_every_page_of_the_console_needs_a_sign_in(web_alone: Web):
    stranger, open_to_all = web_alone.stranger(), {"/console/sign-in", "/console/welcome"}

    for method, path in routes(build_app(web_alone.door)):
        if path.startswith("/console") and path not in open_to_all:
            answer = await stranger.ask(method, NAMED.sub("nobody", path))
            assert (answer.status, answer.headers.get("Location")) == (303, "/console/sign-in"), f"{method} {path}"


async def test_everything_of_a_patient_needs_a_linked_phone(web_alone: Web):
    stranger, open_to_all = web_alone.stranger(), {"/v1/forms", "/v1/words/{tag}", "/v1/link"}
    said = {"/v1/consents": {"purpose": "symptoms", "given": True}, "/v1/chat/messages": {"text": "1"}}

    for method, path in routes(build_app(web_alone.door)):
        if path.startswith("/v1") and path not in open_to_all:
            answer = await stranger.ask(method, NAMED.sub("nobody", path), json=said.get(path) if method == "POST" else None)
            assert (answer.status, answer.json["error"]["code"]) == (401, "unlinked"), f"{method} {path}"
