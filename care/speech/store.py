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
FIRST = "mp3"  # what the web app plays, and a third of the work of Opus
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
    """A stored sound: `<name>.mp3` and `<name>.opus`."""

    name: str  # the hash
    seconds: float
    kind: Kind
    voice: str
    paths: dict[str, Path]  # by extension


@dataclass
class Making:
    """A clip that is being made: `heard` ends when its first format is there, `whole` when all are."""

    heard: asyncio.Future[Clip]
    whole: asyncio.Task[Clip] | None = None

    def settle(self, done: asyncio.Task[Clip]) -> None:
        """What went wrong reaches who waits to hear it.  Read even when every listener has left, or asyncio would log it."""
        wrong = None if done.cancelled() else done.exception()
        if wrong and not self.heard.done():
            self.heard.set_exception(wrong)
            self.heard.exception()
        self.heard.cancel()


class AudioStore:
    """Files `<hash>.mp3`, `<hash>.seconds` and `<hash>.opus`, each whole or not there; a clip that lacks one is made again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seconds: dict[str, float] = {}
        self._running: dict[str, Making] = {}
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="speech")

    def stored(self, spoken: Spoken) -> Clip | None:
        """The clip if it is stored whole."""
        paths = self._paths(spoken.hash)
        seconds = self._length(spoken.hash)
        if seconds is None or not all(path.exists() for path in paths.values()):
            return None
        return Clip(spoken.hash, seconds, spoken.kind, spoken.voice, paths)

    async def get(self, spoken: Spoken, speak: Callable[[], Pcm], at_once: bool = False) -> Clip:
        """The stored clip, else `speak` in a worker thread, once for all who wait.  Raises what `speak` raises, and OSError.

        `at_once`: as soon as it can be heard as FIRST; the other formats take longer, and follow.
        """
        clip = self.stored(spoken)
        if clip is not None:
            return clip
        making = self._running.get(spoken.hash) or self._begin(spoken, speak)
        waited: asyncio.Future[Clip] = making.heard if at_once or making.whole is None else making.whole
        # A listener who leaves does not take the clip from the others.
        return await asyncio.shield(waited)

    async def finish(self, file_name: str) -> None:
        """Wait for a file that is still being made; one of the FIRST format never is when its name is known."""
        name, _, extension = file_name.partition(".")
        making = self._running.get(name)
        if making and making.whole and extension != FIRST:
            await asyncio.wait([making.whole])

    def _begin(self, spoken: Spoken, speak: Callable[[], Pcm]) -> Making:
        making = self._running[spoken.hash] = Making(asyncio.get_running_loop().create_future())
        making.whole = asyncio.create_task(self._make(spoken, speak, making.heard))
        making.whole.add_done_callback(making.settle)
        return making

    async def _make(self, spoken: Spoken, speak: Callable[[], Pcm], heard: "asyncio.Future[Clip]") -> Clip:
        loop = asyncio.get_running_loop()
        try:
            clip, levelled = await loop.run_in_executor(self._workers, lambda: self._put_first(spoken, speak()))
            heard.set_result(clip)
            await loop.run_in_executor(self._workers, self._put_others, clip, levelled)
            return clip
        finally:
            del self._running[spoken.hash]

    def put(self, spoken: Spoken, pcm: Pcm) -> Clip:
        """Encode into every format and store.  Raises OSError and CannotSpeak."""
        clip, levelled = self._put_first(spoken, pcm)
        self._put_others(clip, levelled)
        return clip

    def _put_first(self, spoken: Spoken, pcm: Pcm) -> tuple[Clip, Pcm]:
        self.folder.mkdir(parents=True, exist_ok=True)
        levelled, seconds = level(pcm), round(pcm.seconds, 2)
        clip = Clip(spoken.hash, seconds, spoken.kind, spoken.voice, self._paths(spoken.hash))
        _write(clip.paths[FIRST], encode_level(levelled, FIRST))
        _write(self._length_path(spoken.hash), str(seconds).encode())
        return clip, levelled

    def _put_others(self, clip: Clip, levelled: Pcm) -> None:
        for extension, path in clip.paths.items():
            if extension != FIRST:
                _write(path, encode_level(levelled, extension))

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
