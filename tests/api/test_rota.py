"""The rota's page: a nurse puts colleagues in order and sets how soon alerts must be acknowledged."""

from care.alarms.rota import rota
from tests.web import Web

TIMES = {"emergency": "3", "urgent-1h": "30", "same-day": "120", "next-working-day": "1440"}


async def test_a_colleague_is_put_on_the_rota_and_taken_off_again(web_alone: Web):
    desk = await web_alone.desk()

    added = await desk.submit("/console/rota", person=web_alone.ward.nurse_id, from_hour="20", until_hour="8")
    page = (await desk.get("/console/rota")).text
    async with web_alone.ward.database.look() as work:
        (duty,) = await rota(work, web_alone.ward.clinic.id)
    await desk.submit(f"/console/rota/{duty.id}/remove")

    assert added.status == 303
    assert all(shown in page for shown in ("20:00", "08:00", duty.name))
    async with web_alone.ward.database.look() as work:
        assert await rota(work, web_alone.ward.clinic.id) == []


async def test_the_times_of_the_hospital_stand_on_the_page_and_count_at_once(web_alone: Web):
    desk = await web_alone.desk()

    saved = await desk.submit("/console/rota/times", **TIMES)

    assert saved.status == 303
    assert 'value="30"' in (await desk.get("/console/rota")).text


async def test_hours_and_minutes_that_make_no_sense_change_nothing(web_alone: Web):
    desk = await web_alone.desk()

    hour = await desk.submit("/console/rota", person=web_alone.ward.nurse_id, from_hour="25", until_hour="8")
    minutes = await desk.submit("/console/rota/times", **TIMES | {"emergency": "0"})

    assert (hour.status, minutes.status) == (422, 422)
