"""Lines reach every phone of a patient, each once and in order, and what arrived is known from the phone itself."""

from contextlib import AsyncExitStack

from sqlalchemy import delete
from sqlalchemy.event import listen

from care.kit.ids import new_id
from care.people.tables import Device, PatientKey
from tests.api.sse import listening
from tests.ward import Ward
from tests.web import Web


async def test_what_one_phone_says_the_other_one_hears(web_alone: Web):
    gul = await web_alone.ward.patient(form="zh-Hans")
    mothers, daughters = await web_alone.phone(gul), await web_alone.phone(gul)

    async with listening(daughters) as stream:
        (answer,) = await mothers.say(payload="menu")
        pressed, heard = await stream.next(), await stream.next()

    assert (stream.status, stream.kind) == (200, "text/event-stream")
    assert (pressed["said_by"], pressed["topic"], heard["text"]) == ("patient", "menu", answer["text"])
    assert heard["event_id"] == heard["id"] == answer["id"]


async def test_a_broken_line_goes_on_after_the_last_event_it_had(web_alone: Web):
    gul = await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    await phone.say(payload="menu")
    async with listening(phone) as stream:
        first, last = await stream.next(), await stream.next()
    await phone.say(payload="nurse")

    async with listening(phone, f"?after={first['id']}", **{"Last-Event-ID": str(last["id"])}) as stream:
        came = [await stream.next(), await stream.next()]
        assert await stream.silence()

    assert came[0]["topic"] == "nurse"
    assert min(line["id"] for line in came) > last["id"]


async def test_more_lines_than_a_page_come_all_and_in_order(web_alone: Web):
    gul = await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    (first,) = await phone.say(payload="menu")
    for _ in range(55):
        await phone.say(payload="menu")

    async with listening(phone, f"?after={first['id']}") as stream:
        came = [(await stream.next())["id"] for _ in range(110)]

    assert came == sorted(set(came))


async def test_asking_for_what_comes_after_a_line_gives_exactly_that(web_alone: Web):
    gul = await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    (first,) = await phone.say(payload="menu")
    (second,) = await phone.say(payload="nurse")

    assert [line["id"] for line in await phone.lines(first["id"])][-1] == second["id"]
    assert (await phone.lines(first["id"]))[0]["topic"] == "nurse"
    assert await phone.lines(second["id"]) == []


async def test_a_number_no_line_can_have_is_refused_and_breaks_nothing(web_alone: Web):
    phone = await web_alone.phone(await web_alone.ward.patient())

    for after in ("-1", "x", "99999999999999999999999", "1e3", "%00"):
        assert (await phone.get(f"/v1/chat/messages?after={after}")).status == 422
        assert (await phone.get(f"/v1/chat/events?after={after}")).status == 422
    refused = await phone.get("/v1/chat/events", headers={"Last-Event-ID": "99999999999999999999999"})
    assert refused.status == 422


async def test_nobody_hears_another_patient(web_alone: Web):
    ward = web_alone.ward
    guls, meryems = await web_alone.phone(await ward.patient("Gul")), await web_alone.phone(await ward.patient("Meryem"))

    async with listening(meryems) as stream:
        await guls.say("بۇ سىر", key=new_id())
        assert await stream.silence()

    assert await meryems.lines() == []


async def test_many_silent_phones_cost_one_look_a_second_and_not_one_each(web_alone: Web):
    ward, asked = web_alone.ward, []
    phones = [await web_alone.phone(await ward.patient(f"Gul {number}")) for number in range(8)]

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(listening(phone)) for phone in phones]
        await streams[0].silence(1.5)  # each has had its first look
        listen(ward.database.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        await streams[0].silence(3.0)
        looks = len([statement for statement in asked if statement.lower().startswith("select")])

    assert 0 < looks <= 12  # two statements a look, which is never younger than half a second; each phone for itself: 48


async def test_a_lost_phone_hears_nothing_more_though_its_line_is_open(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    lost, phone = await web_alone.phone(gul), await web_alone.phone(gul)
    async with listening(lost) as stream:
        assert await stream.silence(1.5)
        lost_one = sorted(await ward.all(Device), key=lambda each: each.created_at)[-2]
        await ward.change(Device, lost_one.id, closed_at=ward.clock.now())
        await phone.say(payload="menu")

        assert await stream.next() is None

    assert (await lost.get("/v1/chat/messages")).status == 401


async def test_an_open_line_of_an_erased_patient_ends(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    async with listening(phone) as stream:
        assert await stream.silence(1.5)
        await phone.say(payload="menu")
        async with ward.database.work() as work:
            await work.session.execute(delete(PatientKey).where(PatientKey.patient_id == gul.id))
        while (came := await stream.next()) is not None:
            assert came["said_by"]  # what was read before the erasure

    assert (await phone.get("/v1/chat/messages")).status == 401


async def reminded(ward: Ward, patient) -> str:
    reminder = await ward.due(patient)
    await ward.tick()
    assert await ward.state(reminder) == ("sent", None)
    return reminder


async def test_a_reminder_counts_as_delivered_when_the_phone_goes_on_from_it_and_not_when_it_was_sent(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    reminder = await reminded(ward, gul)

    (line,) = await phone.lines()  # the answer may be lost on its way
    assert await ward.state(reminder) == ("sent", None)

    await phone.lines(line["id"])
    assert await ward.state(reminder) == ("delivered", None)


async def test_a_reminder_heard_over_the_stream_is_delivered_once_the_phone_listens_again(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    async with listening(phone) as stream:
        reminder = await reminded(ward, gul)
        line = await stream.next()
    assert await ward.state(reminder) == ("sent", None)

    async with listening(phone, **{"Last-Event-ID": str(line["id"])}):
        assert await ward.state(reminder) == ("delivered", None)


async def test_a_phone_that_has_an_older_line_has_not_the_newer_reminder(web_alone: Web):
    ward = web_alone.ward
    gul = await ward.patient()
    phone = await web_alone.phone(gul)
    (menu,) = await phone.say(payload="menu")
    reminder = await reminded(ward, gul)

    await phone.lines(menu["id"])

    assert await ward.state(reminder) == ("sent", None)
