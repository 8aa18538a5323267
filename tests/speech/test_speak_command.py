"""`karez speak`: one text in one file, and one sentence when that cannot be."""

from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from care.cli import app
from care.kit.settings import get_settings
from care.speech.encode import decode_seconds


@pytest.fixture
def speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAREZ_HOME", str(tmp_path / "home"))

    def run(*words: str, voices: str = "") -> Result:
        monkeypatch.setenv("KAREZ_VOICES", voices)
        get_settings.cache_clear()
        try:
            return CliRunner().invoke(app, ["speak", *words])
        finally:
            get_settings.cache_clear()
            structlog.reset_defaults()  # the command's own log writes to a screen that is gone

    return run


@pytest.mark.parametrize("name", ["said.mp3", "said.opus"])
def test_a_text_is_written_and_told_how_it_was_spelled(speak, tmp_path: Path, name: str):
    done = speak("--lang", "zh", "08:00 吃 capecitabine 500 mg", "--to", name)

    assert done.exit_code == 0, done.output
    first, second = done.stdout.splitlines()
    seconds = decode_seconds((tmp_path / name).read_bytes())
    assert first.startswith(f"{name}: {seconds:.1f} s, machine voice espeak-ng 1.52")
    assert second == "spelled: 早上八点吃卡培他滨五百毫克。"
    assert not (tmp_path / "home" / "audio").exists()


def test_without_a_name_it_finds_one(speak, tmp_path: Path):
    done = speak("سالام", "--lang", "ug")

    (written,) = tmp_path.glob("speech-*.mp3")
    assert done.stdout.startswith(f"{written.name}: ")


def test_kazakh_in_arabic_letters_is_spoken_from_cyrillic(speak):
    done = speak("قازىر ءدارى ىشەمىن", "--lang", "kk")

    assert done.stdout.splitlines()[1] == "spelled: қазыр дәрі ішемін."


BAD = {
    ("سالام",): "Say in which language: --lang kk, ug, zh.",
    ("hello", "--lang", "en"): "Say in which language: --lang kk, ug, zh.",
    ("--lang", "ug"): "This text cannot be spoken: the text holds no word.",
    ("...", "--lang", "ug"): "This text cannot be spoken: the text holds no word.",
    ("سالام", "--lang", "ug", "--to", "a.wav"): "a.wav is no name for a sound: let it end in .opus or .mp3.",
    ("سالام", "--lang", "ug", "--to", "no/a.mp3"): "no/a.mp3 cannot be written (No such file or directory): "
    "name a file in a folder that is there.",
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_done_is_one_sentence(speak, words: tuple[str, ...]):
    done = speak(*words)

    assert (done.exit_code, done.stdout, done.stderr) == (1, "", BAD[words] + "\n")


@pytest.mark.parametrize(
    ("broken", "said"),
    [("tens: [", "content/ug/speech.yml:2: not readable as YAML"), ("ones: []\n", "content/ug/speech.yml: over is missing: ")],
)
def test_a_broken_file_of_the_language_is_named_and_no_other_is_read(
    speak, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, said: str
):
    (tmp_path / "content" / "ug").mkdir(parents=True)
    (tmp_path / "content" / "ug" / "speech.yml").write_text(broken)
    monkeypatch.setenv("KAREZ_CONTENT", str(tmp_path / "content"))

    done = speak("سالام", "--lang", "ug")

    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize("words", [(), ("سالام", "--lang", "ug")])
def test_a_wrong_voice_is_told_before_anything_is_done(speak, tmp_path: Path, words: tuple[str, ...]):
    done = speak(*words, voices="ug=siri")

    assert (done.exit_code, done.stderr) == (1, "KAREZ_VOICES names the voice siri: there are espeak, gtts, piper.\n")
    assert list(tmp_path.iterdir()) == []
