"""A content folder of one's own to break."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from care.content.reading import LOADER
from care.kit.settings import ROOT
from tests.content.breaking import split

FEW = 2
KEPT = ("fever-infection", "hair-loss")


@pytest.fixture(scope="session")
def few_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of content/ with only the first of its samples and rules: reading all eleven thousand takes seconds."""
    folder = Path(shutil.copytree(ROOT / "content", tmp_path_factory.mktemp("few") / "content"))
    _keep_few_topics(folder)
    for file in (*folder.glob("*/topics/*.md"), *folder.glob("*/intents.yml"), *folder.glob("*/alarms.yml")):
        header, rest = split(file)
        written = _yaml(_short(yaml.load(header, LOADER)))
        file.write_text(f"---\n{written}---\n{rest}" if file.suffix == ".md" else written, encoding="utf-8")
    return folder


def _keep_few_topics(folder: Path) -> None:
    """Those of the plans and of these tests; every question of a check-in shows one of them."""
    items = folder / "checkins" / "items.yml"
    items.write_text(re.sub(r"topic: .+", "topic: fever-infection", items.read_text("utf-8")), encoding="utf-8")
    plans = " ".join(plan.read_text("utf-8") for plan in folder.glob("plans/*.yml"))
    topics = yaml.load((folder / "topics.yml").read_text("utf-8"), LOADER)
    kept = [topic for topic in topics["topics"] if topic["id"] in KEPT or re.search(rf"\b{topic['id']}\b", plans)]
    (folder / "topics.yml").write_text(_yaml(topics | {"topics": kept}), encoding="utf-8")
    ids = {topic["id"] for topic in kept}
    for file in folder.glob("*/topics/*.md"):
        if file.stem not in ids:
            file.unlink()


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [*_first(value)] if isinstance(value, list) else value


def _first(items: list[Any]) -> Iterator[Any]:
    """The first items of a list; all groups of a rule, and a rule of the kind that is always heard."""
    always = [item for item in items[FEW:] if isinstance(item, dict) and item.get("always")]
    yield from (_short(item) for item in (items if isinstance(items[0], list) else [*items[:FEW], *always[:1]]))


@pytest.fixture
def words(tmp_path: Path, few_words: Path) -> Path:
    """A copy of them."""
    return Path(shutil.copytree(few_words, tmp_path / "mine" / "content"))
