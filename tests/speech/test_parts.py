"""Channels that take a minute at most get every voice in parts that fit, a person's too."""

import array
import math
from pathlib import Path

import pytest

from care.speech.cutting import LIMIT_S, cut_at_pauses
from care.speech.encode import decode, decode_seconds, encode
from care.speech.espeak import Espeak
from care.speech.voices import Pcm

NAME = "greeting@0a1b2c3d0a1b2c3d"
SENTENCES = ("ياخشىمۇسىز، مەن سىزگە ياردەم قىلىمەن.", "دورىنى تاماقتىن كېيىن ئىچىڭ.", "قىزىتما چىقسا بىزگە دەڭ.", "رەھمەت سىزگە.")


def spoken() -> Pcm:
    """A person who breathes for half a second between sentences."""
    said = [Espeak().synthesise(sentence, "ug") for sentence in SENTENCES]
    breath = bytes(2 * int(0.5 * said[0].rate))
    return Pcm(breath.join(each.samples for each in said), said[0].rate)


@pytest.fixture
def recording(content: Path) -> Pcm:
    pcm = spoken()
    (content / "ug" / "audio").mkdir(parents=True)
    (content / "ug" / "audio" / f"{NAME}.mp3").write_bytes(encode(pcm, "mp3"))
    return pcm


def power(samples: "array.array[int]") -> float:
    return math.sqrt(math.sumprod(samples, samples) / len(samples))


async def test_a_long_recording_keeps_its_voice_in_parts_that_fit(speaker, recording: Pcm):
    clips = await speaker.say_in_parts(" ".join(SENTENCES), "ug", NAME, limit_s=8)

    assert len(clips) > 1
    assert {clip.kind for clip in clips} == {"recorded"}
    assert all(decode_seconds(clip.paths["mp3"].read_bytes()) < 8 for clip in clips)
    assert sum(clip.seconds for clip in clips) == pytest.approx(recording.seconds, abs=0.2)


async def test_a_recording_that_fits_is_the_same_clip_in_one_part(speaker, recording: Pcm):
    (clip,) = await speaker.say_in_parts(" ".join(SENTENCES), "ug", NAME)

    assert clip == await speaker.say(" ".join(SENTENCES), "ug", NAME)


def test_a_recording_is_cut_in_a_breath_and_never_in_a_word():
    pcm = spoken()
    parts = cut_at_pauses(pcm, limit_s=8)
    loud = power(array.array("h", pcm.samples))

    assert b"".join(part.samples for part in parts) == pcm.samples
    for part in parts[:-1]:
        assert power(array.array("h", part.samples[-2 * part.rate // 10 :])) < loud / 100


@pytest.mark.parametrize("seconds", [54, 56, 120])
def test_one_who_never_pauses_is_cut_all_the_same(seconds: int):
    tone = array.array("h", (int(9_000 * math.sin(at / 3)) for at in range(8_000 * seconds)))

    parts = cut_at_pauses(Pcm(tone.tobytes(), 8_000))

    assert all(0 < part.seconds < LIMIT_S for part in parts)
    assert sum(part.seconds for part in parts) == seconds


async def test_a_text_full_of_numbers_lasts_longer_than_its_letters_promise_and_still_fits(speaker):
    text = "好。" * 20 + "打 13812345678，13912345678。"

    clips = await speaker.say_in_parts(text, "zh", limit_s=6)

    assert len(clips) > 2
    assert all(clip.seconds <= 6 for clip in clips)


async def test_a_part_without_a_word_is_left_out(speaker):
    clips = await speaker.say_in_parts("体温高了去医院。\n……\n" * 6, "zh", limit_s=5)

    assert len(clips) > 1


async def test_the_file_of_a_part_is_a_whole_sound(speaker, recording: Pcm):
    clips = await speaker.say_in_parts(" ".join(SENTENCES), "ug", NAME, limit_s=8)

    assert all(decode(clip.paths["opus"].read_bytes()).seconds == pytest.approx(clip.seconds, abs=0.15) for clip in clips)
