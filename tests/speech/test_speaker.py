"""Each text is spoken once, whole or not at all; a person's voice wins over a machine's."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from care.speech.cutting import split_for_channel
from care.speech.encode import decode_seconds, encode
from care.speech.espeak import Espeak
from care.speech.gtts_voice import Google
from care.speech.speaker import Speaker
from care.speech.store import AudioStore, Spoken
from care.speech.voices import CannotSpeak

HELLO = {
    "zh": "08:00 到了，该吃 capecitabine 了。",
    "ug": "08:00 بولدى، capecitabine نى ئىچىڭ.",
    "kk": "08:00 болды, capecitabine ішіңіз.",
}


@pytest.mark.parametrize("language", HELLO)
async def test_a_reminder_is_heard_in_each_language(speaker, language):
    clip = await speaker.say(HELLO[language], language)

    assert clip.kind == "machine"
    assert 1 < clip.seconds < 10
    for path in clip.paths.values():
        assert decode_seconds(path.read_bytes()) == pytest.approx(clip.seconds, abs=0.15)
    assert speaker.store.find(f"{clip.name}.mp3") == clip.paths["mp3"]


async def test_a_restart_finds_the_clip_again(speaker, counting, content, tmp_path, raw):
    await Speaker(content, tmp_path / "audio", raw, voices=[counting]).say("你好", "zh")
    await Speaker(content, tmp_path / "audio", raw, voices=[counting]).say("你好", "zh")

    assert len(counting.asked) == 1


async def test_many_who_ask_at_once_wait_for_one_voice(counting, content, tmp_path, raw):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[counting])

    clips = await asyncio.gather(*(speaker.say(HELLO["kk"], "kk") for _ in range(20)))

    assert len(counting.asked) == 1
    assert len({clip.name for clip in clips}) == 1


async def test_a_listener_who_leaves_does_not_take_the_clip_from_others(counting, content, tmp_path, raw):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[counting])
    leaver, stayer = (asyncio.create_task(speaker.say("你好", "zh")) for _ in range(2))
    await asyncio.sleep(0)

    leaver.cancel()

    assert (await stayer).seconds > 0


async def test_who_waits_to_hear_it_gets_the_mp3_and_the_other_format_follows(speaker):
    clip = await speaker.say(HELLO["ug"] * 5, "ug", at_once=True)
    early = clip.paths["mp3"].exists(), clip.paths["opus"].exists()
    await speaker.store.finish(f"{clip.name}.mp3")  # waits for nothing

    whole = await speaker.say(HELLO["ug"] * 5, "ug")

    assert early == (True, False)
    assert whole == clip
    assert decode_seconds(clip.paths["opus"].read_bytes()) == pytest.approx(clip.seconds, abs=0.15)


async def test_a_file_on_its_way_can_be_waited_for(speaker):
    clip = await speaker.say(HELLO["kk"], "kk", at_once=True)

    await speaker.store.finish(f"{clip.name}.opus")

    assert speaker.store.find(f"{clip.name}.opus")


async def test_a_voice_that_fails_fails_for_who_waits_to_hear_it_too(content, tmp_path, raw):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[Google(no_network)])

    with pytest.raises(CannotSpeak, match="no network"):
        await speaker.speak("你好", "zh", at_once=True)


def test_the_hash_is_of_words_language_voice_and_nothing_else():
    hashes = [
        Spoken(*what, "machine").hash for what in [("a", "ug", "v1"), ("b", "ug", "v1"), ("a", "kk", "v1"), ("a", "ug", "v2")]
    ]

    assert len(set(hashes)) == 4
    assert Spoken("a", "ug", "v1", "machine").hash == hashes[0]


async def test_the_way_a_number_is_written_does_not_make_a_new_clip(speaker):
    clips = [await speaker.say(text, "kk") for text in ("38.5 градус", "\u206838,5\u2069 градус")]

    assert clips[0].name == clips[1].name


def test_a_half_written_clip_is_not_served_and_is_made_again(tmp_path):
    store, spoken = AudioStore(tmp_path), Spoken("你好", "zh", "v1", "machine")
    (tmp_path / f"{spoken.hash}.mp3").write_bytes(b"killed before its length was written")
    (tmp_path / f".{spoken.hash}.opus.1.1").write_bytes(b"killed in the middle")

    assert store.stored(spoken) is None
    assert store.find(f"{spoken.hash}.mp3") is None

    clip = store.put(spoken, Espeak().synthesise("你好", "zh"))

    assert decode_seconds(clip.paths["mp3"].read_bytes()) > 0.3


STORM = """
import pathlib, sys
from care.speech.espeak import Espeak
from care.speech.store import AudioStore, Spoken
store, pcm = AudioStore(pathlib.Path(sys.argv[1])), Espeak().synthesise("你好", "zh")
print("ready", flush=True)
for number in range(10_000):
    store.put(Spoken(str(number), "zh", "v1", "machine"), pcm)
"""


def test_after_a_kill_every_clip_that_is_served_is_whole(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", STORM, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with writer:
        writer.stdout.readline()
        while len(list(tmp_path.iterdir())) < 30:
            time.sleep(0.01)
        writer.kill()

    served = [path for path in tmp_path.iterdir() if AudioStore(tmp_path).find(path.name)]

    assert len(served) > 4
    assert all(decode_seconds(path.read_bytes()) > 0.3 for path in served)


async def test_a_clip_whose_file_was_swept_away_is_made_again(speaker):
    clip = await speaker.say("你好", "zh")
    clip.paths["mp3"].unlink()

    assert (await speaker.say("你好", "zh")).paths["mp3"].exists()


@pytest.mark.parametrize("name", ["../karez.db", "a.mp3", f"{'a' * 40}.wav", f"{'a' * 40}.mp3\n", f"/{'a' * 40}.mp3", ""])
async def test_only_names_of_clips_are_served(speaker, name):
    await speaker.say("你好", "zh")

    assert speaker.store.find(name) is None


def record(content: Path, language: str, name: str) -> None:
    (content / language / "audio").mkdir(parents=True)
    sound = encode(Espeak().synthesise("سالام", "ug"), "mp3")
    (content / language / "audio" / name).write_bytes(sound)


async def test_a_recording_wins_until_its_text_changes(speaker, content):
    record(content, "ug", "greeting@0a1b2c3d0a1b2c3d.mp3")

    kinds = [
        (await speaker.say("ياخشىمۇسىز", "ug", words)).kind
        for words in ("greeting@0a1b2c3d0a1b2c3d", "greeting@ffffffffffffffff", "")
    ]

    assert kinds == ["recorded", "machine", "machine"]


async def test_a_spoiled_recording_leaves_the_machine_voice(speaker, content):
    record(content, "ug", "greeting@0a1b2c3d0a1b2c3d.mp3")
    (content / "ug" / "audio" / "greeting@0a1b2c3d0a1b2c3d.mp3").write_bytes(b"spoiled")

    assert (await speaker.say("ياخشىمۇسىز", "ug", "greeting@0a1b2c3d0a1b2c3d")).kind == "machine"


def no_network(text):
    raise CannotSpeak("no network")


async def test_without_a_network_the_next_voice_speaks(content, tmp_path, raw):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[Google(no_network), Espeak()])

    assert (await speaker.say("你好", "zh")).voice == Espeak.name


async def test_each_language_asks_its_own_voices(content, tmp_path, raw, counting):
    speaker = Speaker(content, tmp_path / "audio", raw, by_language={"zh": [Google(no_network), counting]})

    voices = [(await speaker.say(text, language)).voice for text, language in (("你好", "zh"), ("сәлем", "kk"))]

    assert voices == ["counting", Espeak.name]
    assert counting.asked == ["你好。"]


async def test_what_is_stored_is_found_without_being_said(content, tmp_path, raw, counting):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[Google(no_network), counting])
    before = speaker.stored("你好", "zh")
    clip = await speaker.say("你好", "zh")

    assert before is None
    assert speaker.stored("你好", "zh") == clip
    assert len(counting.asked) == 1


async def test_a_stored_recording_is_found_too(speaker, content):
    record(content, "ug", "greeting@0a1b2c3d0a1b2c3d.mp3")
    clip = await speaker.say("ياخشىمۇسىز", "ug", "greeting@0a1b2c3d0a1b2c3d")

    assert speaker.stored("ياخشىمۇسىز", "ug", "greeting@0a1b2c3d0a1b2c3d") == clip
    assert speaker.stored("ياخشىمۇسىز", "ug") is None


async def test_when_no_voice_can_speak_the_text_goes_out_without_sound(content, tmp_path, raw):
    speaker = Speaker(content, tmp_path / "audio", raw, voices=[Google(no_network)])

    with pytest.raises(CannotSpeak, match="no network"):
        await speaker.speak("你好", "zh")
    assert [await speaker.say(*what) for what in (("...", "zh"), ("سالام", "ug"), ("hello", "en"))] == [None] * 3


async def test_a_full_disk_does_not_stop_the_text(content, tmp_path, raw):
    (tmp_path / "audio").write_text("a file stands where the folder should be")

    assert await Speaker(content, tmp_path / "audio", raw).say("你好", "zh") is None


async def test_a_long_text_becomes_parts_a_channel_takes(speaker):
    text = "体温到 38.0 度就要马上去医院。就算觉得还好，也要去。\n" * 4

    clips = await speaker.say_in_parts(text, "zh", limit_s=12)

    assert len(clips) > 2
    assert all(clip.seconds < 12 for clip in clips)


def test_a_text_is_cut_at_sentence_ends_and_nothing_is_lost():
    text = "Бірінші сөйлем 38.5 градус. Екінші сөйлем осы! Үшінші?"

    parts = split_for_channel(text, seconds=100, limit_s=60)

    assert parts == ["Бірінші сөйлем 38.5 градус.", "Екінші сөйлем осы! Үшінші?"]
    assert "".join(split_for_channel("x" * 100, 100, 10)) == "x" * 100
