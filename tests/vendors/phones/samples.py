"""What a patient sends when somebody tries it out: a voice message, a photograph; and sentences a machine says for a hospital."""

import struct
import zlib
from functools import cache

from care.content.library import Library
from care.kit.settings import ROOT
from care.languages.table import form
from care.speech.encode import encode
from care.speech.espeak import Espeak
from care.speech.spelling import Speech

WIDE, HIGH = 240, 160


@cache
def _library() -> Library:
    return Library.load(ROOT / "content")


@cache
def say_phrase(key: str, tag: str, extension: str = "mp3") -> bytes:
    """A phrase of the catalogue as a file."""
    language = form(tag).language
    authored = next(each for each in ("ug-Arab", "kk-Cyrl", "zh-Hans") if form(each).language == language)
    speech = Speech.of(_library().speeches[language], f"content/{language}/speech.yml")
    return encode(Espeak().synthesise(speech.spell(_library().phrase(authored, key).text), language), extension)


def voice_message() -> bytes:
    """Some seconds of speech, Opus in Ogg as telephones send it."""
    return say_phrase("consent-thanks", "zh-Hans", "opus")


@cache
def photograph() -> bytes:
    """A picture of a red spot, as PNG."""
    rows = b"".join(b"\0" + b"".join(_pixel(x, y) for x in range(WIDE)) for y in range(HIGH))
    header = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _pixel(x: int, y: int) -> bytes:
    is_spot = (x - WIDE // 2) ** 2 + (y - HIGH // 2) ** 2 < 40**2
    return bytes((190, 60, 50) if is_spot else (225, 185, 160))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
