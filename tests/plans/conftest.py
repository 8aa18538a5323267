"""Most stories of plans are told on SQLite; those in which a database of its own decides are told on both."""

import pytest

both = pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database: SQLite, unless a story asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return str(request.getfixturevalue("sqlite"))
    return str(request.getfixturevalue("fresh_postgresql"))
