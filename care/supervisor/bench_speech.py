"""`karez bench speech`: how fast each voice and kind of file is, what a stored clip saves, how much room a minute takes."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

from care.content.library import Library
from care.conversation.standing import standing_replies
from care.kit.clock import stopwatch_s
from care.kit.settings import Settings
from care.languages.table import form
from care.speech.choice import choose_voices
from care.speech.encode import CODECS, decode, encode_level, level
from care.speech.speaker import Speaker
from care.speech.voices import CannotSpeak, Pcm, Voice

TEXTS, TRIES = 8, 400
MAY_DIFFER_S = 0.15  # an encoder pads the last block
GOAL_FOUND_MS = 1.0
Say = Callable[[str], object]


@dataclass
class Row:
    """Seconds a step took, the seconds of sound it gave, and how many bytes."""

    took: list[float] = field(default_factory=list)
    sounds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, took: float, sounds: float, size: int = 0) -> None:
        self.took.append(took)
        self.sounds.append(sounds)
        self.sizes.append(size)

    @property
    def factor(self) -> float:
        """Real-time factor: below 1 it is faster than it speaks."""
        return sum(self.took) / sum(self.sounds)

    @property
    def kb_a_minute(self) -> float:
        return sum(self.sizes) / 1024 / (sum(self.sounds) / 60)


async def bench_speech(settings: Settings, say: Say) -> None:
    """Speak texts of the library with every voice that is chosen, encode, decode and find them again.

    Raises CannotSpeak when a file does not last as long as what was said.
    """
    library = Library.load(settings.content)
    texts = {language: list(islice(_texts(library, settings.region, language), TEXTS)) for language in library.speeches}
    speaker = Speaker.of(settings, library.speeches)
    say(f"{'':<34}{'real-time factor':>17}{'KB a minute':>13}{'seconds':>9}")
    for language, voices in choose_voices(settings).items():
        for voice in voices if language in texts else ():
            _bench_voice(voice, language, [speaker.spell(text, language) for text in texts[language]], say)
    await _bench_store(settings, library, texts, say)


def _texts(library: Library, region: str, language: str) -> Iterator[str]:
    """What patients are told in one language, short and long: every so many of the library's standing texts."""
    said = [each.spoken for each in standing_replies(library, region) if form(each.form).language == language]
    yield from said[:: max(1, len(said) // TEXTS)]


def _bench_voice(voice: Voice, language: str, words: list[str], say: Say) -> None:
    spoken, sounds = Row(), []
    try:
        for each in words:
            begun = stopwatch_s()
            pcm = voice.synthesise(each, language)
            spoken.add(stopwatch_s() - begun, pcm.seconds)
            sounds.append(pcm)
    except CannotSpeak as reason:
        say(f"{language} {voice.name}: cannot be measured: {reason}")
        return
    say(_line(f"{language} {voice.name}", spoken))
    levelled = [_timed(level, pcm) for pcm in sounds]
    say(_line(f"{language} level (EBU R128)", _rows((took, pcm.seconds, 0) for took, pcm in levelled)))
    for extension in CODECS:
        say(_line(f"{language} {extension}", _encoded(extension, [pcm for _, pcm in levelled])))


def _timed(step: Callable[[Pcm], Pcm], pcm: Pcm) -> tuple[float, Pcm]:
    begun = stopwatch_s()
    made = step(pcm)
    return stopwatch_s() - begun, made


def _encoded(extension: str, sounds: list[Pcm]) -> Row:
    """Each sound as a file, decoded back and held against its samples."""
    row = Row()
    for pcm in sounds:
        begun = stopwatch_s()
        file = encode_level(pcm, extension)
        row.add(stopwatch_s() - begun, pcm.seconds, len(file))
        back = decode(file).seconds
        if abs(back - pcm.seconds) > MAY_DIFFER_S:
            raise CannotSpeak(f"{extension}: {pcm.seconds:.2f} s went in, {back:.2f} s came back: the figures are worth nothing.")
    return row


def _rows(measured: Iterator[tuple[float, float, int]]) -> Row:
    row = Row()
    for each in measured:
        row.add(*each)
    return row


def _line(name: str, row: Row) -> str:
    size = f"{row.kb_a_minute:13.0f}" if any(row.sizes) else " " * 13
    return f"{name[:34]:<34}{row.factor:17.4f}{size}{sum(row.sounds):9.0f}"


async def _bench_store(settings: Settings, library: Library, texts: dict[str, list[str]], say: Say) -> None:
    """A new clip against a stored one: in the process that made it, and in one that begins."""
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        own = settings.model_copy(update={"home": Path(folder)})
        first, later = Speaker.of(own, library.speeches), Speaker.of(own, library.speeches)
        other = Speaker.of(settings.model_copy(update={"home": Path(folder) / "other"}), library.speeches)
        asked = [(text, language) for language, said in texts.items() for text in said]
        new = [await _asked(first, *each) for each in asked]
        soon = [await _asked(other, *each, at_once=True) for each in asked]
        cold = [await _asked(later, *each) for each in asked]
        warm = [await _asked(later, *asked[number % len(asked)]) for number in range(TRIES)]
    say(f"\n{'':<34}{'p50 ms':>17}{'longest ms':>13}")
    for name, took in (
        ("a new clip, both formats", new),
        ("a new clip, until it can be heard", soon),
        ("stored, first time in a process", cold),
        ("stored, again", warm),
    ):
        say(f"{name:<34}{1000 * median(took):17.3f}{1000 * max(took):13.3f}")
    say(f"finding a stored clip, p50: {1000 * median(warm):.3f} ms (goal {GOAL_FOUND_MS:.0f})")
    say(f"a new clip takes {median(new) / median(warm):.0f} times as long")


async def _asked(speaker: Speaker, text: str, language: str, at_once: bool = False) -> float:
    begun = stopwatch_s()
    clip = await speaker.speak(text, language, at_once=at_once)
    took = stopwatch_s() - begun
    await speaker.store.finish(f"{clip.name}.opus")  # or the next one would wait for this one's other formats
    return took
