"""`karez bench library`: how long the words take to read and check, how fast one is found with its sound, and how both grow."""

import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
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
from care.studio.checking import check_all

TOPICS, LANGUAGES = 1_000, 6
TRIES = 3
ROUNDS = 5  # how often each text is looked for
SPOKEN = 60  # texts that get a sound to be found; making one takes far longer than finding it
Say = Callable[[str], object]
Measured = tuple[float, float, float]  # seconds to load, seconds to check, megabytes of the process


async def bench_library(settings: Settings, say: Say) -> None:
    """Three tables, every figure measured in this run."""
    load_s, check_s, megabytes = _in_a_process(settings.content, [])
    say(f"read and usable      {load_s:6.2f} s, {megabytes:.0f} MB")
    say(f"checked as a whole   {check_s:6.2f} s   (`karez content check`; goal: below 2 s)")
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        await _bench_finding(settings.model_copy(update={"home": Path(folder)}), say)
        grown = _grow(settings.content, Path(folder) / "content")
        load_s, check_s, megabytes = _in_a_process(grown, _more_languages())
    say(f"{TOPICS} topics x {LANGUAGES} languages: read {load_s:.1f} s, checked {check_s:.1f} s, {megabytes:.0f} MB")


async def _bench_finding(settings: Settings, say: Say) -> None:
    """A message's text, and the clip that belongs to it, from a store that was read before."""
    library = Library.load(settings.content)
    speaker = Speaker.of(settings, library.speeches)
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


def _in_a_process(content: Path, more: list[Form]) -> Measured:
    """In one of its own, so that the memory is that of these words alone."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, content, more).result()


def _measure(content: Path, more: list[Form]) -> Measured:
    FORMS.update({each.tag: each for each in more})
    load_s, megabytes = _best(lambda: Library.load(content)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return load_s, _best(lambda: check_all(content)), megabytes


def _best(work: Callable[[], object]) -> float:
    """The first run pays for what a process does once; a busy machine makes any run slower, never faster."""
    times = []
    for _ in range(TRIES):
        begun = stopwatch_s()
        work()
        times.append(stopwatch_s() - begun)
    return min(times)


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
