"""Teaches the assistant: sample sentences of content/, folded, become its training data; an unchanged content hash is skipped."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from care.content.library import Library
from care.content.shape import META
from care.content.types import ContentBroken, Problem
from care.kit.clock import stopwatch_s
from care.languages.reading import canonical

BOT_SOURCES = ("config.yml", "domain.yml", "rules/*.yml", "components/*.py", "train.py", "requirements.lock")
KEPT_LOG = 15  # last lines of a failed training that are shown
Sample = tuple[str, str | None, str]  # intent, topic, canonical sentence


class TrainingFailed(Exception):
    """The assistant could not be trained; holds the last lines of its log."""


def train(library: Library, bot: Path, say: Callable[[str], object]) -> Path:
    """Train when the sources changed, else return at once.  The old model stays until the new one is complete."""
    bot = bot.resolve()
    samples, model = wanted(library, bot)
    if model.exists():
        note_taught(bot, model, samples)  # an older Karez made it and noted nothing
        return model
    say(f"Training the assistant on {len(samples)} sample sentences (a minute) ...")
    begun = stopwatch_s()
    make_model(samples, bot, model)
    accept(samples, bot, model)
    say(f"Trained in {stopwatch_s() - begun:.0f} s.")
    return model


def make_model(samples: list[Sample], bot: Path, model: Path) -> None:
    """Train into a file, which is whole or not there.  Raises TrainingFailed."""
    write_training(samples, bot / "data" / "nlu.yml")
    _run_training(bot, model)


def accept(samples: list[Sample], bot: Path, made: Path) -> Path:
    """From now on an assistant that starts takes this model; older ones go."""
    note_taught(bot, made, samples)
    model = bot / "models" / made.name
    os.utime(made)  # the newest is taken
    made.replace(model)
    remove_older(bot, model)
    return model


def remove_older(bot: Path, model: Path) -> None:
    """Models and notes of before; the assistant that runs holds its own in memory."""
    for old in (*(bot / "models").glob("*.tar.gz"), *(bot / "data").glob("taught-*.json")):
        if name_of(model) not in old.name:
            old.unlink(missing_ok=True)


def name_of(model: Path) -> str:
    """What a model was made from: the name of its file without the endings."""
    return model.name.partition(".")[0]


def newest_model(bot: Path) -> Path | None:
    """The one an assistant takes that starts now (bot/run.py)."""
    found: list[tuple[float, Path]] = []
    for path in (bot / "models").glob("*.tar.gz"):
        with suppress(FileNotFoundError):  # replaced at this moment
            found.append((path.stat().st_mtime, path))
    return max(found)[1] if found else None


def model_name(bot: Path) -> str:
    """Its name; empty when there is none."""
    model = newest_model(bot)
    return model.name if model else ""


def note_taught(bot: Path, model: Path, samples: Iterable[Sample]) -> None:
    """Remember what a model was taught: sentences that are newer are known word for word until the next teaching."""
    if _read_note(bot, model) is None:
        note = _note_of(bot, model)
        note.parent.mkdir(parents=True, exist_ok=True)
        said = {"sources": sources_hash([], bot), "samples": sorted(set(samples), key=repr)}
        note.with_suffix(".new").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        note.with_suffix(".new").replace(note)


def taught(bot: Path) -> frozenset[Sample] | None:
    """What the assistant was taught by its last teaching; None when nobody knows."""
    note = _read_note(bot, newest_model(bot))
    return frozenset(map(tuple, note["samples"])) if note else None


def _note_of(bot: Path, model: Path) -> Path:
    return bot / "data" / f"taught-{name_of(model)}.json"


def _read_note(bot: Path, model: Path | None) -> dict[str, Any] | None:
    try:
        note = json.loads(_note_of(bot, model).read_text(encoding="utf-8")) if model else None
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and {"sources", "samples"} <= note.keys() else None


def is_taught(files: Library, spoken: Library, bot: Path) -> bool:
    """Whether the assistant knows all samples of the files, and none that neither they nor the words in service hold."""
    note, known = _read_note(bot, newest_model(bot)), taught(bot)
    if note is None or known is None or note["sources"] != sources_hash([], bot):
        return False
    own, all_of_them = (frozenset(collect(each)) for each in (files, spoken))
    return own <= known <= own | all_of_them


def trained_model(library: Library, bot: Path) -> Path | None:
    """The model of today's sources; None when they changed since the last training."""
    model = wanted(library, bot.resolve())[1]
    return model if model.exists() else None


def wanted(library: Library, bot: Path) -> tuple[list[Sample], Path]:
    """The samples of these words, and the file of the model that is made from them."""
    samples = sorted(set(collect(library)), key=repr)
    return samples, bot / "models" / f"{sources_hash(samples, bot)}.tar.gz"


def collect(library: Library) -> Iterator[Sample]:
    """Every sample sentence of every language under its intent and topic.  One meaning twice is harmless; two are not."""
    owner: dict[tuple[str, str], str] = {}
    clashes: list[Problem] = []
    for language, intent, topic, sentence, file in _sentences(library):
        key = sample_key(sentence, language)
        if not key:
            continue
        meant = owner.setdefault((language, key), intent)
        if meant == intent:
            yield intent, topic, key
        else:
            what = f"`{sentence}` is a sample of both {meant} and {intent}"
            clashes.append(Problem(file, 1, what, "keep it under one of them"))
    if clashes:
        raise ContentBroken(clashes)


@lru_cache(maxsize=100_000)
def sample_key(sentence: str, language: str) -> str:
    """The canonical key of a sample: most of them stay as they are when one topic changes."""
    return canonical(sentence, language)


def collect_as_typed(library: Library) -> Iterator[Sample]:
    """The same sentences as people type them, neither folded nor checked: for measuring other pipelines against ours."""
    for _, intent, topic, sentence, _ in _sentences(library):
        yield intent, topic, " ".join(sentence.split())


def _sentences(library: Library) -> Iterator[tuple[str, str, str | None, str, str]]:
    """(language, intent, topic, sentence, file) of every sample."""
    for language, pages in library.languages.items():
        for topic, page in pages.topics.items():
            for sentence in page.values.get("questions", []):
                yield language, "ask_topic", topic, str(sentence), page.file
        for intent, samples in pages.intents.values.items():
            groups: list[tuple[str | None, list[str]]] = [*samples.items()] if isinstance(samples, dict) else [(None, samples)]
            for about, sentences in groups if intent not in META else ():
                for sentence in sentences:
                    yield language, intent, about, str(sentence), pages.intents.file


def sources_hash(samples: list[Sample], bot: Path) -> str:
    """What the model depends on, as 16 hexadecimal digits."""
    digest = hashlib.sha256(repr(samples).encode())
    for pattern in BOT_SOURCES:
        for source in sorted(bot.glob(pattern)):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def write_training(samples: list[Sample], where: Path) -> None:
    """The assistant's training file: one block an intent and topic.

    Its reader takes a millisecond for a line of a block, and forty for an example with a mapping of its own.
    """
    blocks: dict[tuple[str, str | None], list[str]] = {}
    for intent, topic, sentence in samples:
        blocks.setdefault((intent, topic), []).append(sentence)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text("".join(('version: "3.1"\nnlu:\n', *(_block(*name, said) for name, said in blocks.items()))), "utf-8")


def _block(intent: str, topic: str | None, sentences: list[str]) -> str:
    about = f"    metadata: {{topic: {topic}}}\n" if topic else ""
    return f"  - intent: {intent}\n{about}    examples: |\n" + "".join(f"      - {each}\n" for each in sentences)


def _run_training(bot: Path, model: Path) -> None:
    python = bot / ".venv" / "bin" / "python"
    if not python.exists():
        raise TrainingFailed("The assistant's Python 3.10 environment is missing (bot/.venv). Run `make up`, which installs it.")
    # A folder beside the models: an assistant that starts meanwhile must never pick up half a file.
    fresh = model.parent / f"fresh-{os.getpid()}"
    command = [str(python), "train.py", str(fresh), "model"]
    try:
        done = subprocess.run(command, cwd=bot, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
        if done.returncode != 0 or not (fresh / "model.tar.gz").exists():
            raise TrainingFailed("The assistant could not be trained:\n" + _end_of(done.stderr))
        (fresh / "model.tar.gz").replace(model)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _end_of(log: str) -> str:
    """The last lines, after the errors that led to them: Rasa wraps the cause in an error of its own."""
    lines = log.strip().splitlines()
    causes = [line for line in lines[:-KEPT_LOG] if line.split(":")[0].endswith(("Error", "Exception"))]
    return "\n".join(causes + lines[-KEPT_LOG:])
