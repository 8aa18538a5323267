"""A phone stays a patient's own for as long as it is used, through years of treatment."""

from datetime import timedelta

from care.people.linking import DEVICE_LIFE, RENEW_AFTER
from tests.ward import Device, Ward
from tests.web import Web


async def test_a_phone_that_is_used_is_still_linked_after_years(web_alone: Web) -> None:
    phone = await web_alone.phone(await web_alone.ward.patient())

    for _ in range(12):
        web_alone.ward.clock.advance(timedelta(days=150))
        assert (await phone.get("/v1/chat/messages")).status == 200

    web_alone.ward.clock.advance(DEVICE_LIFE + timedelta(seconds=1))
    assert (await phone.get("/v1/chat/messages")).status == 401


async def test_its_cookie_is_renewed_with_it(web_alone: Web) -> None:
    phone = await web_alone.phone(await web_alone.ward.patient())
    phone.headers = {}  # a browser sends the cookie, not the token

    assert "set-cookie" not in {name.lower() for name in (await phone.get("/v1/chat/messages")).headers}
    web_alone.ward.clock.advance(RENEW_AFTER + timedelta(seconds=1))
    answer = await phone.get("/v1/chat/messages")

    assert "max-age=15552000" in answer.headers["Set-Cookie"].lower()


async def test_reading_all_day_writes_one_row(web_alone: Web) -> None:
    ward = web_alone.ward
    phone = await web_alone.phone(await ward.patient())
    begun = {each.seen_at for each in await ward.all(Device)}
    ward.clock.advance(RENEW_AFTER)
    await phone.get("/v1/chat/messages")

    assert {each.seen_at for each in await ward.all(Device)} == begun


async def test_what_is_due_for_a_phone_nobody_used_for_half_a_year_is_the_nurses_work(ward: Ward) -> None:
    gul = await ward.patient()
    ward.clock.advance(DEVICE_LIFE + timedelta(seconds=1))
    reminder = await ward.due(gul)

    await ward.tick()

    assert await ward.state(reminder) == ("failed", "no-channel")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]
