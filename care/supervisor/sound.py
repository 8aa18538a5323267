"""`karez speak`: gives the library its sound before anybody asks for it, or puts one sentence into a file."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from care.content.library import Library
from care.content.reading import read_yaml
from care.content.types import ContentBroken, Problems
from care.conversation.standing import speak_standing
from care.kit.clock import stopwatch_s
from care.kit.settings import Settings
from care.speech.choice import choose_voices
from care.speech.encode import CODECS
from care.speech.speaker import Speaker
from care.speech.voices import CannotSpeak
from care.speech.wording import SpeechBroken


async def speak_library(settings: Settings, say: Callable[[str], object]) -> None:
    """Synthesise what is not stored yet, in time nobody else wants.  Raises VoicesWrong."""
    begun = stopwatch_s()
    choose_voices(settings)  # before the library is read: a wrong setting is told at once
    library = Library.load(settings.content)
    speaker = Speaker.of(settings, library.speeches)
    count = await speak_standing(library, speaker, settings.region)
    say(f"{count} texts have their sound ({stopwatch_s() - begun:.0f} s).")


async def speak_text(settings: Settings, text: str, language: str, to: Path | None, say: Callable[[str], object]) -> None:
    """One text in one file; say by whom, how long it is and how it was spelled.  Raises CannotSpeak and VoicesWrong."""
    kind = _kind(to)
    choose_voices(settings)
    speeches = _speech_of(settings.content, language)
    with tempfile.TemporaryDirectory(prefix="karez-speak-") as folder:  # no patient ever asks for this one
        try:
            speaker = Speaker.of(settings.model_copy(update={"home": Path(folder)}), speeches)
            clip = await speaker.speak(text, language)
        except SpeechBroken as wrong:
            raise CannotSpeak(str(wrong)) from wrong
        except CannotSpeak as wrong:
            raise CannotSpeak(f"This text cannot be spoken: {wrong}.") from wrong
        to = to or Path(f"speech-{clip.name[:8]}.{kind}")
        _write(to, clip.paths[kind].read_bytes())
    say(f"{to}: {clip.seconds:.1f} s, {clip.kind} voice {clip.voice}")
    say(f"spelled: {speaker.spell(text, language)}")


def _speech_of(content: Path, language: str) -> dict[str, dict[str, Any]]:
    """How one language says things aloud; the rest of the library may be broken meanwhile.  Raises ContentBroken."""
    languages = sorted(path.parent.name for path in content.glob("*/speech.yml"))
    if language not in languages:
        raise CannotSpeak(f"Say in which language: --lang {', '.join(languages)}.")
    problems = Problems()
    page = read_yaml(content / language / "speech.yml", content, problems)
    if problems.found:
        raise ContentBroken(problems.found)
    return {language: page.values}


def _kind(to: Path | None) -> str:
    kind = to.suffix[1:] if to else "mp3"
    if kind not in CODECS:
        raise CannotSpeak(f"{to} is no name for a sound: let it end in {' or '.join(f'.{each}' for each in CODECS)}.")
    return kind


def _write(to: Path, sound: bytes) -> None:
    try:
        to.write_bytes(sound)
    except OSError as wrong:
        raise CannotSpeak(f"{to} cannot be written ({wrong.strerror}): name a file in a folder that is there.") from wrong
