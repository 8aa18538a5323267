"""A person's voice belongs to exactly the words it says: heard by a second person, published with them, silent without them."""

import io
import math
import struct
import wave

import pytest

from care.content.review import recording_of_topic
from care.speech.recorded import Recordings
from care.studio.drafts import lock
from care.studio.export import export
from care.studio.overlay import SOUND, sounds_of
from care.studio.recordings import add_recording, hear, recordings_of, remove
from care.studio.sound import LONGEST_S, MOST_BYTES, Sound, keep_sound
from care.studio.tables import Recording
from care.studio.types import BadSound, NoSuchText, NotHeard, OwnWords, Seen
from tests.studio.people import FEVER, NEW, Studio

NUMBER = "120"
RATE = 8_000


def voice(seconds: float, loud: float = 0.3) -> bytes:
    """A WAV file with a tone as loud as speech."""
    samples = (int(32_767 * loud * math.sin(at / 5)) for at in range(int(seconds * RATE)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def kept(studio: Studio, seconds: float = 1.0) -> Sound:
    return keep_sound(studio.ward.home, voice(seconds))


async def recorded(studio: Studio, draft_id: str, sound: Sound | None = None, key: str = "") -> Recording:
    seen = await studio.seen(draft_id)
    return await studio.do(add_recording, draft_id, seen, sound or kept(studio), NUMBER, key)


async def heard_in_service(studio: Studio) -> str | None:
    """The name of the file a patient would hear for the fever text."""
    served = await studio.served()
    name = recording_of_topic(served.library.topic("ug-Arab", "fever-infection"), NUMBER)
    found = Recordings(served.folder).find("ug", name)
    return found.path.name if found else None


async def signed_with_voice(studio: Studio) -> tuple[str, Recording]:
    draft = await studio.titled()
    await studio.sign(draft)
    row = await recorded(studio, draft)
    await studio.do(hear, row.id, by="rena")
    return draft, row


async def test_a_recording_is_published_with_the_words_it_says(studio: Studio):
    draft, row = await signed_with_voice(studio)
    await studio.publish(draft)

    assert await heard_in_service(studio) == f"fever-infection@{row.words}.{SOUND}"


async def test_a_recording_nobody_else_listened_to_stays_behind(studio: Studio):
    draft = await studio.titled()
    await studio.sign(draft)
    row = await recorded(studio, draft)
    await studio.publish(draft)

    assert await heard_in_service(studio) is None
    with pytest.raises(NotHeard):
        await studio.publish(recordings=[row.id])


async def test_nobody_vouches_for_their_own_voice(studio: Studio):
    row = await recorded(studio, await studio.begun())

    with pytest.raises(OwnWords):
        await studio.do(hear, row.id, by="aliya")


async def test_a_recording_comes_later_than_its_words(studio: Studio):
    draft = await studio.published()
    row = await recorded(studio, draft)
    await studio.do(hear, row.id, by="rena")

    await studio.publish(recordings=[row.id])

    assert await heard_in_service(studio) == f"fever-infection@{row.words}.{SOUND}"


async def test_it_falls_silent_when_the_words_change(studio: Studio):
    draft, _ = await signed_with_voice(studio)
    await studio.publish(draft)
    await studio.change(draft, NEW["ug"], f"{NEW['ug']} {NEW['ug']}")
    await studio.sign(draft)
    await studio.publish(draft)

    assert await heard_in_service(studio) is None


async def test_it_falls_silent_when_its_source_moves_on(studio: Studio):
    draft, _ = await signed_with_voice(studio)
    await studio.publish(draft)
    await studio.published("zh", meaning_changed=True)

    assert await heard_in_service(studio) is None


async def test_a_recording_that_is_taken_back_is_heard_by_nobody(studio: Studio):
    draft, row = await signed_with_voice(studio)
    await studio.publish(draft)

    await studio.do(remove, row.id)

    assert await heard_in_service(studio) is None


async def test_a_new_recording_of_the_same_words_takes_the_place_of_the_old_one(studio: Studio):
    draft, _ = await signed_with_voice(studio)
    await studio.publish(draft)
    again = await recorded(studio, draft, kept(studio, 2.0))
    await studio.do(hear, again.id, by="rena")
    await studio.publish(recordings=[again.id])

    name = await heard_in_service(studio)

    file = (await studio.served()).folder / "ug" / "audio" / (name or "")
    assert file.read_bytes() == (sounds_of(studio.ward.home) / f"{again.sound}.{SOUND}").read_bytes()


async def test_an_exported_recording_is_a_file_beside_its_text(studio: Studio):
    draft, row = await signed_with_voice(studio)
    await studio.publish(draft)

    done = await export(studio.ward.database, studio.written, studio.ward.home)
    await studio.restart()

    assert done.written == [f"ug/audio/fever-infection@{row.words}", f"ug/{FEVER}"]
    assert (studio.written / "ug" / "audio" / f"fever-infection@{row.words}.{SOUND}").is_file()
    assert await heard_in_service(studio) == f"fever-infection@{row.words}.{SOUND}"
    assert (await export(studio.ward.database, studio.written, studio.ward.home)).written == []


async def test_a_phrase_is_recorded_by_itself_and_one_with_names_not_at_all(studio: Studio):
    draft = await studio.begun("ug", "phrases.yml")

    row = await recorded(studio, draft, key="web-title")

    assert row.key == "web-title"
    for key in ("reminder-medicine", "no-such-phrase"):
        with pytest.raises(NoSuchText):
            await recorded(studio, draft, key=key)


async def test_what_is_recorded_is_what_the_speaker_had_before_them(studio: Studio):
    draft = await studio.begun()
    await studio.change(draft, "title: ", f"title: {NEW['ug']} ")

    with pytest.raises(Seen):
        await studio.do(add_recording, draft, 0, kept(studio), NUMBER)


async def test_recordings_of_older_words_are_still_shown_to_editors(studio: Studio):
    draft = await studio.begun()
    old = await recorded(studio, draft)
    await studio.change(draft, "title: ", f"title: {NEW['ug']} ")
    new = await recorded(studio, draft)

    async with studio.desk() as desk:
        found = await recordings_of(desk, await lock(desk, draft))

    assert {each.id for each in found} == {old.id, new.id}
    assert old.words != new.words


def test_a_recording_is_trimmed_levelled_and_named_by_its_sound(studio: Studio):
    whole, part = kept(studio, 2.0), keep_sound(studio.ward.home, voice(2.0), 0.5, 1.5)

    assert (whole.seconds, part.seconds) == (2.0, 1.0)
    assert sorted(path.stem for path in sounds_of(studio.ward.home).iterdir()) == sorted([whole.name, part.name])


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (b"not a sound at all", "not-audio"),
        (b"\x00" * (MOST_BYTES + 1), "too-big"),
        (voice(0.2), "too-short"),
        (voice(2.0, loud=0.0), "silent"),
    ],
    ids=["text", "200 MB", "a click", "silence"],
)
def test_an_upload_that_is_no_recording_is_refused_with_its_reason(studio: Studio, upload: bytes, reason: str):
    with pytest.raises(BadSound) as refused:
        keep_sound(studio.ward.home, upload)

    assert refused.value.reason == reason
    assert not sounds_of(studio.ward.home).exists()


def test_nine_minutes_are_refused_without_reading_all_of_them(studio: Studio):
    with pytest.raises(BadSound) as refused:
        keep_sound(studio.ward.home, voice(LONGEST_S + 60))

    assert refused.value.reason == "too-long"
