"""Most stories of plans are told on SQLite; those in which a database of its own decides are told on both."""

import secrets

import pytest

from tests.postgresql import make_database

both = pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database: SQLite, unless a story asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return str(request.getfixturevalue("sqlite"))
    return make_database(request.getfixturevalue("postgresql"), f"t{secrets.token_hex(8)}", template="empty")
