"""The sound of an answer: both formats, in the pieces players ask for, for linked phones only, and off when a patient says so."""

import io
import re
from pathlib import Path

import av
import pytest

from tests.web import Phone, Web

KINDS = {"mp3": ("audio/mpeg", "mp3"), "opus": ("audio/ogg", "opus")}


@pytest.fixture
async def phone(web_alone: Web) -> Phone:
    return await web_alone.phone(await web_alone.ward.patient(form="zh-Hans"))


@pytest.fixture
async def path(phone: Phone) -> str:
    """Where the menu is heard, without the ending of a format."""
    (menu,) = await phone.say(payload="menu")
    return menu["audio"]["url"].removesuffix(".mp3")


async def fetch(phone: Phone, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    async with phone.http.get(phone.url + path, headers=phone.headers | headers) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read()


@pytest.mark.parametrize("ending", KINDS)
async def test_what_is_sent_plays_for_as_long_as_it_says(phone: Phone, path: str, ending: str):
    said = (await phone.say(payload="menu"))[0]["audio"]["seconds"]

    status, headers, body = await fetch(phone, f"{path}.{ending}")
    with av.open(io.BytesIO(body)) as sound:
        samples = sum(frame.samples / frame.sample_rate for frame in sound.decode(audio=0))
        codec = sound.streams.audio[0].codec_context.name

    assert (status, headers["content-type"]) == (200, KINDS[ending][0])
    assert KINDS[ending][1] in codec
    assert int(headers["content-length"]) == len(body)
    assert said > 1
    assert samples == pytest.approx(said, abs=0.3)


@pytest.mark.parametrize("ending", KINDS)
async def test_a_player_gets_the_pieces_it_asks_for(phone: Phone, path: str, ending: str):
    _, whole, body = await fetch(phone, f"{path}.{ending}")
    size = len(body)
    wanted = {"bytes=0-0": body[:1], "bytes=0-99": body[:100], f"bytes={size - 5}-": body[-5:], "bytes=-7": body[-7:]}

    assert whole["accept-ranges"] == "bytes"
    for asked, piece in wanted.items():
        status, headers, got = await fetch(phone, f"{path}.{ending}", range=asked)
        assert (status, got, headers["content-length"]) == (206, piece, str(len(piece))), asked
        assert re.fullmatch(rf"bytes \d+-\d+/{size}", headers["content-range"])


async def test_a_piece_beyond_the_end_is_told_the_size(phone: Phone, path: str):
    size = len((await fetch(phone, f"{path}.mp3"))[2])

    status, headers, _ = await fetch(phone, f"{path}.mp3", range=f"bytes={size}-")

    assert (status, headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=a-b", "bytes=5-2", "lines=0-1", "bytes=0-0," * 500, "bytes=--1"])
async def test_a_piece_nobody_can_read_breaks_nothing(phone: Phone, path: str, asked: str):
    assert (await fetch(phone, f"{path}.mp3", range=asked))[0] in {200, 206, 400, 416}


async def test_a_phone_that_has_it_is_not_sent_it_again(phone: Phone, path: str):
    _, headers, _ = await fetch(phone, f"{path}.mp3")

    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    assert headers["etag"]


async def test_its_name_cannot_be_guessed_and_without_a_linked_phone_it_is_not_there(web_alone: Web, phone: Phone, path: str):
    assert re.fullmatch(r"/v1/audio/[0-9a-f]{40}", path)
    stranger = web_alone.stranger()

    answers = [await stranger.get(f"{path}.mp3"), await stranger.get(f"/v1/audio/{'0' * 40}.mp3")]

    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].text == answers[1].text


NAMES = ["0" * 40 + ".mp3", "../../karez.db", "..%2f..%2fkarez.db", "%2e%2e/master.key", "x.mp3", "", "." * 40, "A" * 40 + ".mp3"]


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_but_a_whole_sound_of_ours_is_served(phone: Phone, name: str):
    assert (await phone.get(f"/v1/audio/{name}")).status == 404


async def test_the_file_that_tells_the_length_and_half_a_sound_are_not_served(phone: Phone, path: str, audio: Path):
    name = path.rpartition("/")[2]
    half = "f" * 40
    (audio / f"{half}.mp3").write_bytes(b"half")

    assert (audio / f"{name}.seconds").exists()
    assert (await phone.get(f"{path}.seconds")).status == 404
    assert (await phone.get(f"/v1/audio/{half}.mp3")).status == 404


async def test_sound_off_is_silence_from_that_answer_on_and_sound_on_brings_it_back(phone: Phone):
    (off,) = await phone.say(payload="audio:off")
    (menu,) = await phone.say(payload="menu")
    silent = await phone.lines()

    (on,) = await phone.say(payload="audio:on")
    heard = await phone.lines()

    assert (off["act"], off["audio"], menu["audio"]) == ("audio_off", None, None)
    assert {line["audio"] for line in silent} == {None}
    assert on["audio"]["seconds"] > 0
    assert heard[-1]["audio"] == on["audio"]


async def test_one_patients_silence_is_not_anothers(web_alone: Web, phone: Phone):
    other = await web_alone.phone(await web_alone.ward.patient("Meryem"))

    await phone.say(payload="audio:off")

    assert (await other.say(payload="menu"))[0]["audio"]["seconds"] > 0
