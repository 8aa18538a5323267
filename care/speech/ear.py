"""Whoever turns a voice message into words.  No engine of ours understands Uyghur or Kazakh on a telephone yet: nobody does."""

from typing import Protocol


class Ear(Protocol):
    """An engine of speech recognition.  What it hears is listened to for danger; a nurse hears the voice all the same."""

    async def hear(self, sound: bytes, language: str) -> str:
        """The words of an MP3; empty when it cannot tell."""


class NoEar:
    """No engine."""

    async def hear(self, sound: bytes, language: str) -> str:
        return ""
