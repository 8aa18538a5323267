"""The voices are real, and what they say can be decoded again."""

import array
import subprocess
import sys

import pytest

from care.speech.encode import LOUDNESS, PEAK, decode, decode_seconds, encode, level, loudness
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


def samples_of(pcm):
    return array.array("h", pcm.samples)


def quieter(pcm, by=8):
    return Pcm(array.array("h", (sample // by for sample in samples_of(pcm))).tobytes(), pcm.rate)


def with_a_knock(pcm):
    """As when somebody touches the microphone: thirty samples at full scale."""
    samples = samples_of(pcm)
    samples[9_000:9_030] = array.array("h", [30_000, -30_000] * 15)
    return Pcm(samples.tobytes(), pcm.rate)


def with_a_long_pause(pcm):
    return Pcm(pcm.samples + bytes(len(pcm.samples)), pcm.rate)


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("spoil", [quieter, with_a_knock, with_a_long_pause, lambda pcm: with_a_knock(quieter(pcm))])
def test_every_voice_and_recording_becomes_equally_loud_and_none_is_cut(language, spoil):
    pcm = Espeak().synthesise(SENTENCES[language] * 2, language)

    levelled = level(spoil(pcm))

    assert loudness(Pcm(levelled.samples[: len(pcm.samples)], pcm.rate)) == pytest.approx(LOUDNESS, abs=1.5)
    assert max(map(abs, samples_of(levelled))) <= PEAK * 32_767 * 1.01
    assert levelled.seconds == pytest.approx(spoil(pcm).seconds, abs=0.001)


@pytest.mark.parametrize("extension", ["opus", "mp3"])
def test_a_file_is_as_loud_as_what_was_levelled(extension):
    pcm = Espeak().synthesise(SENTENCES["ug"], "ug")

    assert loudness(decode(encode(quieter(pcm), extension))) == pytest.approx(LOUDNESS, abs=1.5)


@pytest.mark.parametrize("seconds", [0, 0.1, 1])
def test_silence_stays_silence(seconds):
    silence = Pcm(bytes(2 * int(seconds * 22_050)), 22_050)

    assert level(silence) == silence


def test_a_word_shorter_than_the_measure_is_heard_too():
    word = Espeak().synthesise("好", "zh")

    assert word.seconds < 0.4
    assert loudness(level(quieter(word))) > loudness(quieter(word)) + 10


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
