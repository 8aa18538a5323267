"""Serik of another clinic looks for Gul on every route that takes an id, and finds nobody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import build_app
from care.alarms.rota import add_duty, rota
from care.alarms.service import raise_alert
from care.alarms.tables import Alert
from care.inbox.shelf import Ready, Shelf
from care.people.contacts import Person, add_contact
from care.people.linking import make_code
from care.people.staff import SignedIn, create_staff
from care.people.tables import Audit, Clinic, LinkingCode, Patient
from care.plans.tables import CarePlan
from care.studio.desk import open_desk
from care.studio.drafts import begin
from care.studio.overlay import SOUND, sounds_of
from care.studio.recordings import add_recording
from care.studio.sound import Sound
from care.studio.tables import Draft, Edition, Recording
from care.supervisor.progress import only_one
from tests.ward import Occurrence
from tests.web import Answer, Desk, Web

NAMED = re.compile(r"{(\w+)(?::\w+)?}")
# Names in an address that are nobody's record: a language, the hash of a sound, the secret of a link, and where a text stands -
# all clinics of a server speak the same texts (docs/decisions/0014), and only the clinic that keeps them comes to the page.
NOBODYS = {
    *("/v1/words/{tag}", "/v1/audio/{name}", "/studio/clip/{name}", "/studio/text/{language}/{place:path}"),
    "/hooks/{name}",
    *(f"/listen/{{token}}{each}" for each in ("", "/sound.mp3", "/heard")),
}
PHRASES = "phrases.yml"  # a voice says its first phrase in no time, a topic in many seconds


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
    plan = await web.ward.enrolled(gul)
    message = await web.ward.due(gul, state="failed", why="no-channel")
    async with web.ward.database.work() as work:
        alert = await raise_alert(work, gul, "ask-nurse", "same-day", "assistant")
        await make_code(work, gul, web.ward.nurse_id)
        await add_duty(work, web.ward.clinic.id, web.ward.nurse_id, 8, 20)
        (duty,) = await rota(work, web.ward.clinic.id)
    visit = (await web.ward.all(Occurrence))[0].id
    await web.ward.change(Occurrence, visit, kind="appointment")
    hers = {"patient_id": gul.id, "plan_id": plan, "message_id": message, "alert_id": alert.id, "duty_id": duty.id}
    hers |= {"occurrence_id": visit}
    return hers | await app_of_gul(web, gul) | await draft_of_gul(web)


async def app_of_gul(web: Web, gul: Patient) -> dict[str, str]:
    """A telephone that waits to be confirmed, and a picture that was sent from it."""
    async with web.ward.database.work() as work:
        device = await add_contact(work, gul, Person("courier", "77"))
        picture = Ready("picture", b"GIF89a", "image/gif")
        attachment = await Shelf(web.door.settings.home / "attachments").put(work, gul, "k1", picture)
    return {"device_id": device.id, "attachment_id": attachment}


async def draft_of_gul(web: Web) -> dict[str, str]:
    """A text that somebody of her clinic began to write, and speaks herself."""
    ward, settings = web.ward, web.door.settings
    async with ward.database.work() as work:
        row = await create_staff(work, ward.clinic.id, "aliya", "Aliya", "editor")
        aliya = SignedIn(row.id, ward.clinic.id, "Aliya", "editor", "zh", "Asia/Shanghai", "csrf")
        desk = await open_desk(work, aliya, settings.content)
        draft = await begin(desk, "ug", PHRASES)
        take = await add_recording(desk, draft.id, draft.edition, Sound("0" * 64, 2.0), "120", "menu")
    sounds_of(settings.home).mkdir(parents=True)
    (sounds_of(settings.home) / f"{take.sound}.{SOUND}").write_bytes(b"OggS")
    return {"draft_id": draft.id, "recording_id": take.id}


@dataclass
class Colleagues:
    """A nurse and a reviewer of one clinic: whoever of them has business at an address knocks there."""

    nurse: Desk
    reviewer: Desk

    async def ask(self, method: str, path: str) -> Answer:
        """A form is sent as our own page would send it."""
        desk, on = (self.reviewer, "/studio") if path.startswith("/studio") else (self.nurse, "/console")
        return await (desk.get(path) if method == "GET" else desk.submit(path, on, **FIELDS))

    async def knock(self, method: str, path: str) -> tuple[int, str]:
        """Status and page, without what tells one address from another."""
        answer = await self.ask(method, path)
        return answer.status, re.sub(r"[?&;]lang=\w+|/[0-9a-f]{32}|nobody", "", answer.text)


FIELDS = {
    **{"outcome": "advised", "seen": "0", "edition": "0", "comment": "39", "until": "2028-01-01"},
    **{"channel": "courier"},
    **{"do": "pause", "kind": "hold", "ask_on": "2026-12-08"},
    **{"medicine": "capecitabine", "day": "2026-12-01", "days": "28"},
}


async def hired(web: Web, clinic: Clinic, role: str) -> Desk:
    """Somebody new, signed in."""
    async with web.ward.database.work() as work:
        row = await create_staff(work, clinic.id, f"{role}-{clinic.name[-1]}", "Serik", role)
    return await web.desk(row.id)


async def colleagues(web: Web, clinic: Clinic) -> Colleagues:
    return Colleagues(await hired(web, clinic, "nurse"), await hired(web, clinic, "reviewer"))


async def serik(web: Web) -> Colleagues:
    """Of another clinic, which keeps the words of the server by now: else the studio is closed to it whatever is asked for."""
    ward = web.ward
    for clinic in (ward.clinic, ward.other_clinic):
        await ward.change(Clinic, clinic.id, keeps_content=clinic is ward.other_clinic)
    return await colleagues(web, ward.other_clinic)


@pytest.fixture
async def records(web_alone: Web) -> dict[str, str]:
    return await records_of_gul(web_alone)


async def test_every_kind_of_record_in_an_address_is_tried(web_alone: Web, records: dict[str, str]):
    named = {name for _, path in with_records(web_alone) for name in NAMED.findall(path)}

    assert named == set(records), "a route with a new kind of id: give Gul one in records_of_gul, so that Serik tries it"


async def test_another_clinics_record_looks_exactly_like_none(web_alone: Web, records: dict[str, str]):
    him = await serik(web_alone)

    for method, path in with_records(web_alone):
        hers = await him.knock(method, path.format(**records))
        nobodys = await him.knock(method, path.format(**dict.fromkeys(records, "nobody")))
        assert (hers[0], hers) == (404, nobodys), f"{method} {path}"


async def test_nothing_of_hers_has_changed(web_alone: Web, records: dict[str, str]):
    ward, him = web_alone.ward, await serik(web_alone)
    before = await state_of(web_alone, records)

    for method, path in with_records(web_alone):
        await him.knock(method, path.format(**records))

    assert await state_of(web_alone, records) == before
    assert [each for each in await ward.all(Audit) if each.patient_id == records["patient_id"]] == []


async def state_of(web: Web, records: dict[str, str]) -> list[Any]:
    alerts = [(each.acknowledged_at, each.closed_at) for each in await web.ward.all(Alert)]
    codes = [(each.fingerprint, each.expires_at) for each in await web.ward.all(LinkingCode)]
    plans = [(each.template, each.paused_at) for each in await web.ward.all(CarePlan)]
    drafts = [(each.state, each.edition) for each in await web.ward.all(Draft)]
    takes = [(each.heard_by, each.removed_at) for each in await web.ward.all(Recording)]
    editions = len(await web.ward.all(Edition))
    return [alerts, codes, plans, drafts, takes, editions, (await web.ward.message(records["message_id"])).seen_by]


async def test_serik_sees_his_own_clinic_only(web_alone: Web, records: dict[str, str]):
    him = await serik(web_alone)

    for path in ("/console", "/console/patients", "/studio"):
        page = await him.ask("GET", path)
        assert page.status == 200
        assert "Gul" not in page.text
        assert not any(each in page.text for each in records.values())


async def test_her_own_clinic_finds_all_of_it(web_alone: Web, records: dict[str, str]):
    hers = await colleagues(web_alone, web_alone.ward.clinic)

    for method, path in with_records(web_alone):
        status = (await hers.ask(method, path.format(**records))).status
        # A text that stands elsewhere by now, a form without its sound, a plan that is paused already: found, and told so.
        assert status in {200, 303, 409, 422}, f"{method} {path}"


@pytest.mark.parametrize(("clinic", "role"), [("clinic", "nurse"), ("other_clinic", "reviewer"), ("other_clinic", "admin")])
async def test_only_who_writes_for_the_clinic_that_keeps_the_words_enters_the_studio(
    web_alone: Web, records: dict[str, str], clinic: str, role: str
):
    stranger, on = await hired(web_alone, getattr(web_alone.ward, clinic), role), "/console" if role == "nurse" else "/studio"
    known = records | dict.fromkeys(("language", "place", "name"), "ug")

    with only_one(web_alone.ward.home):  # should a stranger come so far, nothing is taught here
        for method, path in routes(build_app(web_alone.door)):
            if path.startswith("/studio"):
                at = NAMED.sub(r"{\1}", path).format(**known)
                answer = await stranger.get(at) if method == "GET" else await stranger.submit(at, on, **FIELDS)
                assert answer.status == 403, f"{method} {path}"


async def test_who_writes_texts_comes_to_no_patient(web_alone: Web, records: dict[str, str]):
    rena = await hired(web_alone, web_alone.ward.clinic, "reviewer")

    for method, path in with_records(web_alone):
        if path.startswith("/console"):
            at = path.format(**records)
            answer = await rena.get(at) if method == "GET" else await rena.submit(at, "/studio", **FIELDS)
            assert answer.status == 403, f"{method} {path}"


async def test_every_page_of_the_staff_needs_a_sign_in(web_alone: Web):
    stranger, open_to_all = web_alone.stranger(), {"/console/sign-in", "/console/welcome"}

    for method, path in routes(build_app(web_alone.door)):
        if path.startswith(("/console", "/studio")) and path not in open_to_all:
            answer = await stranger.ask(method, NAMED.sub("nobody", path))
            assert (answer.status, answer.headers.get("Location")) == (303, "/console/sign-in"), f"{method} {path}"


async def test_everything_of_a_patient_needs_a_linked_phone(web_alone: Web):
    stranger, open_to_all = web_alone.stranger(), {"/v1/forms", "/v1/words/{tag}", "/v1/link"}
    said = {"/v1/consents": {"purpose": "symptoms", "given": True}, "/v1/chat/messages": {"text": "1"}}

    for method, path in routes(build_app(web_alone.door)):
        if path.startswith("/v1") and path not in open_to_all:
            answer = await stranger.ask(method, NAMED.sub("nobody", path), json=said.get(path) if method == "POST" else None)
            assert (answer.status, answer.json["error"]["code"]) == (401, "unlinked"), f"{method} {path}"
