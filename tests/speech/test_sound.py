"""The voices are real, and what they say can be decoded again."""

import array
import subprocess
import sys

import pytest

from care.speech.encode import PEAK, decode, decode_seconds, encode, gain
from care.speech.espeak import Espeak
from care.speech.gtts_voice import Google
from care.speech.voices import CannotSpeak, Pcm

SENTENCES = {
    "zh": "化疗期间，体温到三十八度就要马上去医院。",
    "ug": "قىزىتما ئوتتۇز سەككىز گرادۇسقا چىقسا، دەرھال دوختۇرخانىغا بېرىڭ.",
    "kk": "Қызу отыз сегіз градусқа жетсе, дереу ауруханаға барыңыз.",
}
LETTERS_A_SECOND = {"zh": (1.5, 5), "ug": (6, 18), "kk": (6, 18)}


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("extension", ["opus", "mp3"])
def test_a_sentence_sounds_as_long_as_its_words(language, extension):
    pcm = Espeak().synthesise(SENTENCES[language], language)

    seconds = decode_seconds(encode(pcm, extension))

    slow, fast = LETTERS_A_SECOND[language]
    assert slow < len(SENTENCES[language]) / seconds < fast
    assert seconds == pytest.approx(pcm.seconds, abs=0.15)


def test_a_file_has_the_bits_a_channel_allows():
    pcm = Espeak().synthesise(SENTENCES["ug"], "ug")

    assert len(encode(pcm, "opus")) / pcm.seconds < 4_000
    assert len(encode(pcm, "mp3")) / pcm.seconds < 4_500


def test_a_quiet_voice_becomes_as_loud_as_others_and_none_is_cut():
    pcm = Espeak().synthesise(SENTENCES["kk"], "kk")
    quiet = Pcm(array.array("h", (sample // 8 for sample in array.array("h", pcm.samples))).tobytes(), pcm.rate)

    loud = [max(array.array("h", decode(encode(each, "mp3")).samples)) for each in (pcm, quiet)]

    assert loud[0] == pytest.approx(loud[1], rel=0.05)
    assert gain(pcm) * max(map(abs, array.array("h", pcm.samples))) <= PEAK * 32_767 + 1


def test_silence_stays_silence():
    assert decode_seconds(encode(Pcm(bytes(44_100), 22_050), "opus")) == pytest.approx(1, abs=0.1)


def test_kazakh_in_arabic_letters_is_refused_instead_of_spelled_in_english():
    with pytest.raises(CannotSpeak, match="Cyrillic"):
        Espeak().synthesise("قازاقشا", "kk")


def test_what_is_no_sound_is_refused():
    with pytest.raises(ValueError, match="not an audio file"):
        decode(b"<html>")


def test_google_speaks_mandarin_only_and_rests_after_a_failure():
    tries = []

    def no_network(text):
        tries.append(text)
        raise CannotSpeak("no network")

    google = Google(no_network)
    for _ in range(3):
        with pytest.raises(CannotSpeak):
            google.synthesise("你好", "zh")

    assert tries == ["你好"]
    assert [google.speaks(language) for language in ("zh", "ug", "kk")] == [True, False, False]


def test_google_out_of_reach_is_a_clear_refusal(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there: nothing leaves this machine

    with pytest.raises(CannotSpeak, match="did not answer"):
        Google().synthesise("你好", "zh")


def test_a_process_that_says_nothing_does_not_load_the_engines():
    heavy = "import sys, care.speech.speaker; print([name for name in ('av', 'gtts', 'espeakng_loader') if name in sys.modules])"

    said = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
