"""The audio store: one pair of files per hash of what is said, by whom; a half-written file is never served."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from care.speech.encode import FORMATS, encode, seconds
from care.speech.voices import Pcm

FILE_NAME = re.compile(r"^[0-9a-f]{40}\.(opus|mp3)$")


@dataclass(frozen=True)
class Clip:
    """A stored sound."""

    name: str
    seconds: float
    kind: str  # recorded or machine


class AudioStore:
    """Files `<hash>.opus`, `<hash>.mp3` and `<hash>.seconds`; the last is written when the others are whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Clip] = {}

    def get(self, name: str, kind: str) -> Clip | None:
        """The clip if it is stored completely."""
        if name not in self._known:
            length = self.folder / f"{name}.seconds"
            if not length.exists():
                return None
            self._known[name] = Clip(name, float(length.read_text()), kind)
        return self._known[name]

    def put(self, name: str, kind: str, pcm: Pcm) -> Clip:
        """Encode into every format and store."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for extension in FORMATS:
            self._write(f"{name}.{extension}", encode(pcm, extension))
        self._write(f"{name}.seconds", f"{seconds(pcm):.2f}".encode())
        return Clip(name, round(seconds(pcm), 2), kind)

    def find(self, file_name: str) -> Path | None:
        """The file to serve; None for anything that is not exactly one of ours."""
        path = self.folder / file_name
        return path if FILE_NAME.match(file_name) and path.exists() else None

    def _write(self, file_name: str, content: bytes) -> None:
        fresh = self.folder / f".{file_name}.{os.getpid()}"
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / file_name)
