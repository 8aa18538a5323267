"""espeak-ng out of its wheel: robotic, but it speaks Uyghur, Kazakh and Mandarin without a network (facts: language, 10)."""

import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from care.speech.voices import CannotSpeak, Kind, Pcm

VOICES = {"zh": "cmn-latn-pinyin"}  # the Mandarin voice that is right in 1.51 and 1.52; others are called like their language
# Slower than its default of 175, because many listeners are old; it counts Chinese syllables differently.
WORDS_PER_MINUTE, OF_LANGUAGE = 130, {"zh": 160}
ARABIC = re.compile("[\u0621-\u06d5]")
# Numbers of speak_lib.h
SYNCHRONOUS, DONT_EXIT, RATE, UTF8, OK = 2, 0x8000, 1, 1, 0

_lock = threading.Lock()  # the library keeps its state in globals: one sentence at a time in a process


class Espeak:
    """The voice that is always there."""

    name = f"espeak-ng 1.52 at {WORDS_PER_MINUTE}, {', '.join(f'{language} {pace}' for language, pace in OF_LANGUAGE.items())}"
    kind: Kind = "machine"

    def speaks(self, language: str) -> bool:
        return VOICES.get(language, language) in _names()

    def synthesise(self, text: str, language: str) -> Pcm:
        if language == "kk" and ARABIC.search(text):
            # It would read out the names of the letters, in English.
            raise CannotSpeak("espeak-ng reads Kazakh in Cyrillic only: give the Cyrillic text")
        with _lock:
            samples, rate = _speak(text.encode(), VOICES.get(language, language), OF_LANGUAGE.get(language, WORDS_PER_MINUTE))
        if not samples:
            raise CannotSpeak("espeak-ng said nothing: the text holds no word")
        return Pcm(samples, rate)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Of its voices: each is a file called like the language."""
    import espeakng_loader

    return frozenset(path.name.lower() for path in (Path(espeakng_loader.get_data_path()) / "lang").rglob("*") if path.is_file())


def _speak(text: bytes, voice: str, words_per_minute: int) -> tuple[bytes, int]:
    engine = _start()
    if engine.library.espeak_SetVoiceByName(voice.encode()) != OK:
        raise CannotSpeak(f"espeak-ng has no voice {voice}: reinstall espeakng-loader")
    engine.library.espeak_SetParameter(RATE, words_per_minute, 0)
    engine.pieces.clear()
    done = engine.library.espeak_Synth(text, len(text) + 1, 0, 0, 0, UTF8, None, None)
    samples = b"".join(engine.pieces)
    engine.pieces.clear()
    if done != OK:
        raise CannotSpeak(f"espeak-ng failed with error {done}")
    return samples, engine.rate


class _Engine:
    """The started library; `pieces` is filled while it speaks."""

    def __init__(self, library: Any, rate: int) -> None:
        import ctypes

        self.library, self.rate = library, rate
        self.pieces: list[bytes] = []
        shape = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self._listener = shape(self._take)  # held here: the library keeps only a bare pointer to it
        library.espeak_SetSynthCallback(self._listener)

    def _take(self, samples: int | None, count: int, events: int | None) -> int:
        import ctypes

        if samples and count > 0:
            self.pieces.append(ctypes.string_at(samples, count * 2))
        return 0


@lru_cache(maxsize=1)
def _start() -> _Engine:
    import ctypes

    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_void_p, ctypes.c_void_p),
    ]
    voices = str(Path(espeakng_loader.get_data_path()).parent).encode()
    # Without DONT_EXIT a missing file would end the whole process.
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, voices, DONT_EXIT)
    if rate <= 0:
        raise CannotSpeak("espeak-ng does not start: its data files are missing, reinstall espeakng-loader")
    return _Engine(library, rate)
