"""`karez retrain`: teaches a candidate from the words in service, measures it, and takes it only when it passes the gate."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from care.alarms import learn
from care.alarms.listen import Listener, rules_of
from care.alarms.net import Net
from care.content.library import Library
from care.content.training import Sample, accept, make_model, model_name, note_taught, wanted
from care.conversation.assistant import RasaAssistant
from care.kit.clock import SystemClock
from care.kit.ids import new_id
from care.kit.settings import ROOT, Settings
from care.languages import corpus, ngrams
from care.languages.ngrams import Ngrams
from care.languages.reading import read
from care.supervisor.assistant import candidate_assistant
from care.supervisor.cases import Case
from care.supervisor.content import find_spoken, last_good
from care.supervisor.gate import (
    Answered,
    Figure,
    danger_figures,
    development_set,
    hear_all,
    language_figures,
    meaning_figures,
    not_measured,
)
from care.supervisor.prepare import check_assistant
from care.supervisor.progress import AlreadyLearning, Report, is_running, only_one
from care.supervisor.understanding import Meant

Say = Callable[[str], object]
Cases = dict[str, list[Case]]
_started: set[asyncio.subprocess.Process] = set()


@dataclass(frozen=True)
class Candidate:
    """What was learnt and is not in service yet."""

    folder: Path
    library: Library
    samples: list[Sample]
    model: Path
    languages: dict[str, Ngrams]
    nets: dict[str, Net]


async def retrain(settings: Settings, say: Say) -> bool:
    """Learn, measure, and take what was learnt if every figure holds.  False: one fell, and the old ones stay.

    Raises AlreadyLearning, NoDevelopmentSet, CasesBroken, TrainingFailed, CannotStart and DidNotStart.
    """
    with only_one(settings.home), _ends_cleanly():
        report = Report(settings.home, SystemClock().now().isoformat())
        ticking = asyncio.create_task(_tick(report))
        try:
            return await _retrain(settings, report, say)
        except BaseException as wrong:  # Ctrl-C too: whoever looks at the progress must not wait for it
            report.end("broken", said=str(wrong) or type(wrong).__name__)
            raise
        finally:
            ticking.cancel()


@contextmanager
def _ends_cleanly() -> Iterator[None]:
    """Asked to stop, it ends the candidate it started."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    loop.add_signal_handler(signal.SIGTERM, lambda: task and task.cancel())
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def _retrain(settings: Settings, report: Report, say: Say) -> bool:
    check_assistant(settings.bot)
    cases = await asyncio.to_thread(development_set)
    candidate = await _learn(settings, report, say)
    figures = await _measure(settings, candidate, cases, report, say)
    fallen = [each for each in figures if not each.passed]
    told: dict[str, object] = {"measured": _as_json(figures), "fallen": _as_json(fallen)}
    told["not_measured"] = tuple(chain(*not_measured(candidate.library, cases)))
    if fallen:
        report.end("failed", **told)
        say("The old assistant stays, for on sentences nobody was taught the new one falls short:")
        say("\n".join(map(str, fallen)))
        return False
    _take(settings, candidate)
    report.end("passed", **told)
    say(f"Every figure holds ({len(figures)} measured). The new assistant is taken within seconds where Karez runs.")
    return True


async def _learn(settings: Settings, report: Report, say: Say) -> Candidate:
    folder = await _spoken_words(settings)
    bot = settings.bot.resolve()
    library = await asyncio.to_thread(Library.load, folder)
    samples, model = await asyncio.to_thread(wanted, library, bot)
    say(f"Learning from {len(samples)} sample sentences ...")
    report.enter("assistant")
    candidate = bot / "models" / "candidate" / model.name
    candidate.parent.mkdir(parents=True, exist_ok=True)
    for older in set(candidate.parent.iterdir()) - {candidate}:
        older.unlink()
    if model_name(bot) != model.name and not candidate.exists():  # one that fell short is measured again, not made again
        await asyncio.to_thread(make_model, samples, bot, candidate)
    report.enter("languages")
    languages = await asyncio.to_thread(corpus.train_all, folder)
    report.enter("alarms")
    nets = await asyncio.to_thread(lambda: learn.learn(library, rules_of(library)))
    return Candidate(folder, library, samples, candidate, languages, nets)


async def _spoken_words(settings: Settings) -> Path:
    """The words in service: the files a running Karez took, with what the studio published; else as a start would take them."""
    good = await asyncio.to_thread(last_good, settings.home)
    found = await find_spoken(settings.model_copy(update={"content": good[0]}) if good else settings)
    return found.folder


async def _measure(settings: Settings, candidate: Candidate, cases: Cases, report: Report, say: Say) -> list[Figure]:
    report.enter("start")
    tiers = {flag: str(entry["tier"]) for flag, entry in candidate.library.alarms.items()}
    listener = Listener(tiers, rules_of(candidate.library), candidate.nets)
    corpus.use(candidate.languages)
    model = candidate.model if candidate.model.exists() else settings.bot.resolve() / "models" / candidate.model.name
    async with candidate_assistant(settings, model) as (url, secret):
        report.enter("measure")
        say("Measuring ...")
        answered = await _ask_all(url, secret, cases, report)
    heard = await asyncio.to_thread(hear_all, cases, listener)
    languages = await asyncio.to_thread(lambda: list(language_figures(cases)))
    return [*danger_figures(candidate.library, heard), *languages, *meaning_figures(answered)]


async def _ask_all(url: str, secret: str, cases: Cases, report: Report) -> dict[str, list[Answered]]:
    """Every sentence that means something, through the assistant's own door."""
    asked = [case for own in cases.values() for case in own if case.intent]
    answered: dict[str, list[Answered]] = {}
    assistant = RasaAssistant(url, secret, timeout_s=30.0)
    try:
        for number, case in enumerate(asked):
            found = await assistant.understand(read(case.text).canonical, case.form.language, new_id(), SystemClock().now())
            meant = Meant(found.intent, tuple(topic for topic, _ in found.topics), found.confidence)
            answered.setdefault(case.form.tag, []).append(Answered(case, meant, found.acts[0]))
            if number % 20 == 0:
                report.write(number / len(asked))
    finally:
        await assistant.close()
    return answered


def _take(settings: Settings, candidate: Candidate) -> None:
    """The nets first: a process that sees the new model takes all of it."""
    ngrams.save(candidate.languages, corpus.WHERE, corpus.fingerprint(candidate.folder))
    learn.save(candidate.nets, learn.WHERE, learn.fingerprint(candidate.library))
    if candidate.model.exists():
        accept(candidate.samples, settings.bot.resolve(), candidate.model)
    else:
        note_taught(settings.bot.resolve(), candidate.model, candidate.samples)


def _as_json(figures: list[Figure]) -> tuple[dict[str, object], ...]:
    return tuple(asdict(each) | {"passed": each.passed} for each in figures)


async def _tick(report: Report) -> None:
    """A step that takes a minute shows that it goes on."""
    while True:
        await asyncio.sleep(1)
        if report.now.step != "measure":
            report.write()


async def start(settings: Settings) -> None:
    """Begin in the background, in time nobody else wants.  Raises AlreadyLearning."""
    if is_running(settings.home) or any(each.returncode is None for each in _started):
        raise AlreadyLearning
    named = {"HOME": settings.home, "CONTENT": settings.content, "BOT": settings.bot, "DATABASE": settings.database_url}
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)
    with (settings.home / "logs" / "retrain.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "care.cli", "retrain"),
            cwd=ROOT,
            env=os.environ | {f"KAREZ_{name}": str(value) for name, value in named.items()},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _started.clear()
    _started.add(process)


async def stop() -> None:
    """End what was begun here, its training too: whoever stops Karez wants nothing left behind."""
    for process in _started:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
