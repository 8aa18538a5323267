"""The door of vendors: who does not know our secret is refused, what is thanked for is kept, and the answer does not wait."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from care.conversation.assistant import AssistantDown, Understood
from care.inbox.tables import RawPost, Received
from care.kit.clock import stopwatch_s
from care.people import contacts
from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.tables import Patient
from tests.inbox.courier import Courier, post_of, sign
from tests.inbox.test_media import spoken
from tests.ward import Ward
from tests.web import Answer, Web, open_web

SOON_S = 20.0  # on a busy machine


@pytest.fixture
async def courier() -> Courier:
    return Courier()


@pytest.fixture
async def web(ward: Ward, audio: Path, courier: Courier) -> AsyncIterator[Web]:
    async with open_web(ward, audio, channels={"courier": courier}) as opened:
        yield opened


async def posts(web: Web, *events: dict[str, object]) -> Answer:
    post = post_of(*events)
    return await web.stranger().post("/hooks/courier", data=post.body, headers=dict(post.headers))


async def known(web: Web, name: str = "Gul", address: str = "77") -> Patient:
    async with web.ward.database.work() as work:
        patient = await register(work, web.ward.clinic.id, web.ward.nurse_id, NewPatient(name, "zh-Hans", "Asia/Shanghai"))
        await contacts.add_contact(work, patient, contacts.Person("courier", address), confirmed=True)
    return patient


async def done(web: Web) -> None:
    """Until everything that came in is worked off."""
    begun_s = stopwatch_s()
    while any(each.state == "new" for each in await web.ward.all(Received)):
        assert stopwatch_s() - begun_s < SOON_S, "it is not worked off"
        await asyncio.sleep(0.05)


async def test_a_message_is_thanked_for_kept_and_worked_off_by_itself(web: Web) -> None:
    gul = await known(web)
    answer = await posts(web, {"key": "1", "act": "write", "address": "77", "text": "您好"})

    assert (answer.status, answer.text) == (200, "received")
    await done(web)
    assert [line.said_by for line in await web.ward.lines(gul)][:2] == ["patient", "karez"]


async def test_the_first_question_of_a_vendor_is_answered_as_plain_text(web: Web) -> None:
    visitor = web.stranger()
    asked = await visitor.get("/hooks/courier?token=between us&echo=4711")

    assert (asked.status, asked.text, asked.headers["content-type"]) == (200, "4711", "text/plain; charset=utf-8")
    assert (await visitor.get("/hooks/courier?token=guess&echo=4711")).status == 403


@pytest.mark.parametrize("body", [b"", b"{", b'{"events": []}', b"\xff" * 40])
async def test_a_stranger_is_refused_and_nothing_of_theirs_is_kept(web: Web, body: bytes) -> None:
    visitor = web.stranger()
    for headers in ({}, {"x-sign": "0" * 64}, {"x-sign": sign(body + b" ")}):
        assert (await visitor.post("/hooks/courier", data=body, headers=headers)).status == 403

    assert await web.ward.all(RawPost) == []
    assert (await visitor.post("/hooks/nobody", data=body)).status == 404


async def test_a_post_of_four_megabytes_is_refused_before_it_is_read(web: Web) -> None:
    body = b"[" * 4_000_000
    assert (await web.stranger().post("/hooks/courier", data=BytesIO(body), headers={"x-sign": sign(body)})).status == 413


async def test_what_nobody_can_read_is_thanked_for_and_kept(web: Web) -> None:
    body = b"[" * 10_000
    answer = await web.stranger().post("/hooks/courier", data=body, headers={"x-sign": sign(body)})

    assert answer.status == 200
    assert [(each.state, each.why) for each in await web.ward.all(Received)] == [("dead", "unreadable")]


class Slow:
    """An assistant that thinks for as long as it is let."""

    async def understand(self, *asked: Any, **more: Any) -> Understood:
        await asyncio.sleep(60)
        raise AssistantDown("it never came back")

    async def close(self) -> None:
        return None


async def test_a_vendor_is_thanked_at_once_while_every_turn_hangs(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.door.conversation, "assistant", Slow())
    for number in range(10):
        await known(web, address=str(number))
    waited_s = []
    for number in range(40):
        begun_s = stopwatch_s()
        event = {"key": str(number), "act": "write", "address": str(number % 10), "text": "明天要做什么呢"}
        assert (await posts(web, event)).status == 200
        waited_s.append(stopwatch_s() - begun_s)

    assert len(await web.ward.all(Received)) == 40
    assert [each.state for each in await web.ward.all(Received)].count("new") >= 30  # they are at work all the while
    assert median(waited_s) < 1


async def test_posts_of_one_moment_are_kept_side_by_side(web: Web) -> None:
    """They share a commit; each is thanked for, and each keeps its own bytes."""
    answers = await asyncio.gather(*(posts(web, {"key": str(n), "act": "write", "address": str(n)}) for n in range(30)))

    assert {answer.status for answer in answers} == {200}
    assert len(await web.ward.all(Received)) == len(await web.ward.all(RawPost)) == 30
    assert len({each.raw_post_id for each in await web.ward.all(Received)}) == 30


async def test_twenty_repeats_at_once_are_one_message(web: Web) -> None:
    gul = await known(web)
    event: dict[str, object] = {"key": "1", "act": "write", "address": "77", "text": "您好"}
    answers = await asyncio.gather(*(posts(web, event) for _ in range(20)))

    assert {each.status for each in answers} == {200}
    await done(web)
    assert len([line for line in await web.ward.lines(gul) if line.said_by == "patient"]) == 1


async def test_the_nurse_confirms_a_phone_and_hears_what_was_sent(web: Web, courier: Courier) -> None:
    courier.files["m1"] = spoken()
    gul = await known(web)
    async with web.ward.database.work() as work:
        nur = await register(work, web.ward.clinic.id, web.ward.nurse_id, NewPatient("Nur", "zh-Hans", "Asia/Shanghai"))
        code = await make_code(work, nur, web.ward.nurse_id)
    await posts(web, {"key": "1", "act": "arrive", "address": "88", "code": code})
    await done(web)
    desk = await web.desk()

    assert "Nur" in (await desk.get("/console?lang=en")).text
    page = (await desk.get(f"/console/patients/{nur.id}?lang=en")).text
    action = next(part.split('"')[0] for part in page.split('action="') if part.split('"')[0].endswith("/confirm"))
    assert (await desk.submit(action, f"/console/patients/{nur.id}")).status == 303
    assert "waits for your word" not in (await desk.get(f"/console/patients/{nur.id}?lang=en")).text

    await agrees(web, gul)
    await posts(web, {"key": "2", "act": "speak", "address": "77", "media": "m1"})
    await done(web)
    page = (await desk.get(f"/console/patients/{gul.id}?lang=en")).text
    source = page.partition('<audio controls preload="none" src="')[2].partition('"')[0]
    assert (await desk.get(source)).headers["content-type"] == "audio/mpeg"
    assert (await web.stranger().get(source)).status == 303


async def agrees(web: Web, patient: Patient) -> None:
    await posts(web, {"key": "yes", "act": "press", "address": "77", "payload": "consent:voice:yes"})
    await done(web)


async def test_the_card_shows_the_apps_own_code(web: Web) -> None:
    gul = await known(web)
    desk = await web.desk()
    card = await desk.submit(f"/console/patients/{gul.id}/code", f"/console/patients/{gul.id}")

    assert card.text.count("data:image/svg+xml") == 2
    assert "Courier" in card.text


class Leaving(Courier):
    """Sees who is still at work when the door lets the channels go, just before it closes the database."""

    async def close(self) -> None:
        self.at_work = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]


async def test_a_door_that_ends_lets_its_inbox_leave_the_database_first(ward: Ward, audio: Path):
    leaving = Leaving()

    async with open_web(ward, audio, channels={"courier": leaving}):
        pass

    assert leaving.at_work
    assert "Inbox.run" not in leaving.at_work
