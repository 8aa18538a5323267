"""The audio store: one pair of files per hash of what is said and by whom, made once, never served half-written."""

import asyncio
import hashlib
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from care.speech.encode import CODECS, SETTINGS, encode_level, level
from care.speech.voices import Kind, Pcm

FILE_NAME = re.compile(r"([0-9a-f]{40})\.(opus|mp3)")
WORKERS = 2  # more would only wait for the one engine, and each encoding holds memory


@dataclass(frozen=True)
class Spoken:
    """What is said and by whom: everything the sound depends on."""

    text: str  # numbers already in words
    language: str
    voice: str  # name with version
    kind: Kind

    @cached_property
    def hash(self) -> str:
        parts = (self.text, self.language, self.voice, self.kind, SETTINGS)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Clip:
    """A stored sound: `<name>.opus` and `<name>.mp3`."""

    name: str  # the hash
    seconds: float
    kind: Kind
    voice: str
    paths: dict[str, Path]  # by extension


class AudioStore:
    """Files `<hash>.opus`, `<hash>.mp3` and last `<hash>.seconds`: without the last one the others do not count."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seconds: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[Clip]] = {}
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="speech")

    def stored(self, spoken: Spoken) -> Clip | None:
        """The clip if it is stored whole."""
        paths = self._paths(spoken.hash)
        seconds = self._length(spoken.hash)
        if seconds is None or not all(path.exists() for path in paths.values()):
            return None
        return Clip(spoken.hash, seconds, spoken.kind, spoken.voice, paths)

    async def get(self, spoken: Spoken, speak: Callable[[], Pcm]) -> Clip:
        """The stored clip, else `speak` in a worker thread, once for all who wait.  Raises what `speak` raises, and OSError."""
        clip = self.stored(spoken)
        if clip is not None:
            return clip
        if spoken.hash not in self._running:
            task = self._running[spoken.hash] = asyncio.create_task(self._make(spoken, speak))
            # Read even when every listener has left, or asyncio would log it as lost.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # A listener who leaves does not take the clip from the others.
        return await asyncio.shield(self._running[spoken.hash])

    async def _make(self, spoken: Spoken, speak: Callable[[], Pcm]) -> Clip:
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._workers, lambda: self.put(spoken, speak()))
        finally:
            del self._running[spoken.hash]

    def put(self, spoken: Spoken, pcm: Pcm) -> Clip:
        """Encode into every format and store.  Raises OSError and CannotSpeak."""
        self.folder.mkdir(parents=True, exist_ok=True)
        levelled = level(pcm)
        for extension, path in self._paths(spoken.hash).items():
            _write(path, encode_level(levelled, extension))
        seconds = round(pcm.seconds, 2)
        _write(self._length_path(spoken.hash), str(seconds).encode())
        return Clip(spoken.hash, seconds, spoken.kind, spoken.voice, self._paths(spoken.hash))

    def find(self, file_name: str) -> Path | None:
        """The file to serve; None for anything that is not exactly a whole one of ours."""
        found = FILE_NAME.fullmatch(file_name)
        path = self.folder / file_name
        return path if found and self._length(found[1]) is not None and path.is_file() else None

    def _paths(self, name: str) -> dict[str, Path]:
        return {extension: self.folder / f"{name}.{extension}" for extension in CODECS}

    def _length_path(self, name: str) -> Path:
        return self.folder / f"{name}.seconds"

    def _length(self, name: str) -> float | None:
        if name not in self._seconds:
            try:
                self._seconds[name] = float(self._length_path(name).read_text())
            except (OSError, ValueError):
                return None
        return self._seconds[name]


def _write(path: Path, content: bytes) -> None:
    # Another process or thread may be making the same clip: each writes its own file, the last rename wins.
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
