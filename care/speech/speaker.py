"""Says a text: a recording of this revision, else the first machine voice that can; each text is spoken once."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from care.kit.logs import get_log
from care.speech.encode import decode
from care.speech.numbers import Speech, spell
from care.speech.store import AudioStore, Clip
from care.speech.voices import CannotSpeak, Espeak, Google, Pcm, Voice, recording

log = get_log("speech")


class Speaker:
    """Turns texts into clips.  One per process; work is done in a thread and only once per text."""

    def __init__(self, content: Path, folder: Path, speeches: dict[str, dict[str, Any]], google: bool = False) -> None:
        self.content = content
        self.store = AudioStore(folder)
        self._speeches = {language: Speech.of(raw) for language, raw in speeches.items()}
        self._voices: list[Voice] = [Google(), Espeak()] if google else [Espeak()]
        self._running: dict[str, asyncio.Task[Clip | None]] = {}

    async def say(self, text: str, language: str, revision: str = "") -> Clip | None:
        """The clip of a text (Kazakh in Cyrillic).  None when no voice can: the text goes out without sound."""
        name = self.name(text, language, revision)
        kind = "recorded" if self._recording(language, revision) else "machine"
        clip = self.store.get(name, kind)
        if clip is not None:
            return clip
        if name not in self._running:
            self._running[name] = asyncio.create_task(asyncio.to_thread(self._make, name, text, language, revision))
            self._running[name].add_done_callback(lambda _: self._running.pop(name, None))
        return await asyncio.shield(self._running[name])

    def name(self, text: str, language: str, revision: str) -> str:
        """The hash of everything the sound depends on."""
        recorded = self._recording(language, revision)
        by = f"{recorded.name} {recorded.stat().st_mtime_ns}" if recorded else " ".join(voice.name for voice in self._voices)
        return hashlib.sha256("\0".join((text, language, by)).encode()).hexdigest()[:40]

    def _recording(self, language: str, revision: str) -> Path | None:
        key, _, number = revision.partition("@")
        # Only a bubble of one text can be a recording; several revisions in one bubble have none.
        return recording(self.content, language, key, number) if number and " " not in revision else None

    def _make(self, name: str, text: str, language: str, revision: str) -> Clip | None:
        recorded = self._recording(language, revision)
        if recorded:
            return self.store.put(name, "recorded", decode(recorded.read_bytes()))
        pcm = self._synthesise(text, language)
        return self.store.put(name, "machine", pcm) if pcm else None

    def _synthesise(self, text: str, language: str) -> Pcm | None:
        words = spell(text, self._speeches[language]) if language in self._speeches else text
        for voice in self._voices:
            try:
                if voice.speaks(language):
                    return voice.synthesise(words, language)
            except CannotSpeak as reason:
                log.warning("voice.failed", reason=str(reason), kind=voice.name)
        return None
