"""Says a text: the recording of this wording, else the first machine voice that can; each text is spoken once."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from care.kit.logs import get_log
from care.kit.settings import Settings
from care.speech.choice import choose_voices
from care.speech.cutting import LIMIT_S, cut_at_pauses, split_for_channel
from care.speech.espeak import Espeak
from care.speech.kazakh import in_cyrillic
from care.speech.recorded import Recording, Recordings
from care.speech.spelling import Speech
from care.speech.store import AudioStore, Clip, Spoken
from care.speech.voices import CannotSpeak, Pcm, Voice

log = get_log("speech")


class Speaker:
    """Turns texts into clips.  One per process."""

    def __init__(
        self,
        content: Path,
        folder: Path,
        speeches: dict[str, dict[str, Any]],
        voices: Sequence[Voice] | None = None,
        by_language: Mapping[str, Sequence[Voice]] | None = None,
    ) -> None:
        """`speeches`: the values of content/<language>/speech.yml by language.  Raises SpeechBroken.

        `voices`: best first, for every language that `by_language` does not name.
        """
        self.store = AudioStore(folder)
        self._voices: Sequence[Voice] = voices if voices is not None else [Espeak()]
        self._by_language = by_language or {}
        self._recordings = Recordings(content)
        self._speeches = {language: Speech.of(raw, f"content/{language}/speech.yml") for language, raw in speeches.items()}

    @classmethod
    def of(cls, settings: Settings, speeches: dict[str, dict[str, Any]]) -> "Speaker":
        """As the settings want it.  Raises VoicesWrong and SpeechBroken."""
        return cls(settings.content, settings.home / "audio", speeches, by_language=choose_voices(settings))

    async def say(self, text: str, language: str, wording: str = "", at_once: bool = False) -> Clip | None:
        """The clip of a text.  None when no voice can: the text goes out without sound.

        `wording` names the words of the text, by which their recording is found.  `at_once`: somebody waits to hear the MP3.
        """
        try:
            return await self.speak(text, language, wording, at_once)
        except (CannotSpeak, OSError) as reason:
            log.warning("speech.failed", reason=str(reason))
            return None

    async def speak(self, text: str, language: str, wording: str = "", at_once: bool = False) -> Clip:
        """As `say`, but raises CannotSpeak with every voice's reason, or OSError when nothing can be stored."""
        return await self._recorded(text, language, wording, at_once) or await self._machine(text, language, at_once)

    def stored(self, text: str, language: str, wording: str = "") -> Clip | None:
        """The clip `say` would give, if it is there already; nothing is spoken."""
        recording = self._recordings.find(language, wording)
        if recording:
            return self.store.stored(_of(recording, text, language))
        words = self.spell(text, language)
        found = (self.store.stored(_by(voice, words, language)) for voice in self.voices(language))
        return next(filter(None, found), None)

    async def say_in_parts(self, text: str, language: str, wording: str = "", limit_s: float = LIMIT_S) -> list[Clip]:
        """Clips for a channel with a limit, in order, each within it.  Empty when no voice can say all of it."""
        recorded = await self._recorded_in_parts(text, language, wording, limit_s)
        if recorded:
            return recorded
        whole = await self.say(text, language)
        return await self._within(limit_s, text, language, whole) if whole else []

    def voices(self, language: str) -> Sequence[Voice]:
        """The machine voices of a language, best first."""
        asked = self._by_language.get(language, self._voices)
        return [voice for voice in asked if voice.speaks(language)]

    def spell(self, text: str, language: str) -> str:
        """The text as a voice reads it.  Raises CannotSpeak for a language without speech.yml."""
        if language not in self._speeches:
            raise CannotSpeak("this language has no speech.yml: write one")
        return self._speeches[language].spell(in_cyrillic(text) if language == "kk" else text)

    async def _recorded(self, text: str, language: str, wording: str, at_once: bool = False) -> Clip | None:
        recording = self._recordings.find(language, wording)
        if recording is None:
            return None
        try:
            return await self.store.get(_of(recording, text, language), recording.samples, at_once)
        except (ValueError, OSError) as wrong:
            log.warning("recording.unreadable", file=recording.path.name, reason=str(wrong))
            return None

    async def _recorded_in_parts(self, text: str, language: str, wording: str, limit_s: float) -> list[Clip]:
        """A person's voice cut where they pause: hearing it in two parts is better than a machine in one."""
        whole = await self._recorded(text, language, wording)
        recording = self._recordings.find(language, wording)
        if whole is None or recording is None or whole.seconds <= limit_s:
            return [whole] if whole else []
        parts = await asyncio.to_thread(lambda: cut_at_pauses(recording.samples(), limit_s))
        named = [_of(recording, f"{text}\0{number} of {len(parts)}", language) for number, _ in enumerate(parts, 1)]
        return [
            await self.store.get(spoken, partial(Pcm, part.samples, part.rate)) for spoken, part in zip(named, parts, strict=True)
        ]

    async def _within(self, limit_s: float, text: str, language: str, clip: Clip) -> list[Clip]:
        """The clip, or those of its parts: a part with many numbers may last longer than its letters promise."""
        if clip.seconds <= limit_s:
            return [clip]
        clips: list[Clip] = []
        for part in split_for_channel(text, clip.seconds, limit_s):
            said = await self.say(part, language)
            if said is None:
                return []
            clips += await self._within(limit_s, part, language, said)
        return clips

    async def _machine(self, text: str, language: str, at_once: bool) -> Clip:
        words = self.spell(text, language)
        if not any(char.isalnum() for char in words):
            raise CannotSpeak("the text holds no word")
        reasons: list[str] = []
        for voice in self.voices(language):
            try:
                return await self.store.get(_by(voice, words, language), partial(voice.synthesise, words, language), at_once)
            except CannotSpeak as reason:
                reasons.append(str(reason))
        raise CannotSpeak("; ".join(reasons) or "no voice speaks this language")


def _of(recording: Recording, text: str, language: str) -> Spoken:
    return Spoken(text, language, recording.name, recording.kind)


def _by(voice: Voice, words: str, language: str) -> Spoken:
    return Spoken(words, language, voice.name, voice.kind)
