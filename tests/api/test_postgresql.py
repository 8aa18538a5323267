"""What only PostgreSQL does: it cannot hold a zero byte, and commits out of order."""

import pytest

from api.patient.stream import Unheard
from care.conversation.record import write_lines
from care.kit.ids import new_id
from care.messages.reply import Reply
from care.people.tables import Patient
from tests.ward import Ward
from tests.web import Web

pytestmark = pytest.mark.postgresql
SAID = Reply(text="x", form="ug-Arab", act="said")


@pytest.fixture
def url(fresh_postgresql: str) -> str:
    return fresh_postgresql


async def test_a_zero_byte_is_refused_wherever_it_is_written(web_alone: Web):
    stranger, desk = web_alone.stranger(), await web_alone.desk()
    phone = await web_alone.phone(await web_alone.ward.patient())
    zero = {"login": "a\x00", "password": "a\x00", "token": "a\x00"}

    answers = [
        await stranger.post("/console/sign-in", data=zero),
        await stranger.post("/console/welcome", data={**zero, "password": "long enough\x00"}),
        await desk.get("/console/patients/a%00b"),
        await desk.submit("/console/alerts/a%00b/acknowledge"),
        await desk.submit("/console/messages/a%00b/seen"),
        await phone.get("/v1/audio/a%00b"),
        await stranger.post("/v1/link", json={"code": "a\x00", "form": "ug-Arab"}),
        await stranger.get("/v1/words/a%00b"),
    ]

    assert {answer.status for answer in answers} <= {400, 401, 404, 422}
    assert (await phone.post("/v1/chat/messages", json={"text": "a\x00b"})).status == 200


async def test_a_line_committed_after_one_with_a_higher_number_is_still_heard(ward: Ward):
    gul, meryem = await ward.patient("Gul"), await ward.patient("Meryem")
    unheard = Unheard(ward.database)

    async with ward.database.work() as slow:
        (guls,) = await write_lines(slow, await slow.session.get_one(Patient, gul.id), [(new_id(), SAID)])
        async with ward.database.work() as quick:
            (meryems,) = await write_lines(quick, await quick.session.get_one(Patient, meryem.id), [(new_id(), SAID)])
        assert await unheard.newest(meryem.id) == meryems.id > guls.id
        assert await unheard.newest(gul.id) == 0
    await unheard.look()

    assert await unheard.newest(gul.id) == guls.id
