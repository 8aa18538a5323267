"""Who writes from where we do not write any more, and strangers who try too often: danger is heard and answered all the same."""

import json
from base64 import b64decode

import pytest

from care.channels.base import Post
from care.conversation import checkin_rows
from care.inbox import store
from care.inbox.tables import RawPost, Received
from care.people.linking import TRIES
from care.people.tables import Patient
from care.supervisor.erasing import erase
from tests.inbox.conftest import App

VOMITED_BLOOD = "我吐血了，很多"


async def test_danger_from_a_telephone_that_was_replaced_reaches_the_nurse(app: App) -> None:
    gul = await app.patient("Gul", address="77")
    await app.says("88", await app.code(gul))
    await app.confirms(gul)

    assert await app.says("77", VOMITED_BLOOD)
    assert [name for name, _ in await app.ward.nurse_sees()] == ["Gul"]


async def test_danger_from_who_wants_nothing_sent_abroad_reaches_the_nurse(app: App) -> None:
    app.channel.servers = "SG"
    await app.patient("Gul", address="77", yes=("reminders", "symptoms"))
    await app.says("77", "您好")
    await app.presses("77", "consent:cross-border:no")
    before = await app.ward.nurse_sees()

    await app.says("77", VOMITED_BLOOD)

    assert await app.ward.nurse_sees() != before


async def test_a_stranger_in_danger_is_told_whom_to_call_however_many_codes_were_wrong(app: App) -> None:
    for number in range(TRIES):
        await app.says("99", f"ABCDEF2{number % 8 + 2}")

    [help_first, *_] = await app.says("99", f"ABCDEF22 {VOMITED_BLOOD}")

    assert "120" in help_first


async def test_words_that_came_with_the_code_stand_in_the_conversation(app: App) -> None:
    gul = await app.patient("Gul", address=None, yes=())
    code = await app.code(gul)

    await app.says("77", f"{code} 我发烧39度")

    said = [line.reply.text for line in await app.ward.lines(gul) if line.said_by == "patient"]
    assert any("39" in text for text in said)


@pytest.mark.parametrize("act", ["write", "status"])
async def test_nothing_a_vendor_posted_names_an_erased_patient(app: App, act: str) -> None:
    gul = await app.patient("Gul", address="+77011234567")
    await app.comes({"act": "status", "address": "+77011234567", "key": "s1", "provider_id": "p1", "status": "delivered"})
    if act == "write":
        await app.says("+77011234567", "您好")

    async with app.ward.database.work() as work:
        await erase(work, app.ward.library, gul.id, app.ward.nurse_id)

    left = []
    for row in await app.ward.all(RawPost):
        raw = json.loads(app.ward.database.master.unseal(f"raw_post.{row.channel}", row.raw_sealed))
        left.append(b64decode(raw["body"]).decode())
    assert not any("77011234567" in each for each in left)


async def test_stop_from_a_telephone_that_was_replaced_stops_nothing(app: App) -> None:
    gul = await app.patient("Gul", address="77")
    await app.says("88", await app.code(gul))
    await app.confirms(gul)

    await app.says("77", "停")

    assert [each.stopped_at for each in await app.ward.all(Patient)] == [None]


async def test_nothing_of_the_patients_talk_goes_to_a_telephone_that_was_replaced(app: App) -> None:
    gul = await app.patient("Gul", address="77", yes=("reminders", "symptoms"))
    await app.says("88", await app.code(gul))
    await app.confirms(gul)
    async with app.ward.database.work() as work:
        row = await checkin_rows.make(work, gul, "q-pain", work.now)
    await app.presses("88", f"answer:pi-pain=2:{row.id}")

    told = await app.says("77", "发烧37度8")

    assert len(told) <= 1


async def test_what_waits_of_another_patient_on_the_same_telephone_is_left(app: App) -> None:
    gul, _ = await app.patient("Gul"), await app.patient("Nur")
    await app.says("77", "我有点恶心")

    async with app.ward.database.work() as work:
        await erase(work, app.ward.library, gul.id, app.ward.nurse_id)

    assert [state for state, _ in await app.states()][-1] == "waiting"


async def test_a_post_nobody_could_read_outlives_the_erasing_of_somebody_else(app: App) -> None:
    gul = await app.patient("Gul")
    async with app.ward.database.work() as work:
        await store.keep(work, [store.Come("courier", Post("POST", {}, {}, b"words of Nur"), (), unreadable=True)])

    async with app.ward.database.work() as work:
        await erase(work, app.ward.library, gul.id, app.ward.nurse_id)

    dead = {each.raw_post_id for each in await app.ward.all(Received) if each.state == "dead"}
    assert dead <= {each.id for each in await app.ward.all(RawPost)}
