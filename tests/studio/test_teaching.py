"""Teaching waits for the gate: a start learns from files alone, a retraining takes nothing that understands patients less."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from care.alarms import learn
from care.content.library import Library
from care.content.training import collect, is_taught, model_name, newest_model, note_taught, taught
from care.kit.kept import newest
from care.kit.settings import ROOT, Settings
from care.languages import corpus
from care.supervisor import retrain as retraining
from care.supervisor.gate import NoDevelopmentSet, development_set
from care.supervisor.progress import STEPS, AlreadyLearning, Progress, Report, only_one, progress
from care.supervisor.retrain import retrain
from tests.assistant_process import RunningAssistant
from tests.content.breaking import change
from tests.studio.people import FEVER

# house: letters 20 - sentences that measure, and a question nobody was taught
SENTENCES = """
form: {form}
topics: {{fever-infection: [{topic}]}}
intents: {{greet: [{greet}]}}
alarms: {{rf-fever-on-treatment: [{danger}]}}
harmless: [{greet}]
"""
DANGER = {"zh-Hans": "我发烧39度", "ug-Arab": "قىزىتمام 39 گە چىقىپ كەتتى", "kk-Cyrl": "қызуым 39 болып тұр"}
NEVER_TAUGHT = "隔壁床的人昨天回家了我想问问"


def a_development_set(folder: Path, words: Path, **topic: str) -> Path:
    """A few sentences a form: the first question of the fever text, a greeting, a fever."""
    library = Library.load(words)
    folder.mkdir()
    for form, danger in DANGER.items():
        language = form.split("-")[0]
        pages = library.languages[language]
        asked = topic.get(language) or pages.topics["fever-infection"].values["questions"][0]
        said = SENTENCES.format(form=form, topic=asked, greet=pages.intents.values["greet"][0], danger=danger)
        (folder / f"{form}.yml").write_text(said, "utf-8")
    return folder


@pytest.fixture
def settings(tmp_path: Path, words: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A set-up whose models are its own: the assistant's program is the real one."""
    bot = tmp_path / "bot"
    bot.mkdir()
    for each in (ROOT / "bot").iterdir():
        if each.name not in ("models", "data", ".rasa", "__pycache__"):
            (bot / each.name).symlink_to(each)
    (bot / "models").mkdir()
    monkeypatch.setattr(learn, "WHERE", tmp_path / "alarms")
    monkeypatch.setattr(corpus, "WHERE", tmp_path / "languages")
    kept = corpus.models()
    monkeypatch.setattr(corpus, "_kept", dict(kept))
    return Settings(home=tmp_path, content=words, bot=bot)


def measure_with(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(retraining, "development_set", lambda: development_set(folder))


def teach_by_copying(bot: Path, model: Path) -> None:
    """The assistant's Python, except that a training takes no minute: it gives a model that was trained before."""
    (bot / ".venv").unlink()
    (bot / ".venv" / "bin").mkdir(parents=True)
    python = bot / ".venv" / "bin" / "python"
    real = ROOT / "bot" / ".venv" / "bin" / "python"
    python.write_text(
        f'#!/bin/sh\nif [ "$1" = train.py ]; then mkdir -p "$2" && cp {model} "$2/$3.tar.gz"; else exec {real} "$@"; fi\n'
    )
    python.chmod(0o755)


@pytest.mark.rasa
@pytest.mark.timeout(400)
async def test_what_falls_short_is_not_taken_and_what_passes_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assistant: RunningAssistant
):
    said: list[object] = []
    trained = newest_model(ROOT / "bot")
    assert trained, "the running assistant has one"
    teach_by_copying(settings.bot, trained)
    (settings.bot / "models" / "old.tar.gz").write_bytes(b"model")
    measure_with(monkeypatch, a_development_set(tmp_path / "hard", settings.content, zh=NEVER_TAUGHT))

    assert not await retrain(settings, said.append)

    done = progress(settings.home)
    assert done is not None
    assert done.state == "failed"
    assert ("topic-first", "zh-Hans") in {(each["what"], each["form"]) for each in done.fallen}
    assert "zh-Hans: topic-first 0.000, must be at least 0.850" in str(said[-1])
    assert (model_name(settings.bot), newest(learn.WHERE)) == ("old.tar.gz", "")

    measure_with(monkeypatch, a_development_set(tmp_path / "good", settings.content))

    assert await retrain(settings, said.append), said

    done = progress(settings.home)
    assert done is not None
    assert (done.state, done.percent, done.fallen) == ("passed", 100, ())
    assert {each["what"] for each in done.measured} >= {"heard", "false-alarms", "language", "intent", "topic-first"}
    assert taught(settings.bot) == frozenset(collect(Library.load(settings.content)))
    assert newest(learn.WHERE) == learn.fingerprint(Library.load(settings.content))
    assert [each.name for each in (settings.bot / "models").glob("*.tar.gz")] == [model_name(settings.bot)] != ["old.tar.gz"]


async def test_without_the_sentences_that_measure_nothing_is_taught(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    measure_with(monkeypatch, tmp_path / "nowhere")

    with pytest.raises(NoDevelopmentSet):
        await retrain(settings, print)

    done = progress(settings.home)
    assert done is not None
    assert (done.state, model_name(settings.bot)) == ("broken", "")
    assert "not installed beside the program" in done.said


async def test_two_retrainings_at_once_are_one(settings: Settings):
    with only_one(settings.home), pytest.raises(AlreadyLearning, match="under way already"):
        await retrain(settings, print)


def test_a_step_that_took_no_time_the_last_time_is_no_measure_for_this_time(settings: Settings):
    (settings.home / "studio").mkdir(parents=True)
    (settings.home / "studio" / "retrain.json").write_text(json.dumps({"state": "passed", "took": {"words": 0.0}}))

    report = Report(settings.home, "2026-12-01T04:00:00+00:00")

    assert report.now.percent < STEPS["assistant"][0]


def test_a_retraining_that_was_killed_is_not_waited_for(settings: Settings):
    assert progress(settings.home) is None
    (settings.home / "studio").mkdir(parents=True)
    (settings.home / "studio" / "retrain.json").write_text(json.dumps({"state": "running", "step": "assistant", "percent": 40}))

    with only_one(settings.home):
        assert progress(settings.home) == Progress(step="assistant", percent=40)
    found = progress(settings.home)

    assert found is not None
    assert (found.state, found.said) == ("broken", "it was stopped before its end")


async def test_a_retraining_begun_from_a_page_ends_with_whoever_began_it(settings: Settings):
    await retraining.start(settings)
    with pytest.raises(AlreadyLearning):
        await retraining.start(settings)

    async with asyncio.timeout(60):
        await retraining.stop()

    assert all(each.returncode is not None for each in retraining._started)


@pytest.mark.parametrize(
    ("published", "in_files", "expected"),
    [(False, False, True), (True, False, True), (False, True, False)],
    ids=["nothing new", "published", "in the files"],
)
def test_a_start_teaches_what_is_new_in_files_and_leaves_what_was_published_to_the_gate(
    settings: Settings, tmp_path: Path, words: Path, published: bool, in_files: bool, expected: bool
):
    (settings.bot / "models" / "abc.tar.gz").write_bytes(b"model")
    note_taught(settings.bot, settings.bot / "models" / "abc.tar.gz", collect(Library.load(words)))
    spoken = Path(shutil.copytree(words, tmp_path / "spoken"))
    for folder, is_new in ((spoken, published or in_files), (words, in_files)):
        if is_new:
            change(folder / "zh" / FEVER, "questions:\n", "questions:\n- 退烧贴管用吗\n")

    assert is_taught(Library.load(words), Library.load(spoken), settings.bot) == expected
