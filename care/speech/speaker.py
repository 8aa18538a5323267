"""Says a text: the recording of this wording, else the first machine voice that can; each text is spoken once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from care.kit.logs import get_log
from care.speech.cutting import LIMIT_S, split_for_channel
from care.speech.espeak import Espeak
from care.speech.gtts_voice import Google
from care.speech.recorded import Recordings
from care.speech.spelling import Speech
from care.speech.store import AudioStore, Clip, Spoken
from care.speech.voices import CannotSpeak, Voice

log = get_log("speech")


class Speaker:
    """Turns texts into clips.  One per process."""

    def __init__(
        self,
        content: Path,
        folder: Path,
        speeches: dict[str, dict[str, Any]],
        google: bool = False,
        voices: Sequence[Voice] | None = None,
    ) -> None:
        """`speeches`: the values of content/<language>/speech.yml by language; `voices`: best first.  Raises SpeechBroken."""
        self.store = AudioStore(folder)
        self.voices: Sequence[Voice] = voices if voices is not None else [*([Google()] if google else []), Espeak()]
        self._recordings = Recordings(content)
        self._speeches = {language: Speech.of(raw, f"content/{language}/speech.yml") for language, raw in speeches.items()}

    async def say(self, text: str, language: str, wording: str = "") -> Clip | None:
        """The clip of a text (Kazakh in Cyrillic).  None when no voice can: the text goes out without sound.

        `wording` is `<key>@<revision>` of the text, by which its recording is found.
        """
        try:
            return await self.speak(text, language, wording)
        except (CannotSpeak, OSError) as reason:
            log.warning("speech.failed", reason=str(reason))
            return None

    async def speak(self, text: str, language: str, wording: str = "") -> Clip:
        """As `say`, but raises CannotSpeak with every voice's reason, or OSError when nothing can be stored."""
        return await self._recorded(text, language, wording) or await self._machine(text, language)

    async def say_in_parts(self, text: str, language: str, limit_s: float = LIMIT_S) -> list[Clip]:
        """Clips for a channel with a limit, in order; machine voice only.  Empty when no voice can say all of it."""
        whole = await self.say(text, language)
        if whole is None:
            return []
        parts = split_for_channel(text, whole.seconds, limit_s)
        clips = [whole] if len(parts) == 1 else [await self.say(part, language) for part in parts]
        return [clip for clip in clips if clip] if all(clips) else []

    def spell(self, text: str, language: str) -> str:
        """The text as a voice reads it.  Raises CannotSpeak for a language without speech.yml."""
        if language not in self._speeches:
            raise CannotSpeak("this language has no speech.yml: write one")
        return self._speeches[language].spell(text)

    async def _recorded(self, text: str, language: str, wording: str) -> Clip | None:
        recording = self._recordings.find(language, wording)
        if recording is None:
            return None
        try:
            spoken = Spoken(text, language, recording.name, recording.kind)
            return await self.store.get(spoken, recording.samples)
        except (ValueError, OSError) as wrong:
            log.warning("recording.unreadable", file=recording.path.name, reason=str(wrong))
            return None

    async def _machine(self, text: str, language: str) -> Clip:
        words = self.spell(text, language)
        reasons = [] if any(char.isalnum() for char in words) else ["the text holds no word"]
        for voice in self.voices if not reasons else ():
            if not voice.speaks(language):
                continue
            try:
                spoken = Spoken(words, language, voice.name, voice.kind)
                return await self.store.get(spoken, partial(voice.synthesise, words, language))
            except CannotSpeak as reason:
                reasons.append(str(reason))
        raise CannotSpeak("; ".join(reasons) or "no voice speaks this language")
