"""A content folder of one's own to break."""

import shutil
from pathlib import Path

import pytest

from care.kit.settings import ROOT


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A copy of content/."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "mine" / "content"))
