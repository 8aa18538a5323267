"""Human recordings, content/<language>/audio/<key>@<digest>.<mp3 ...>: each belongs to its words and is silent for all others."""

import re
from dataclasses import dataclass
from pathlib import Path

from care.speech.voices import Kind, Pcm

EXTENSIONS = ("wav", "opus", "ogg", "mp3", "m4a")  # the best source first
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*@[0-9a-f]{16}")  # (care/content/review.py, recording_of)


@dataclass(frozen=True)
class Recording:
    """One file; its name carries size and time, so that a renewed recording is heard at once."""

    path: Path
    kind: Kind = "recorded"

    @property
    def name(self) -> str:
        found = self.path.stat()
        return f"{self.path.name} {found.st_size} {found.st_mtime_ns}"

    def samples(self) -> Pcm:
        """Its sound.  Raises ValueError when it is none."""
        from care.speech.encode import decode

        return decode(self.path.read_bytes())


class Recordings:
    """The recordings of a content folder."""

    def __init__(self, content: Path) -> None:
        self.content = content

    def find(self, language: str, name: str) -> Recording | None:
        """The recording of exactly these words (`<key>@<digest>`).  None for a bubble that has no name of its own."""
        folder = self.content / language / "audio"
        if not NAME.fullmatch(name) or not folder.is_dir():
            return None
        paths = (folder / f"{name}.{extension}" for extension in EXTENSIONS)
        return next((Recording(path) for path in paths if path.is_file()), None)
