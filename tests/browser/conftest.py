"""One browser for all stories here; every story gets fresh windows over a door of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.browser.chromium import Chromium, running_chromium
from tests.browser.people import DESK, PHONE, Caller, Nurse
from tests.web import Web


@pytest.fixture
def url(sqlite: str) -> str:
    """One kind of database is enough here: the others have their own stories."""
    return sqlite


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with running_chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
async def nurse(chromium: Chromium, web: Web) -> AsyncIterator[Nurse]:
    window = Nurse(chromium, web.url, *DESK)
    yield window
    await window.close()


@pytest.fixture
async def caller(chromium: Chromium, web: Web) -> AsyncIterator[Caller]:
    window = Caller(chromium, web.url, *PHONE)
    yield window
    await window.close()
