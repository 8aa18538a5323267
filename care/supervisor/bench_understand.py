"""`karez bench understand FILE`: how well each form is understood, beside Rasa's default pipeline taught the same sentences."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from care.alarms.listen import Listener
from care.content.library import Library
from care.content.training import TrainingFailed, collect_as_typed, write_training
from care.conversation.assistant import RasaAssistant
from care.conversation.phrasebook import Phrasebook
from care.kit.clock import stopwatch_s
from care.kit.settings import Settings
from care.languages.reading import read
from care.supervisor.assistant import running_assistant
from care.supervisor.cases import Case, read_cases
from care.supervisor.explain import explain
from care.supervisor.understanding import (
    Meant,
    by_form,
    hear_danger,
    report_danger,
    report_language,
    report_meaning,
    report_worst,
)

Say = Callable[[str], object]
LENGTHS_TIMED = (250, 500, 1000, 2000)
ABOUT = "+"  # the default pipeline knows no topics of its own: it learns `ask_topic+fever-infection` as one intent


async def bench_understand(settings: Settings, where: Path, beside_default: bool, say: Say) -> None:
    """Print the report.  Raises CasesBroken for a file that cannot be read."""
    cases = read_cases(where)
    library = Library.load(settings.content)
    listener = Listener.load(library)
    say("Language and danger, without the assistant")
    for tag, own in by_form(cases).items():
        report_language(tag, own, say)
        report_danger(tag, hear_danger(own, listener), say)
    _report_speed(cases, listener, say)
    about = [case for case in cases if case.intent]
    _report("Meaning, by Karez", about, await _by_karez(settings, library, listener, about), say)
    if beside_default:
        _report(
            "Meaning, by Rasa's default pipeline taught the same sentences",
            about,
            await _by_default(settings, library, about, say),
            say,
        )


def _report(title: str, cases: list[Case], meant: list[Meant], say: Say) -> None:
    say(f"\n{title}")
    for tag in by_form(cases):
        at = [place for place, case in enumerate(cases) if case.form.tag == tag]
        report_meaning(tag, [cases[each] for each in at], [meant[each] for each in at], say)
    say("worst confusions")
    report_worst(cases, meant, say)


def _report_speed(cases: list[Case], listener: Listener, say: Say) -> None:
    """Milliseconds to identify, normalise and listen for danger: of a message, and of one that grows to the longest read."""

    def listened_ms(text: str) -> float:
        begun = stopwatch_s()
        listener.hear(text, read(text))
        return 1000 * (stopwatch_s() - begun)

    listened_ms(cases[0].text)
    say(f"one message p50 {median(listened_ms(case.text) for case in cases):.2f} ms")
    for tag, own in by_form(cases).items():
        whole = " ".join(case.text for case in own)
        grown = {size: median(listened_ms(whole[:size]) for _ in range(5)) for size in LENGTHS_TIMED}
        say(f"{tag}  " + "  ".join(f"{size} characters {spent:.1f} ms" for size, spent in grown.items()))


async def _by_karez(settings: Settings, library: Library, listener: Listener, cases: list[Case]) -> list[Meant]:
    phrasebook = Phrasebook.of(library)
    async with running_assistant(settings) as (url, secret):
        assistant = RasaAssistant(url, secret, timeout_s=10.0)
        try:
            found = [await explain(json.dumps({"text": case.text}), listener, phrasebook, assistant) or {} for case in cases]
        finally:
            await assistant.close()
    return [Meant(each["intent"], tuple(each["topics"]), each["confidence"]) for each in found]


async def _by_default(settings: Settings, library: Library, cases: list[Case], say: Say) -> list[Meant]:
    with tempfile.TemporaryDirectory() as folder:
        taught = Path(folder) / "nlu.yml"
        samples = sorted(set(collect_as_typed(library)), key=repr)
        write_training([(intent + ABOUT + topic if topic else intent, None, text) for intent, topic, text in samples], taught)
        say("\nTraining Rasa's default pipeline (a quarter of an hour or more) ...")
        begun = stopwatch_s()
        out = await _compare(settings, settings.bot / "default.yml", taught, [case.text for case in cases])
    say(f"Trained and asked in {stopwatch_s() - begun:.0f} s.")
    return [_meant(json.loads(line)["ranking"]) for line in out]


async def _compare(settings: Settings, config: Path, taught: Path, texts: list[str]) -> list[str]:
    bot = settings.bot
    command = [str(bot / ".venv" / "bin" / "python"), "compare.py", str(config), str(taught)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=bot, stdin=pipe, stdout=pipe, stderr=pipe)
    out, wrong = await process.communicate("\n".join(" ".join(text.split()) for text in texts).encode())
    lines = [line for line in out.decode().splitlines() if line.startswith("{")]
    if process.returncode or len(lines) != len(texts):
        raise TrainingFailed(f"The pipeline {config.name} could not be measured:\n{wrong.decode()[-2000:]}")
    return lines


def _meant(ranking: list[tuple[str, float]]) -> Meant:
    named = [(name.partition(ABOUT), sure) for name, sure in ranking]
    topics = tuple(dict.fromkeys(topic for (_, _, topic), _ in named if topic))[:3]
    return Meant(named[0][0][0], topics, float(named[0][1])) if named else Meant("out_of_scope", (), 0.0)
