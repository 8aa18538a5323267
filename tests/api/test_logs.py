"""What a patient is called, says and lives by never leaves through logs or health pages, not even when something breaks."""

import json
import signal

from sqlalchemy import text

from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.staff import make_signin_link
from tests.api.door_process import running_door
from tests.ward import Ward

NAME, TELEPHONE, SAID, PASSWORD = "Qanarya-Ismi", "+86 139 9100 7777", "qanarya-sözi 38.6 大便带血", "qanarya-parol-12"
FORM, ZONE = "ug-Arab", "Asia/Urumqi"
# Language, script and clock stand for who somebody is (design, decision 3).
CANARIES = (NAME, TELEPHONE, SAID, "qanarya", "带血", PASSWORD, FORM, ZONE, "Urumqi", "ug_", '"ug"', "Arab", "Uyghur")


async def canary(ward: Ward) -> str:
    """A patient's linking code."""
    async with ward.database.work() as work:
        new = NewPatient(NAME, FORM, ZONE, phone=TELEPHONE, birth_year=1961)
        patient = await register(work, ward.clinic.id, ward.nurse_id, new)
        return await make_code(work, patient, ward.nurse_id)


async def signin_token(ward: Ward) -> str:
    async with ward.database.work() as work:
        return await make_signin_link(work, ward.nurse_id)


async def live_a_bad_day(ward: Ward) -> tuple[str, str]:
    """Everything goes wrong at the door: what it wrote, and what its health pages said."""
    code, token = await canary(ward), await signin_token(ward)
    async with running_door(ward) as door:
        visitor, phone = door.visitor(), await door.phone(code, FORM)
        await visitor.post("/console/welcome", data={"token": token, "password": PASSWORD})
        await visitor.post("/console/sign-in", data={"login": NAME, "password": PASSWORD})
        await visitor.get("/console/patients")
        await phone.post("/v1/chat/messages", json={"text": SAID})
        await phone.post("/v1/chat/messages", json={"text": 1, SAID: SAID})
        await visitor.get(f"/{SAID}?q={NAME}")
        async with ward.database.work() as work:
            await work.session.execute(text("update patient_key set wrapped = x'00'"))
        broken = await phone.post("/v1/chat/messages", json={"text": SAID})
        assert (broken.status, SAID in broken.text) == (500, False)
        health = [(await visitor.get(path)).text for path in ("/healthz", "/readyz")]
        return await door.end(), "\n".join(health)


async def test_logs_say_what_broke_and_where_and_never_whose(ward: Ward):
    written, health = await live_a_bad_day(ward)

    told = ("alarm.raised", '"event": "request.failed"', '"route": "/v1/chat/messages"', "CannotOpen")
    assert [word for word in told if word not in written] == []  # silence would keep secrets too
    assert [word for word in (*CANARIES, json.dumps(SAID)[1:-1]) if word in written + health] == []


async def test_the_door_ends_when_told_though_a_phone_still_listens(ward: Ward):
    code = await canary(ward)
    async with running_door(ward) as door:
        phone = await door.phone(code, FORM)
        async with phone.http.get(f"{door.url}/v1/chat/events", headers=phone.headers) as stream:
            assert (stream.status, stream.headers.get("server")) == (200, None)
            await door.end()

    assert door.process.returncode == -signal.SIGTERM  # how a server says that it was told, once it has ended well
    assert door.written == ""
