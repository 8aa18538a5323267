"""Voices behind one protocol: each turns words into samples, or says that it cannot."""

import ctypes
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol


class CannotSpeak(Exception):
    """This voice cannot say this now; the next one is asked."""


@dataclass(frozen=True)
class Pcm:
    """Mono 16-bit samples."""

    samples: bytes
    rate: int


class Voice(Protocol):
    name: str  # with its version: part of the content hash
    kind: str  # recorded or machine

    def speaks(self, language: str) -> bool: ...

    def synthesise(self, text: str, language: str) -> Pcm:
        """Speak.  Raises CannotSpeak."""


class Espeak:
    """espeak-ng from its wheel: robotic, but it speaks Uyghur, Kazakh (Cyrillic) and Mandarin without a network.

    `cmn-latn-pinyin` is the Mandarin voice that is right in every version (facts: language, section 10).
    """

    name, kind = "espeak-ng 1.52", "machine"
    VOICES: ClassVar = {"ug": "ug", "kk": "kk", "zh": "cmn-latn-pinyin"}
    WORDS_PER_MINUTE = 130  # slower than its default of 175: many listeners are old

    _lock = threading.Lock()  # the library keeps its state in globals

    def speaks(self, language: str) -> bool:
        return language in self.VOICES

    @cached_property
    def _library(self) -> tuple[Any, int]:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(Path(espeakng_loader.get_data_path()).parent).encode()
        rate = library.espeak_Initialize(2, 0, data, 0)  # 2 = AUDIO_OUTPUT_SYNCHRONOUS
        if rate <= 0:
            raise CannotSpeak("espeak-ng does not start: its data files are missing")
        library.espeak_SetParameter(1, self.WORDS_PER_MINUTE, 0)  # 1 = espeakRATE
        return library, rate

    def synthesise(self, text: str, language: str) -> Pcm:
        with self._lock:
            library, rate = self._library
            if library.espeak_SetVoiceByName(self.VOICES[language].encode()) != 0:
                raise CannotSpeak(f"espeak-ng has no voice for {language}")
            pieces: list[bytes] = []
            listener = _listener(pieces)
            library.espeak_SetSynthCallback(listener)
            raw = text.encode()
            # 1 = UTF-8; the position arguments and the last two are unused.
            library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, 1, None, None)
            library.espeak_Synchronize()
        if not pieces:
            raise CannotSpeak("espeak-ng said nothing")
        return Pcm(b"".join(pieces), rate)


def _listener(pieces: list[bytes]) -> Any:
    shape = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def take(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, count * 2))
        return 0

    take_it: Callable[..., Any] = take
    return shape(take_it)


class Google:
    """Google's Mandarin voice: better, but online and unofficial; it has no Uyghur and no Kazakh.  Off by default."""

    name, kind = "gtts 2.5", "machine"

    def speaks(self, language: str) -> bool:
        return language == "zh"

    def synthesise(self, text: str, language: str) -> Pcm:
        from gtts import gTTS, gTTSError

        from care.speech.encode import decode

        sound = io.BytesIO()
        try:
            gTTS(text, lang="zh-CN", timeout=10).write_to_fp(sound)
        except (gTTSError, OSError) as wrong:
            raise CannotSpeak(f"Google's voice cannot be reached ({type(wrong).__name__})") from wrong
        return decode(sound.getvalue())


def recording(content: Path, language: str, key: str, revision: str) -> Path | None:
    """The human recording of exactly this revision: content/<language>/audio/<key>@<revision>.<opus|mp3|wav>."""
    folder = content / language / "audio"
    return next(iter(sorted(folder.glob(f"{key}@{revision}.*"))), None) if folder.is_dir() else None
