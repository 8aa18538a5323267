"""A studio over a content folder one may break."""

from pathlib import Path

import pytest

from tests.content.conftest import few_words, once, words
from tests.studio.people import Studio, open_studio
from tests.ward import Ward

__all__ = ["few_words", "once", "words"]
# For stories in which two people meet at one row.
both = pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a story asks for both kinds."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return str(request.getfixturevalue("sqlite"))
    return str(request.getfixturevalue("fresh_postgresql"))


@pytest.fixture
async def studio(ward: Ward, words: Path) -> Studio:
    return await open_studio(ward, words)
