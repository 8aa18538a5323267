"""Human recordings, content/<language>/audio/<key>@<revision>.<mp3 ...>: silent once the text has a newer revision."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from care.speech.voices import Kind, Pcm

EXTENSIONS = ("wav", "opus", "ogg", "mp3", "m4a")  # the best source first
# `nausea-vomiting@1`; a translation says whose revision it follows: `nausea-vomiting@zh@1`.
WORDING = re.compile(r"([a-z0-9][a-z0-9.-]*)@(?:[a-z]{2}@)?(\d+)")


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

    def find(self, language: str, wording: str) -> Recording | None:
        """The recording of exactly this wording (`<key>@<revision>`).  None for a bubble made of several."""
        found = WORDING.fullmatch(wording)
        folder = self.content / language / "audio"
        if found is None or found[1] in self._with_names or not folder.is_dir():
            return None
        paths = (folder / f"{found[1]}@{found[2]}.{extension}" for extension in EXTENSIONS)
        return next((Recording(path) for path in paths if path.is_file()), None)

    @cached_property
    def _with_names(self) -> frozenset[str]:
        # A recorded reminder would say its recorded hour to every patient.
        catalogue = self.content / "phrases.yml"
        phrases = yaml.safe_load(catalogue.read_text("utf-8")) if catalogue.is_file() else {}
        return frozenset(key for key, phrase in phrases.items() if isinstance(phrase, dict) and phrase.get("names"))
