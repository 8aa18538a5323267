"""`karez bench library`: how long the words take to read and check, how fast one is found with its sound, and how both grow."""

import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles

from care.content.library import Library
from care.conversation.standing import standing_replies
from care.kit.clock import stopwatch_s
from care.kit.settings import Settings
from care.languages.table import FORMS, Form, form
from care.messages.reply import Reply
from care.speech.speaker import Speaker
from care.speech.voices import Kind, Pcm
from care.studio.checking import check_all

TOPICS, LANGUAGES = 1_000, 6
TRIES = 3
ROUNDS = 5  # how often each text is looked for
SPOKEN = 60  # texts that get a sound to be found
Say = Callable[[str], object]


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of the processor (on a busy machine the fairer ones), megabytes of the process."""

    clock_s: float
    processor_s: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.clock_s:6.2f} s, {self.processor_s:6.2f} s of the processor, {self.megabytes:4.0f} MB"


class Hum:
    """A voice that takes no time: how long it is looked for does not depend on what it says."""

    name = "a tenth of a second of one note"
    kind: Kind = "machine"

    def speaks(self, language: str) -> bool:
        return True

    def synthesise(self, text: str, language: str) -> Pcm:
        return Pcm(bytes([0, 32, 0, 224]) * 1_100, 22_050)


async def bench_library(settings: Settings, say: Say) -> None:
    """Every figure measured in this run: what is there now the best of three tries, what it may grow to once."""
    read, checked = _in_a_process(settings.content, [], TRIES)
    say(f"read and usable      {read}")
    say(f"checked as a whole   {checked}   (`karez content check`; goal: below 2 s)")
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        await _bench_finding(settings.model_copy(update={"home": Path(folder)}), say)
        read, checked = _in_a_process(_grow(settings.content, Path(folder) / "content"), _more_languages(), tries=1)
    say(f"{TOPICS} topics in {LANGUAGES} languages, read     {read}")
    say(f"{TOPICS} topics in {LANGUAGES} languages, checked  {checked}")


async def _bench_finding(settings: Settings, say: Say) -> None:
    """A message's text, and the clip that belongs to it, from a store that was read before."""
    library = Library.load(settings.content)
    speaker = Speaker(settings.content, settings.home / "audio", library.speeches, voices=[Hum()])
    replies = list(standing_replies(library, settings.region))[
        :: max(1, len(list(standing_replies(library, settings.region))) // SPOKEN)
    ]
    for reply in replies:
        await speaker.say(reply.spoken, form(reply.form).language, reply.recording)
    _told(say, "text of a topic", list(_times(lambda: _find_texts(library))))
    _told(say, "its stored sound", list(_times(lambda: _find_clips(speaker, replies))))


def _find_texts(library: Library) -> Iterator[None]:
    for tag in library.forms:
        for topic in library.topics_in(tag):
            library.topic(tag, topic)
            yield


def _find_clips(speaker: Speaker, replies: list[Reply]) -> Iterator[None]:
    for reply in replies:
        if speaker.stored(reply.spoken, form(reply.form).language, reply.recording) is None:
            raise RuntimeError(f"the sound of {reply.revision} is not where it was put")
        yield


def _times(look: Callable[[], Iterator[None]]) -> Iterator[float]:
    """Milliseconds of each look, the first round left out."""
    for number in range(ROUNDS + 1):
        begun = stopwatch_s()
        for _ in look():
            now = stopwatch_s()
            if number:
                yield (now - begun) * 1_000
            begun = stopwatch_s()


def _told(say: Say, what: str, times: list[float]) -> None:
    p95 = quantiles(times, n=20)[-1]
    say(f"{what:<20} p50 {median(times):6.3f} ms, p95 {p95:6.3f} ms   ({len(times)} looks; goal: p50 below 1 ms)")


def _in_a_process(content: Path, more: list[Form], tries: int) -> tuple[Cost, Cost]:
    """In one of its own, so that the memory is that of these words alone."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, content, more, tries).result()


def _measure(content: Path, more: list[Form], tries: int) -> tuple[Cost, Cost]:
    FORMS.update({each.tag: each for each in more})
    return _best(lambda: Library.load(content), tries), _best(lambda: check_all(content), tries)


def _best(work: Callable[[], object], tries: int) -> Cost:
    """The first try pays for what a process does once; a busy machine makes any of them slower, never faster."""
    costs = []
    for _ in range(tries):
        begun, before = stopwatch_s(), resource.getrusage(resource.RUSAGE_SELF)
        work()
        after = resource.getrusage(resource.RUSAGE_SELF)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        costs.append(Cost(stopwatch_s() - begun, spent, after.ru_maxrss / 1024))
    return min(costs, key=lambda each: each.processor_s)


def _more_languages() -> list[Form]:
    """Names for languages that are Kazakh under other names: what counts here is how much there is."""
    kazakh = FORMS["kk-Cyrl"]
    names = [f"x{letter}" for letter in "abcdef"[: LANGUAGES - len({each.language for each in FORMS.values()})]]
    return [Form(f"{name}-Cyrl", name, kazakh.script, kazakh.direction, name, authored=True) for name in names]


def _grow(content: Path, to: Path) -> Path:
    """The same words under more names."""
    shutil.copytree(content, to)
    for each in _more_languages():
        shutil.copytree(to / "kk", to / each.language)
    listed = (to / "topics.yml").read_text("utf-8")
    known = sorted(path.stem for path in (to / "zh" / "topics").glob("*.md"))
    fresh = [(f"copy-{number}", known[number % len(known)]) for number in range(TOPICS - len(known))]
    lines = "".join(f"- {{id: {name}, category: side-effects, sources: []}}\n" for name, _ in fresh)
    (to / "topics.yml").write_text(listed.replace("topics:\n", f"topics:\n{lines}", 1), "utf-8")
    for folder in sorted(to.glob("*/topics")):
        for name, source in fresh:
            text = (folder / f"{source}.md").read_text("utf-8")
            (folder / f"{name}.md").write_text(text.replace(f"id: {source}", f"id: {name}", 1), "utf-8")
    return to
