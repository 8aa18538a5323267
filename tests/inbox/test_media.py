"""Voice messages and pictures: kept sealed for a nurse, when the patient has agreed; never taken for what they are not."""

import io
import wave
from datetime import timedelta

import pytest

from care.channels.base import Media
from care.inbox.shelf import NotMedia, make_ready
from care.inbox.store import TRIES
from care.inbox.tables import Attachment
from care.people.patients import NotFound
from care.people.tables import Patient
from tests.inbox.conftest import App

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


def spoken(seconds: float = 1.0) -> bytes:
    """A wave file somebody spoke a little into."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(range(256)) * int(seconds * 16_000 // 256))
    return file.getvalue()


async def test_a_voice_message_is_put_before_the_nurse_and_the_patient_told_so(app: App) -> None:
    app.channel.files["m1"] = spoken()
    gul = await app.patient()

    await app.does("77", "speak", media="m1")
    assert await app.answers() == [app.phrase("media-voice", emergency_number="120")]
    assert await app.ward.nurse_sees() == [("Gul", "voice-message")]
    [kept] = await app.ward.all(Attachment)
    async with app.ward.database.look() as work:
        _, content = await app.inbox.shelf.open(work, gul.clinic_id, kept.id)
        with pytest.raises(NotFound):
            await app.inbox.shelf.open(work, app.ward.other_clinic.id, kept.id)
    assert (kept.media_type, kept.seconds) == ("audio/mpeg", 1)
    assert content[:2] in (b"\xff\xf3", b"\xff\xfb", b"ID")
    assert all(content[:64] not in file.read_bytes() for file in app.inbox.shelf.folder.iterdir())


async def test_without_consent_nothing_is_kept_but_a_nurse_knows(app: App) -> None:
    app.channel.files["m1"] = spoken()
    await app.patient(yes=("reminders",))

    await app.does("77", "speak", media="m1")
    assert await app.answers() == [app.phrase("media-not-kept", emergency_number="120")]
    assert (await app.ward.all(Attachment), await app.ward.nurse_sees()) == ([], [("Gul", "voice-message")])


async def test_what_is_no_sound_is_no_voice_message(app: App) -> None:
    app.channel.files["m1"] = b"<html>" * 100
    await app.patient()

    await app.does("77", "speak", media="m1")
    assert await app.answers() == [app.phrase("media-other")]
    assert await app.ward.nurse_sees() == [("Gul", "voice-message")]  # it may be a cry for help all the same
    for kind, content in (("sound", b""), ("picture", spoken()), ("sound", PICTURE), ("picture", bytes(17 * 1024 * 1024))):
        with pytest.raises(NotMedia):
            await make_ready(kind, Media(content, "audio/ogg"))


async def test_a_voice_message_that_cannot_be_had_is_told_to_the_nurse(app: App) -> None:
    await app.patient()
    await app.does("77", "speak", media="gone")
    for _ in range(TRIES):
        app.ward.clock.advance(timedelta(hours=1))
        await app.work_off()

    assert await app.answers() == [app.phrase("media-other")]
    assert await app.ward.nurse_sees() == [("Gul", "voice-message")]


@pytest.mark.parametrize("act", ["show", "send"])
async def test_words_under_a_picture_or_a_film_are_listened_to_and_read_by_the_nurse(app: App, act: str) -> None:
    app.channel.files["m1"] = PICTURE
    gul = await app.patient()
    await app.does("77", act, media="m1", text="我发烧39度")

    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()
    assert any("120" in each for each in await app.answers())
    [line] = [each.reply for each in await app.ward.lines(gul) if each.said_by == "patient"]
    assert (line.act, line.text) == ("attached", "我发烧39度")


async def test_stop_under_a_picture_stops(app: App) -> None:
    app.channel.files["m1"] = PICTURE
    gul = await app.patient()
    await app.does("77", "show", media="m1", text="停止")

    async with app.ward.database.look() as work:
        assert (await work.session.get_one(Patient, gul.id)).stopped_at


async def test_a_picture_is_kept_for_thirty_days(app: App) -> None:
    app.channel.files["p1"] = PICTURE
    gul = await app.patient()
    await app.does("77", "show", media="p1")
    [kept] = await app.ward.all(Attachment)
    assert kept.media_type == "image/png"

    app.ward.clock.advance(timedelta(days=31))
    async with app.ward.database.work() as work:
        await app.inbox.shelf.forget_old(work)
    assert list(app.inbox.shelf.folder.iterdir()) == []
    async with app.ward.database.look() as work:
        with pytest.raises(NotFound):
            await app.inbox.shelf.open(work, gul.clinic_id, kept.id)
