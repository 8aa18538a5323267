"""The database is away, or takes nothing: the door says so, reads where it can, and the phone's own key saves the message."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.postgresql import away
from tests.ward import Ward
from tests.web import Web

MENU = {"payload": "menu", "key": "the-phones-own-key"}
on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)


async def let_write(ward: Ward, may: bool) -> None:
    """A disk that is full, or was mounted for reading only."""
    event.listen(
        ward.database.engine.sync_engine, "connect", lambda connection, _: connection.execute(f"PRAGMA query_only={int(not may)}")
    )
    await ward.database.engine.dispose()


@on_sqlite
async def test_a_disk_that_takes_nothing_is_told_and_the_same_key_is_said_once_when_it_does(web_alone: Web):
    gul = await web_alone.ward.patient()
    phone = await web_alone.phone(gul)
    await let_write(web_alone.ward, may=False)

    refused = await phone.post("/v1/chat/messages", json=MENU)
    assert refused.status == 503, refused.text
    assert (refused.status, refused.json["error"]["code"], refused.headers["retry-after"]) == (503, "away", "5")
    assert await phone.lines() == []

    await let_write(web_alone.ward, may=True)
    assert [(await phone.post("/v1/chat/messages", json=MENU)).status for _ in range(2)] == [200, 200]
    assert [line["act"] for line in await phone.lines()].count("menu") == 1


@on_postgresql
async def test_a_database_that_died_is_told_and_the_same_key_is_said_once_when_it_is_back(web_alone: Web, postgresql: str):
    gul = await web_alone.ward.patient()
    phone, desk = await web_alone.phone(gul), await web_alone.desk()
    with away(postgresql):
        assert (await phone.post("/v1/chat/messages", json=MENU)).status == 503
        assert (await desk.get("/console")).status == 503

    assert [(await phone.post("/v1/chat/messages", json=MENU)).status for _ in range(2)] == [200, 200]
    assert [line["act"] for line in await phone.lines()].count("menu") == 1


@on_postgresql
async def test_a_scheduler_whose_database_died_goes_on_when_it_is_back(ward: Ward, postgresql: str):
    gul = await ward.patient()
    reminders = [await ward.due(gul) for _ in range(30)]
    metronome = ward.metronome()
    with away(postgresql), pytest.raises(OperationalError):
        await metronome.tick()

    await metronome.tick()

    assert {await ward.state(each) for each in reminders} == {("sent", None)}
    assert len(await ward.lines(gul)) == 30
