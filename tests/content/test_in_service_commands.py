"""The same of whole programs: commands, and a web door that dies, go on with the last good words."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from care.content.library import Library
from care.content.training import trained_model
from care.kit.settings import ROOT, Settings
from care.supervisor.content import InService, last_good, take_into_service
from care.supervisor.processes import Supervisor, parts
from tests.content.breaking import change, karez, without_key
from tests.ports import free_port

FEVER = Path("ug", "topics", "fever-infection.md")


def start(words: Path, home: Path) -> InService:
    home.mkdir(exist_ok=True)
    return take_into_service(words, home, datetime(2026, 11, 30, 4, 0, tzinfo=UTC))


def test_understand_hears_danger_by_the_last_good_rules(words: Path, tmp_path: Path):
    start(words, tmp_path / "home")
    change(words / "zh" / "alarms.yml", "rules:", "rule:")

    said = karez("understand", "--without-assistant", content=words, home=tmp_path / "home", asked="我发烧39度\n")

    assert (said.returncode, "rf-fever-on-treatment" in said.stdout) == (0, True)
    assert "content/zh/alarms.yml:" in said.stderr


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The sources of the assistant, with a stand-in for its Python that makes an empty model."""
    folder = Path(shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns(".*", "models", "data")))
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nmkdir -p "$2" && touch "$2/model.tar.gz"\n')
    python.chmod(0o755)
    return folder


def test_the_assistant_is_trained_from_the_words_in_service(words: Path, tmp_path: Path, bot: Path):
    start(words, tmp_path / "home")
    change(words / "ug" / "intents.yml", "greet:", "greet: [")

    said = karez("train", content=words, home=tmp_path / "home", bot=bot)

    assert said.returncode == 0, said.stderr
    assert "content/ug/intents.yml:" in said.stderr
    assert trained_model(Library.load(last_good_folder(tmp_path / "home")), bot)


def last_good_folder(home: Path) -> Path:
    good = last_good(home)
    assert good
    return good[0]


def test_up_refuses_its_first_start_with_bad_words(words: Path, tmp_path: Path):
    line = change(words / FEVER, "title: ", "title: [")

    said = karez("up", content=words, home=tmp_path / "home", port=free_port(), bot_port=free_port())

    assert said.returncode == 1
    assert f"content/ug/topics/fever-infection.md:{line}: not readable as YAML" in said.stderr
    assert not (tmp_path / "home" / "karez.db").exists()


@asynccontextmanager
async def web_door(settings: Settings) -> AsyncIterator[Supervisor]:
    """The real web door under its supervisor."""
    door = parts(settings, "secret")[2]
    door.environment |= {"KAREZ_HOME": str(settings.home), "KAREZ_PORT": str(settings.port)}
    supervisor = Supervisor([door], settings.home / "logs", print)
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def patient_words(settings: Settings) -> object:
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{settings.address}/v1/words/ug-Arab") as reply:
                    return await reply.json()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def test_a_web_door_that_dies_after_a_bad_edit_comes_back_with_the_good_words(words: Path, home: Path, sqlite: str):
    good = start(words, home)
    settings = Settings(content=good.folder, home=home, port=free_port())
    async with asyncio.timeout(60), web_door(settings) as supervisor:
        before = await patient_words(settings)
        without_key(words / "ug" / "phrases.yml", "menu")
        first = supervisor.parts[0].process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()

        assert await patient_words(settings) == before
        assert supervisor.parts[0].process is not first
