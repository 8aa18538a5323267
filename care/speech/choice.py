"""Which voices speak which language, best first: what KAREZ_VOICES says, checked before anything starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from care.kit.settings import Settings
from care.languages.table import FORMS
from care.speech.espeak import Espeak
from care.speech.gtts_voice import Google
from care.speech.piper import Piper, VoiceFileBad, find_program, find_voices
from care.speech.voices import Voice

Choice = Mapping[str, tuple[Voice, ...]]
HOW = 'write it as KAREZ_VOICES="zh=gtts,espeak ug=piper,espeak"'


class VoicesWrong(Exception):
    """KAREZ_VOICES cannot be followed: one sentence that says what to change."""


@dataclass
class _Makers:
    """How each voice comes to be; a voice that serves several languages is made once."""

    settings: Settings
    made: dict[str, Voice] = field(default_factory=dict)

    def of(self, name: str, language: str) -> Voice:
        makers: dict[str, Callable[[str], Voice]] = {"espeak": self._espeak, "gtts": self._google, "piper": self._piper}
        if name not in makers:
            raise VoicesWrong(f"KAREZ_VOICES names the voice {name}: there are {', '.join(makers)}.")
        voice = makers[name](language)
        if not voice.speaks(language):
            raise VoicesWrong(f"KAREZ_VOICES asks {name} for {language}, which it does not speak: take it out there.")
        return voice

    def _espeak(self, language: str) -> Voice:
        return self.made.setdefault("espeak", Espeak())

    def _google(self, language: str) -> Voice:
        return self.made.setdefault("gtts", Google())

    def _piper(self, language: str) -> Voice:
        program, folder = find_program(self.settings.piper), self.settings.piper_voices
        if program is None:
            raise VoicesWrong(
                f"KAREZ_VOICES asks piper for {language}, but its program {self.settings.piper} is not installed: "
                "see docs/howto/add-a-voice.md, or take piper out."
            )
        models = find_voices(folder, language)
        if not models:
            raise VoicesWrong(
                f"KAREZ_VOICES asks piper for {language}, but {folder} holds no voice {language}_*.onnx: "
                "put it there (docs/howto/add-a-voice.md), or take piper out."
            )
        try:
            return Piper(program, models[0])
        except VoiceFileBad as wrong:
            raise VoicesWrong(f"{wrong}.") from wrong


def choose_voices(settings: Settings) -> Choice:
    """The voices of every language; espeak for one the setting does not name.  Raises VoicesWrong."""
    makers, languages = _Makers(settings), sorted({each.language for each in FORMS.values()})
    named = _read(settings.voices, languages)
    always = makers.made.setdefault("espeak", Espeak())
    return {
        language: tuple(makers.of(name, language) for name in named[language]) if language in named else (always,)
        for language in languages
    }


def _read(written: str, languages: list[str]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for part in written.split():
        language, equals, names = part.partition("=")
        if not equals or not all(names.split(",")):
            raise VoicesWrong(f"KAREZ_VOICES has {part}, which is no language with its voices: {HOW}.")
        if language not in languages:
            raise VoicesWrong(f"KAREZ_VOICES names the language {language}: there are {', '.join(languages)}.")
        if language in named:
            raise VoicesWrong(f"KAREZ_VOICES names {language} twice: write its voices behind one another, best first.")
        named[language] = names.split(",")
    return named
