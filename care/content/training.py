"""Teaches the assistant: sample sentences of content/, folded, become its training data; an unchanged content hash is skipped."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from care.content.library import Library
from care.content.types import ContentBroken, Problem
from care.kit.clock import stopwatch_s
from care.languages.fold import fold

BOT_SOURCES = ("config.yml", "domain.yml", "rules/rules.yml", "components/tokenizer.py", "components/topics.py")
Sample = tuple[str, str | None, str]  # intent, topic, folded sentence


class TrainingFailed(Exception):
    """The assistant could not be trained; holds the last lines of its log."""


def train(content: Path, bot: Path, say: Callable[[str], object]) -> Path:
    """Train when the sources changed, else return at once.  The old model stays until the new one is complete."""
    samples = sorted(set(collect(Library.load(content))))
    model = bot / "models" / f"{sources_hash(samples, bot)}.tar.gz"
    if model.exists():
        return model
    say(f"Training the assistant on {len(samples)} sample sentences (about a minute) ...")
    begun = stopwatch_s()
    write_training(samples, bot / "data" / "nlu.yml")
    _run_training(bot, model)
    for old in (bot / "models").glob("*.tar.gz"):
        if old != model:
            old.unlink()
    say(f"Trained in {stopwatch_s() - begun:.0f} s.")
    return model


def collect(library: Library) -> Iterator[Sample]:
    """Every sample sentence of every language under its intent and topic.  One meaning twice is harmless; two are not."""
    owner: dict[tuple[str, str], tuple[str, str | None]] = {}
    clashes: list[Problem] = []
    for language, intent, topic, sentence, file in _sentences(library):
        folded = fold(sentence, language)
        if not folded:
            continue
        meaning = owner.setdefault((language, folded), (intent, topic))
        if meaning[0] != intent:
            what = f"`{sentence}` is a sample of both {meaning[0]} and {intent}"
            clashes.append(Problem(file, 1, what, "keep it under one of them"))
        else:
            yield intent, topic, folded
    if clashes:
        raise ContentBroken(clashes)


def _sentences(library: Library) -> Iterator[tuple[str, str, str | None, str, str]]:
    for language, pages in library.languages.items():
        for topic, page in pages.topics.items():
            for sentence in page.values.get("questions", []):
                yield language, "ask_topic", topic, str(sentence), page.file
        for intent, samples in pages.intents.values.items():
            groups: list[tuple[str | None, list[str]]] = [*samples.items()] if isinstance(samples, dict) else [(None, samples)]
            for about, sentences in groups if intent not in ("review", "revision", "follows") else ():
                for sentence in sentences:
                    yield language, intent, about, str(sentence), pages.intents.file


def sources_hash(samples: list[Sample], bot: Path) -> str:
    """What the model depends on, as 16 hexadecimal digits."""
    digest = hashlib.sha256(repr(samples).encode())
    for name in BOT_SOURCES:
        digest.update((bot / name).read_bytes())
    return digest.hexdigest()[:16]


def write_training(samples: list[Sample], where: Path) -> None:
    """The assistant's training file: one intent a block, each example with its topic."""
    intents: dict[str, list[dict[str, object]]] = {}
    for intent, topic, sentence in samples:
        example: dict[str, object] = {"text": f"{sentence}\n"}
        intents.setdefault(intent, []).append(example | ({"metadata": {"topic": topic}} if topic else {}))
    blocks = [{"intent": intent, "examples": examples} for intent, examples in intents.items()]
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")


def _run_training(bot: Path, model: Path) -> None:
    model.parent.mkdir(exist_ok=True)
    python = bot / ".venv" / "bin" / "python"
    if not python.exists():
        raise TrainingFailed("The assistant's Python 3.10 environment is missing (bot/.venv). Run `make up`, which installs it.")
    fresh = f"new-{model.stem.split('.')[0]}"
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [str(python), "train.py", fresh]
    done = subprocess.run(command, cwd=bot, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    made = model.parent / f"{fresh}.tar.gz"
    if done.returncode != 0 or not made.exists():
        raise TrainingFailed("The assistant could not be trained:\n" + "\n".join(done.stderr.strip().splitlines()[-15:]))
    made.rename(model)
