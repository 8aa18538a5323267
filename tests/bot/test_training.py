"""Teaching the assistant: only when something changed, never at the price of the model in service."""

import shutil
from pathlib import Path

import pytest

from care.content.library import Library
from care.content.training import BOT_SOURCES, Sample, TrainingFailed, sources_hash, train
from care.kit.settings import ROOT

SAMPLES: list[Sample] = [("greet", None, "salam"), ("ask_topic", "fatigue", "chonqi chongqi charchash")]


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The sources of the assistant, with a model in service and without its Python."""
    for pattern in BOT_SOURCES:
        for source in (ROOT / "bot").glob(pattern):
            copy = tmp_path / source.relative_to(ROOT / "bot")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "in-service.tar.gz").write_bytes(b"model")
    return tmp_path


def give_python(bot: Path, script: str) -> None:
    """A stand-in for the assistant's Python that does what `script` says."""
    python = bot / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def models(bot: Path) -> list[str]:
    return sorted(path.name for path in (bot / "models").iterdir())


def test_each_change_of_samples_or_sources_changes_the_hash(bot: Path) -> None:
    seen = {sources_hash(SAMPLES, bot), sources_hash(SAMPLES[:1], bot)}
    for name in ("config.yml", "domain.yml", "rules/rules.yml", "components/caution.py"):
        with (bot / name).open("a") as source:
            source.write("\n# changed\n")
        seen.add(sources_hash(SAMPLES, bot))

    assert len(seen) == 6


def test_without_its_python_the_way_out_is_named(bot: Path, library: Library) -> None:
    with pytest.raises(TrainingFailed, match=r"bot/\.venv.*make up"):
        train(library, bot, print)


def test_a_failed_training_shows_its_cause_and_leaves_the_old_model(bot: Path, library: Library) -> None:
    give_python(bot, "echo 'KeyError: token_pattern' >&2; seq 1 40 >&2; exit 1")

    with pytest.raises(TrainingFailed, match=r"(?s)KeyError: token_pattern\n26\n.*40$"):
        train(library, bot, print)

    assert models(bot) == ["in-service.tar.gz"]


def test_a_new_model_replaces_the_old_and_is_not_trained_twice(bot: Path, library: Library) -> None:
    give_python(bot, "mkdir -p $2 && echo trained >> calls && cp calls $2/$3.tar.gz")

    model = train(library, bot, print)
    again = train(library, bot, print)

    assert models(bot) == [model.name]
    assert again == model
    assert (bot / "calls").read_text() == "trained\n"
