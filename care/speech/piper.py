"""Piper, a neural voice: a program of its own beside Karez, never a library inside it, and one file for each voice.

Piper is GPL-3; the terms of each voice file differ (docs/howto/add-a-voice.md).
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterable
from pathlib import Path

from care.speech.voices import CannotSpeak, Kind, Pcm, Rest

FILE_NAME = re.compile(r"([a-z]{2,3})_[A-Z]{2}-[\w-]+\.onnx")  # kk_KZ-issai-high.onnx, as Piper's own voices are called
QUALITIES = ("high", "medium", "low", "x_low")
TIMEOUT_S = 180  # a topic lasts a minute and a half; on a busy machine Piper needs about as long as it speaks
# Slower than its default, because many listeners are old; its own pause between sentences is none.
SLOWER, PAUSE_S = "1.15", "0.3"
# It gets none of our settings and secrets, and reads the text in UTF-8 whatever the machine's own letters are.
OF_THE_MACHINE = ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT")


class VoiceFileBad(Exception):
    """A voice file that cannot be used: what and how to mend it, in one sentence."""


class Piper:
    """One voice file, spoken by Piper's program: a process for each text."""

    kind: Kind = "machine"

    def __init__(self, program: str, model: Path) -> None:
        """Raises VoiceFileBad."""
        self.program, self.model = program, model
        found = FILE_NAME.fullmatch(model.name)
        self.language = found[1] if found else ""
        self.name = f"piper {model.stem} {_fingerprint(model)} at {SLOWER}"
        self._rest = Rest()

    def speaks(self, language: str) -> bool:
        return language == self.language

    def synthesise(self, text: str, language: str) -> Pcm:
        self._rest.check("Piper")
        try:
            return _samples(self._run(" ".join(text.split())))  # it takes every line for a text of its own, without a pause
        except CannotSpeak:
            self._rest.start()
            raise

    def _run(self, line: str) -> bytes:
        command = [self.program, "-m", str(self.model), "-f", "-", "--length-scale", SLOWER, "--sentence-silence", PAUSE_S]
        environment = {name: os.environ[name] for name in OF_THE_MACHINE if name in os.environ} | {"PYTHONUTF8": "1"}
        try:
            # The text goes in by the pipe: what stands in a command, every user of the machine can read.
            done = subprocess.run(command, input=line.encode(), capture_output=True, timeout=TIMEOUT_S, env=environment)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as wrong:
            raise CannotSpeak(f"Piper did not answer ({type(wrong).__name__})") from wrong
        if done.returncode:
            raise CannotSpeak(f"Piper ended with {done.returncode}: {_last_line(done.stderr)}")
        return done.stdout


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def _samples(file: bytes) -> Pcm:
    try:
        with wave.open(io.BytesIO(file)) as sound:
            if (sound.getnchannels(), sound.getsampwidth()) != (1, 2) or not sound.getnframes():
                raise CannotSpeak("Piper gave no sound: the text may hold no word of its language")
            return Pcm(sound.readframes(sound.getnframes()), sound.getframerate())
    except (wave.Error, EOFError) as wrong:
        raise CannotSpeak(f"what Piper gave is not a sound ({wrong})") from wrong


def _fingerprint(model: Path) -> str:
    """Changes with the voice: its description and its size, for reading 60 MB at every start would take half a second."""
    try:
        described = model.with_name(f"{model.name}.json").read_bytes()
        json.loads(described)["audio"]["sample_rate"]
        size = model.stat().st_size
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise VoiceFileBad(
            f"{model} needs its description {model.name}.json beside it, as Piper gives it ({type(wrong).__name__})"
        ) from wrong
    return hashlib.sha256(described + str(size).encode()).hexdigest()[:8]


def find_voices(folder: Path, language: str) -> list[Path]:
    """Voice files of a language, the best quality first."""
    named: Iterable[Path] = sorted(folder.glob(f"{language}_*.onnx")) if folder.is_dir() else ()
    return sorted((path for path in named if FILE_NAME.fullmatch(path.name)), key=_quality)


def _quality(path: Path) -> int:
    said = path.stem.rsplit("-", 1)[-1]
    return QUALITIES.index(said) if said in QUALITIES else len(QUALITIES)


def find_program(named: str) -> str | None:
    """Piper's program: the one a setting names, by its path, beside our own Python, or on the machine's path."""
    beside = Path(sys.executable).parent / named
    return str(beside) if os.access(beside, os.X_OK) else shutil.which(named)
