"""What a browser recorded, made into the one form in which recordings are kept: trimmed, levelled, named by its hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from care.content.writing import save_all
from care.speech.encode import SILENCE, TooLong, decode, encode, loudness
from care.speech.voices import CannotSpeak, Pcm
from care.studio.overlay import SOUND, sounds_of
from care.studio.types import BadSound

MOST_BYTES = 20_000_000  # five minutes of a browser's best sound are half of it
SHORTEST_S, LONGEST_S = 0.5, 300.0


@dataclass(frozen=True)
class Sound:
    """A recording in the form we keep."""

    name: str  # SHA-256 of the file
    seconds: float


def keep_sound(home: Path, upload: bytes, from_s: float = 0.0, until_s: float | None = None) -> Sound:
    """Keep an upload, or the part between two moments of it.  Takes a second: call it in a thread, outside a unit of work.

    Raises BadSound for what is no usable recording, OSError when the disk is full.
    """
    pcm = _cut(_read(upload), from_s, until_s)
    if pcm.seconds < SHORTEST_S:
        raise BadSound("too-short")
    if loudness(pcm) <= SILENCE:
        raise BadSound("silent")
    try:
        file = encode(pcm, SOUND)
    except CannotSpeak as wrong:
        raise BadSound("not-audio") from wrong
    name = hashlib.sha256(file).hexdigest()
    sounds_of(home).mkdir(parents=True, exist_ok=True)
    save_all({sounds_of(home) / f"{name}.{SOUND}": file})
    return Sound(name, round(pcm.seconds, 2))


def _read(upload: bytes) -> Pcm:
    if len(upload) > MOST_BYTES:
        raise BadSound("too-big")
    try:
        return decode(upload, LONGEST_S)
    except TooLong as wrong:
        raise BadSound("too-long") from wrong
    except ValueError as wrong:
        raise BadSound("not-audio") from wrong


def _cut(pcm: Pcm, from_s: float, until_s: float | None) -> Pcm:
    """The samples between two moments; a whole sample is two bytes."""
    begin = max(0, round(from_s * pcm.rate)) * 2
    end = len(pcm.samples) if until_s is None else max(0, round(until_s * pcm.rate)) * 2
    return Pcm(pcm.samples[begin:end], pcm.rate)
