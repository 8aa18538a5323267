"""The doors are told on SQLite; what differs between databases is asked for by name."""

import pytest


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite
