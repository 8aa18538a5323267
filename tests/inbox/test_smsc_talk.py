"""One town through SMSC.kz's stand-in: a number used by the nurse, texts, calls, what becomes of them, hours without it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.channels.base import Receipt, Step
from care.channels.smsc import BESIDE, id_for
from care.messages.tables import Message
from tests.inbox.telephone import Town, open_town
from tests.vendors.base import Taken
from tests.vendors.smsc import open_stand
from tests.ward import Ward

OFF, ENGAGED, NO_SUCH_NUMBER = (20, 6), (20, 240), (20, 1)  # status and error of a report


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


@pytest.fixture
async def town(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_stand(ward.clock, tmp_path) as stand, open_town(ward, audio, stand, "KZ") as town:
        yield town


async def reminded(town: Town, *, audio: bool = False) -> list[Taken]:
    """Serik has a dose at 12:30 and hears of it, if by voice, by a call."""
    serik = await town.patient("Serik", "8 701 123 45 67", "kk-Cyrl", audio)
    await town.ward.enrolled(serik)
    await town.settles()
    town.ward.clock.advance(timedelta(hours=3, minutes=31))  # Kazakhstan is three hours behind Beijing
    taken = await town.takes()
    [message] = [each for each in await town.ward.all(Message) if (each.kind, each.channel) == ("medicine", "smsc")]
    key = f"message:{message.id}"
    return [each for each in taken if each.body["id"] in (id_for(key), id_for(key + BESIDE))]  # a topic came too


async def reported(town: Town, call: Taken, status: int, error: int = 0) -> None:
    told = {"id": call.body["id"], "phone": call.to.lstrip("+"), "status": str(status), "err": str(error), "ts": 1796104800}
    assert await town.stand.vendor.reports(town.hook, told, times=2) == [200, 200]
    await town.settles()


async def test_a_reminder_is_a_text_whose_link_opens_the_listening_page_and_a_report_says_it_arrived(town: Town) -> None:
    [text] = await reminded(town)
    assert (text.what, text.to) == ("text", "+77011234567")
    assert "12:30" in text.body["mes"]
    [link] = re.findall(r"https?://\S+", text.body["mes"])
    page = await town.web.stranger().get(link.removeprefix(town.web.url))
    assert page.status == 200

    await reported(town, text, 1)
    assert ("medicine", "delivered", None) in await town.states()
    assert await town.ward.nurse_sees() == []


async def test_whoever_wants_to_hear_is_called_with_the_words_beside_the_call(town: Town) -> None:
    call, text = await reminded(town, audio=True)
    assert (call.what, text.what) == ("call", "text")

    await reported(town, text, 1)  # of the words: it says nothing of the call
    assert ("medicine", "sent", None) in await town.states()
    await reported(town, call, 1)
    assert ("medicine", "delivered", None) in await town.states()


async def test_a_number_nobody_has_closes_the_contact_and_a_nurse_is_told(town: Town) -> None:
    [text] = await reminded(town)
    await reported(town, text, *NO_SUCH_NUMBER)

    assert await town.contacts() == [("smsc", "bad-address")]
    assert ("medicine", "failed", "bad-address") in await town.states()
    assert await town.ward.nurse_sees() == [("Serik", "undelivered")]


async def test_a_phone_that_is_off_is_told_to_a_nurse_and_the_contact_stays(town: Town) -> None:
    [text] = await reminded(town)
    await reported(town, text, *OFF)

    assert await town.contacts() == [("smsc", None)]
    assert ("medicine", "failed", "unreachable") in await town.states()
    assert await town.ward.nurse_sees() == [("Serik", "undelivered")]
    await reported(town, text, 1)  # it was switched on: the receipt that comes late wins
    assert ("medicine", "delivered", None) in await town.states()


async def test_an_engaged_telephone_has_the_words_beside_so_nothing_is_said_twice(town: Town) -> None:
    call, _ = await reminded(town, audio=True)
    await reported(town, call, *ENGAGED)

    assert await town.takes() == []
    assert ("medicine", "failed", "busy") in await town.states()
    assert await town.ward.nurse_sees() == [("Serik", "undelivered")]


async def test_a_report_finds_a_message_whose_answer_was_lost(town: Town) -> None:
    serik = await town.patient("Serik", "+77011234567", "kk-Cyrl", audio=False)
    await town.ward.due(serik)
    town.stand.vendor.refuse_next("lose-answer")
    [text] = await town.takes()
    assert ("medicine", "unknown", "no-answer") in await town.states()

    await reported(town, text, 1)
    assert ("medicine", "delivered", None) in await town.states()


async def test_a_telephone_that_rang_often_enough_gets_words_and_the_next_patient_a_call(town: Town) -> None:
    town.stand.channel._calls = replace(town.stand.channel._calls, most=1)  # type: ignore[attr-defined]
    serik = await town.patient("Serik", "+77011234567", "kk-Cyrl")
    aigul = await town.patient("Aigul", "+77017654321", "kk-Cyrl")
    whats = []
    for patient in (serik, serik, aigul):
        await town.ward.due(patient)
        whats.append([each.what for each in await town.takes()])

    assert whats == [["call", "text"], ["text"], ["call", "text"]]


async def test_a_vendor_that_is_down_for_hours_holds_up_nobody_else_and_its_backlog_drains(town: Town) -> None:
    many = [await town.patient(f"Serik {number}", f"+770112345{number:02}", "kk-Cyrl", False) for number in range(14)]
    gul = await town.ward.patient("Gul", "web", "kk-Cyrl")
    await town.goes_down()
    stale = [await town.ward.due(each, **until(town, 4)) for each in many[::2]]
    fresh = [await town.ward.due(each, **until(town, 8)) for each in many[1::2] for _ in range(3)]
    hers = await town.ward.due(gul)
    await town.settles()
    assert (await town.ward.state(hers))[0] == "sent"
    assert {(await town.ward.state(each))[0] for each in (*stale, *fresh)} == {"due"}

    for _ in range(20):  # five hours
        town.ward.clock.advance(timedelta(minutes=15))
        await town.settles()
    assert {await town.ward.state(each) for each in stale} == {("missed", "too-late")}
    assert {each.message_id for each in await town.ward.undelivered()} >= set(stale)
    assert ("Serik 0", "undelivered") in await town.ward.nurse_sees()

    await town.comes_back()
    most = await drained(town, fresh)
    assert {await town.ward.state(each) for each in fresh} == {("sent", None)}
    numbers = [f"+770112345{number:02}" for number in range(1, 14, 2) for _ in range(3)]
    assert sorted(each.to for each in town.stand.vendor.taken) == numbers
    assert most <= town.stand.channel.can.sockets < 15  # at once, of which SMSC would refuse some


def until(town: Town, hours: int) -> dict[str, Any]:
    return {"useful_until": town.ward.clock.now() + timedelta(hours=hours)}


async def drained(town: Town, ids: list[str]) -> int:
    """Until all are sent.  Returns how many were on the wire at once."""
    at_once, most, send = 0, 0, town.stand.channel.send

    async def counted(step: Step) -> Receipt:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return await send(step)
        finally:
            at_once -= 1

    town.stand.channel.send = counted  # type: ignore[method-assign]
    for _ in range(12):
        town.ward.clock.advance(timedelta(minutes=5))
        await town.settles()
        if all([(await town.ward.message(each)).state == "sent" for each in ids]):
            break
    return most
