"""What a voice is: it turns words into samples, or says why it cannot."""

from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["recorded", "machine"]


class CannotSpeak(Exception):
    """This voice cannot say this now; the next one is asked.  Its text gives the reason, never the words."""


@dataclass(frozen=True)
class Pcm:
    """Mono 16-bit samples in the machine's byte order; `rate` in Hz."""

    samples: bytes
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.rate


class Voice(Protocol):
    """An engine.  `name` carries its version: it is part of the content hash."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> Kind: ...

    def speaks(self, language: str) -> bool: ...

    def synthesise(self, text: str, language: str) -> Pcm:
        """Speak in the calling thread, Kazakh in Cyrillic, numbers already in words.  Raises CannotSpeak."""


@dataclass
class Rest:
    """After a failure so many texts are left to the next voice: a dead one costs one wait, and not one for every text."""

    texts: int = 50
    left: int = 0

    def check(self, who: str) -> None:
        """Raises CannotSpeak while resting."""
        if self.left:
            self.left -= 1
            raise CannotSpeak(f"{who} failed lately and is not asked now")

    def start(self) -> None:
        self.left = self.texts
