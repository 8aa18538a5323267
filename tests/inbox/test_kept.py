"""What was thanked for is kept: once, in order, sealed, through restarts; what nobody can read is shown and stops nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from care.channels.base import Forged, Post
from care.inbox import store
from care.inbox.tables import RawPost, Received
from care.people.tables import Device
from tests.inbox.conftest import App, open_inbox
from tests.inbox.courier import post_of, sign


def write(key: str, text: str, address: str = "77") -> dict[str, object]:
    return {"key": key, "act": "write", "address": address, "text": text}


async def test_a_flipped_byte_is_refused_and_kept_nowhere(app: App) -> None:
    good = post_of(write("1", "您好"))

    for place in range(0, len(good.body), 7):
        flipped = bytes([*good.body[:place], good.body[place] ^ 1, *good.body[place + 1 :]])
        with pytest.raises(Forged):
            await app.inbox.take(app.channel, Post("POST", headers=good.headers, body=flipped))
    assert await app.ward.all(RawPost) == []


async def test_repeats_in_any_order_are_one_message(app: App) -> None:
    gul = await app.patient()
    one, two = write("1", "您好"), write("2", "谢谢")
    await app.comes(one, two, one)
    await app.comes(two)
    await app.comes(two, one)

    assert [line.reply.text for line in await app.ward.lines(gul) if line.said_by == "patient"] == ["您好", "谢谢"]
    assert len(await app.ward.all(RawPost)) == 1


async def test_what_one_person_says_is_heard_in_its_order_even_when_the_first_fails(app: App) -> None:
    gul = await app.patient()
    app.channel.files["8"] = b""
    await app.inbox.take(app.channel, post_of({"key": "1", "act": "speak", "address": "77", "media": "gone"}, write("2", "您好")))
    await app.work_off()
    assert await app.ward.lines(gul) == []

    for _ in range(2):
        app.ward.clock.advance(timedelta(minutes=2))
        await app.work_off()
    assert [line.reply.act for line in await app.ward.lines(gul) if line.said_by == "patient"] == ["attached", "said"]


async def test_a_restart_between_keeping_and_working_loses_nothing(app: App, tmp_path: Path) -> None:
    gul = await app.patient()
    await app.inbox.take(app.channel, post_of(write("1", "您好")))
    async with app.ward.database.work() as work:
        assert len(await store.take(work, 8)) == 1  # and the process dies
    app.inbox = open_inbox(app.ward, app.channel, tmp_path)
    await app.work_off()
    assert await app.ward.lines(gul) == []  # another one may still be at it

    async with app.ward.database.work() as work:
        await work.session.execute(update(Received).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
    await app.work_off()
    assert next(line.said_by for line in await app.ward.lines(gul)) == "patient"
    assert await app.states() == [("done", None)]


async def test_what_cannot_be_read_is_a_dead_letter_once_and_its_bytes_are_kept(app: App) -> None:
    body = b'{"events": [{"act": "dance", "key": "1"}]}'
    post = Post("POST", headers={"x-sign": sign(body)}, body=body)
    assert (await app.inbox.take(app.channel, post)).text == "received"
    await app.inbox.take(app.channel, post)

    async with app.ward.database.look() as work:
        assert (await store.count_open(work)).dead == 1
        raw = await store.read_raw(work, (await app.ward.all(RawPost))[0].id)
    assert raw
    assert raw.body == body


async def test_one_that_breaks_us_is_dead_after_three_tries_and_the_others_go_on(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    gul = await app.patient()
    await app.inbox.take(app.channel, post_of({"key": "1", "act": "status", "status": "no-such"}, write("2", "您好")))
    for _ in range(3):
        await app.work_off()
        app.ward.clock.advance(timedelta(minutes=2))

    assert await app.states() == [("dead", "ValueError"), ("done", None)]
    assert await app.ward.lines(gul)


async def test_nothing_readable_stands_in_the_database(app: App) -> None:
    """The addresses have letters no digest has: four digits stand in one of a few hundred digests by chance."""
    await app.patient(address="tel-known-phone")
    await app.comes(write("key-of-known-phone", "secret words", "tel-known-phone"), write("z", "waiting words", "tel-new-phone"))

    rows = [vars(row) for table in (Received, RawPost, Device) for row in await app.ward.all(table)]
    assert not [row for row in rows for told in ("known-phone", "new-phone", "words") if told in str(row)]


async def test_old_posts_are_forgotten_and_a_repeat_of_last_week_is_still_known(app: App) -> None:
    await app.patient()
    await app.comes(write("1", "您好"))
    app.ward.clock.advance(timedelta(days=8))
    await app.comes(write("1", "您好"))
    assert len(await app.ward.all(RawPost)) == 1
    app.ward.clock.advance(timedelta(days=31))
    async with app.ward.database.work() as work:
        await store.forget_old(work)

    assert (await app.ward.all(RawPost), await app.ward.all(Received)) == ([], [])
