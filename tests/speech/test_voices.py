"""Who speaks which language is a setting; a wrong one is told in one sentence, and Piper is tried as far as a machine allows."""

import json
import sys
from pathlib import Path

import pytest

from care.kit.settings import Settings
from care.speech.choice import VoicesWrong, choose_voices
from care.speech.piper import Piper, VoiceFileBad, find_program, find_voices
from care.speech.voices import CannotSpeak

DESCRIPTION = json.dumps({"audio": {"sample_rate": 22_050}})


def settings(tmp_path: Path, voices: str, piper: str = sys.executable) -> Settings:
    """Python itself stands for a program that is installed; none of these stories lets it speak."""
    return Settings(home=tmp_path, voices=voices, piper=piper, piper_voices=tmp_path / "voices")


def put_voice(tmp_path: Path, name: str, description: str = DESCRIPTION) -> Path:
    model = tmp_path / "voices" / name
    model.parent.mkdir(exist_ok=True)
    model.write_bytes(b"weights")
    model.with_name(f"{name}.json").write_text(description)
    return model


def names(tmp_path: Path, voices: str) -> dict[str, list[str]]:
    return {language: [each.name for each in chosen] for language, chosen in choose_voices(settings(tmp_path, voices)).items()}


def test_every_language_has_a_voice_when_nothing_is_set(tmp_path: Path):
    assert all(len(voices) == 1 and voices[0].startswith("espeak-ng") for voices in names(tmp_path, "").values())


def test_voices_are_asked_in_the_order_of_the_setting(tmp_path: Path):
    put_voice(tmp_path, "kk_KZ-issai-high.onnx")

    chosen = names(tmp_path, "zh=gtts,espeak kk=piper,espeak")

    assert [name.split()[0] for name in chosen["zh"]] == ["gtts", "espeak-ng"]
    assert [name.split()[0] for name in chosen["kk"]] == ["piper", "espeak-ng"]
    assert [name.split()[0] for name in chosen["ug"]] == ["espeak-ng"]


WRONG = {
    "zh": "no language with its voices",
    "zh=": "no language with its voices",
    "zh=gtts,,espeak": "no language with its voices",
    "xx=espeak": "names the language xx: there are",
    "zh=espeak zh=gtts": "names zh twice",
    "ug=siri": "names the voice siri: there are espeak, gtts, piper",
    "ug=gtts": "asks gtts for ug, which it does not speak",
    "ug=piper": "holds no voice ug_",
}


@pytest.mark.parametrize("voices", WRONG)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, voices: str):
    with pytest.raises(VoicesWrong) as refused:
        choose_voices(settings(tmp_path, voices))

    assert WRONG[voices] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_piper_without_its_program_is_one_sentence(tmp_path: Path):
    put_voice(tmp_path, "ug_CN-x-high.onnx")

    with pytest.raises(VoicesWrong, match=r"its program no-such-piper is not installed: see docs/howto/add-a-voice\.md"):
        choose_voices(settings(tmp_path, "ug=piper", piper="no-such-piper"))


def test_a_voice_file_is_found_by_its_language_and_the_best_first(tmp_path: Path):
    named = ["kk_KZ-iseke-x_low.onnx", "kk_KZ-raya-x_low.onnx", "kk_KZ-issai-high.onnx", "ky_KG-x-low.onnx", "kk.onnx"]
    for name in named:
        put_voice(tmp_path, name)

    found = [path.name for path in find_voices(tmp_path / "voices", "kk")]

    assert found == ["kk_KZ-issai-high.onnx", "kk_KZ-iseke-x_low.onnx", "kk_KZ-raya-x_low.onnx"]
    assert find_voices(tmp_path / "nowhere", "kk") == []


@pytest.mark.parametrize("description", ["", "{", "[]", '{"audio": {}}'])
def test_a_voice_file_without_its_description_is_refused(tmp_path: Path, description: str):
    put_voice(tmp_path, "kk_KZ-x-high.onnx", description)

    with pytest.raises(VoicesWrong, match=r"needs its description .*\.onnx\.json beside it"):
        choose_voices(settings(tmp_path, "kk=piper"))


def test_another_voice_under_the_same_name_makes_other_clips(tmp_path: Path):
    model = put_voice(tmp_path, "kk_KZ-x-high.onnx")
    before = Piper(sys.executable, model).name
    model.write_bytes(b"other weights")

    assert Piper(sys.executable, model).name != before
    assert before.startswith("piper kk_KZ-x-high ")


def test_a_program_that_fails_is_a_refusal_that_says_why_and_then_it_rests(tmp_path: Path):
    """What Python answers to Piper's options is an error like any other."""
    piper = Piper(sys.executable, put_voice(tmp_path, "kk_KZ-x-high.onnx"))

    reasons = []
    for _ in range(2):
        with pytest.raises(CannotSpeak) as refused:
            piper.synthesise("сәлем", "kk")
        reasons.append(str(refused.value))

    assert reasons[0].startswith("Piper ended with ")
    assert reasons[1] == "Piper failed lately and is not asked now"
    assert not any("сәлем" in reason for reason in reasons)


def test_a_program_that_gives_no_sound_is_a_refusal(tmp_path: Path):
    with pytest.raises(CannotSpeak, match="is not a sound"):
        Piper("/bin/echo", put_voice(tmp_path, "kk_KZ-x-high.onnx")).synthesise("сәлем", "kk")
    with pytest.raises(CannotSpeak, match="did not answer"):
        Piper(str(tmp_path / "gone"), put_voice(tmp_path, "kk_KZ-x-high.onnx")).synthesise("сәлем", "kk")


def real_voice() -> tuple[str, Path]:
    """Piper and a voice of it, if this machine has them (docs/howto/add-a-voice.md)."""
    known = Settings()
    program = find_program(known.piper)
    models = sorted(known.piper_voices.glob("*_*.onnx")) if known.piper_voices.is_dir() else []
    if not program or not models:
        pytest.skip("Piper and a voice file are not installed here")
    return program, models[0]


def test_piper_itself_speaks():
    program, model = real_voice()
    piper = Piper(program, model)

    pcm = piper.synthesise("1, 2, 3.\n4, 5, 6.", piper.language)

    assert 1 < pcm.seconds < 12
    assert any(pcm.samples)


def test_a_file_that_is_no_voice_is_refused_by_piper_itself(tmp_path: Path):
    program, _ = real_voice()

    with pytest.raises(CannotSpeak, match="Piper ended with 1"):
        Piper(program, put_voice(tmp_path, "kk_KZ-x-high.onnx")).synthesise("сәлем", "kk")


def test_a_voice_of_another_name_has_no_language(tmp_path: Path):
    put_voice(tmp_path, "voice.onnx")

    assert not Piper(sys.executable, tmp_path / "voices" / "voice.onnx").speaks("kk")
    with pytest.raises(VoiceFileBad):
        Piper(sys.executable, tmp_path / "voices" / "missing.onnx")
