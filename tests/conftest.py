"""What all stories share: real texts, a database of each kind, one real assistant, and a ward to tell them in."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis  # noqa: F401 - here: at its first import it looks for its own among all objects, settled ones too
import pytest
from argon2 import PasswordHasher

from care.alarms.learn import fingerprint
from care.content.library import Library
from care.kit.collecting import settle_memory
from care.kit.settings import ROOT
from care.people import staff
from care.supervisor.prepare import migrate
from tests import collecting
from tests.assistant_process import RunningAssistant, running_assistant
from tests.loopback import close_the_door
from tests.postgresql import fresh_database, make_database, running_server
from tests.ward import Ward, open_ward
from tests.web import Web, open_web

close_the_door()
LONG = ("supervisor", "browser", "vendors", "faults", "delivery", "talks", "inbox")  # folders of stories of whole processes
pytest_configure, pytest_runtest_setup = collecting.pytest_configure, collecting.pytest_runtest_setup
pytest_sessionfinish, pytest_terminal_summary = collecting.pytest_sessionfinish, collecting.pytest_terminal_summary


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories come first: at the end no process of the run waits half a minute for the other."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """The real algorithm at its smallest cost: whoever signs in to see a page need not wait for a password's sake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def library() -> Iterator[Library]:
    """The real texts.  Like a program that has read them, the run looks for rings among what came later only."""
    loaded = Library.load(ROOT / "content")
    settle_memory()
    before = fingerprint(loaded)
    yield loaded
    assert fingerprint(loaded) == before, "a story left the words all stories share in another order, or other words"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "karez.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The socket folder of a server with a migrated database `empty` to be copied."""
    with running_server() as socket:
        asyncio.run(migrate(make_database(socket, "empty")))
        yield socket


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAssistant]:
    """The real assistant, trained from content/ and started as `karez up` starts it."""
    with running_assistant(tmp_path_factory.mktemp("assistant")) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    key = tmp_path / "master.key"
    key.write_bytes(secrets.token_bytes(32))
    key.chmod(0o400)
    return tmp_path


@pytest.fixture
def sqlite(home: Path, empty_sqlite: Path) -> str:
    shutil.copy(empty_sqlite, home / "karez.db")
    return f"sqlite+aiosqlite:///{home / 'karez.db'}"


@pytest.fixture
def fresh_postgresql(postgresql: str) -> Iterator[str]:
    with fresh_database(postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite"))
    return str(request.getfixturevalue("fresh_postgresql"))


@pytest.fixture
async def ward(url: str, home: Path, library: Library) -> AsyncIterator[Ward]:
    opened = await open_ward(url, home, library)
    yield opened
    await opened.database.close()


@pytest.fixture(scope="session")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store of sound for all tests of all workers: a sentence is synthesised once."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "audio"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
async def web(ward: Ward, audio: Path, assistant: RunningAssistant) -> AsyncIterator[Web]:
    """The web door of the ward with the real assistant behind it."""
    async with open_web(ward, audio, assistant) as opened:
        yield opened


@pytest.fixture
async def web_alone(ward: Ward, audio: Path) -> AsyncIterator[Web]:
    """The web door of the ward while the assistant is down."""
    async with open_web(ward, audio) as opened:
        yield opened
