"""A content folder of one's own to break."""

import pickle
import re
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from care.content import check, check_checkin_words, check_texts, reading
from care.content.reading import LOADER, Page
from care.content.types import Problems
from care.kit.settings import ROOT
from tests.content.breaking import dump, split

FEW = 2
KEPT = ("fever-infection", "hair-loss")
PLANS = ("capecitabine-14-7", "colorectal-surveillance", "opioid-pain-followup")  # in cycles, in months, by the day
NAMED_PLANS = re.compile(r"plans:\s*\[([^\]]*)\]")
DRIP = re.compile(r"^drip:\n(?: .*\n)+", re.MULTILINE)


@pytest.fixture(scope="session")
def few_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of content/ with only the first of its samples and rules: reading all eleven thousand takes seconds."""
    folder = Path(shutil.copytree(ROOT / "content", tmp_path_factory.mktemp("few") / "content"))
    _keep_few_topics(folder)
    _keep_few_plans(folder)
    for file in (*folder.glob("*/topics/*.md"), *folder.glob("*/intents.yml"), *folder.glob("*/alarms.yml")):
        header, rest = split(file)
        written = dump(_short(yaml.load(header, LOADER)))
        file.write_text(f"---\n{written}---\n{rest}" if file.suffix == ".md" else written, encoding="utf-8")
    return folder


def _keep_few_topics(folder: Path) -> None:
    """Those of these tests, which every question of a check-in shows, and on one day each of a few plans."""
    items = folder / "checkins" / "items.yml"
    items.write_text(re.sub(r"topic: .+", f"topic: {KEPT[0]}", items.read_text("utf-8")), encoding="utf-8")
    for plan in [folder / "plans" / f"{each}.yml" for each in PLANS]:
        plan.write_text(DRIP.sub(f"drip:\n  - {{day: 0, topic: {KEPT[0]}}}\n", plan.read_text("utf-8")), "utf-8")
    topics = yaml.load((folder / "topics.yml").read_text("utf-8"), LOADER)
    kept = [topic for topic in topics["topics"] if topic["id"] in KEPT]
    (folder / "topics.yml").write_text(dump(topics | {"topics": kept}), encoding="utf-8")
    for file in (*folder.glob("*/topics/*.md"), *folder.glob("plans/*.yml")):
        if file.stem not in (*KEPT, *PLANS):
            file.unlink()


def _keep_few_plans(folder: Path) -> None:
    """Check-ins may name only plans that are there."""

    def kept(named: re.Match[str]) -> str:
        here = [each for each in re.split(r",\s*", named[1]) if each in PLANS]
        return f"plans: [{', '.join(here or PLANS[:1])}]" if named[1] else named[0]

    for file in (folder / "checkins" / "questionnaires.yml", folder / "checkins" / "rules.yml"):
        file.write_text(NAMED_PLANS.sub(kept, file.read_text("utf-8")), encoding="utf-8")


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [*_first(value)] if isinstance(value, list) else value


def _first(items: list[Any]) -> Iterator[Any]:
    """The first items of a list; all groups of a rule, and a rule of the kind that is always heard."""
    always = [item for item in items[FEW:] if isinstance(item, dict) and item.get("always")]
    yield from (_short(item) for item in (items if isinstance(items[0], list) else [*items[:FEW], *always[:1]]))


@lru_cache(maxsize=512)
def _parsed(file: str, source: str) -> bytes:
    problems = Problems()
    return pickle.dumps((PARSE(file, source, problems), problems.found))


def _page_from(file: str, source: str, problems: Problems) -> Page:
    """As page_from: each reader gets a page of its own, which it may change."""
    page, found = pickle.loads(_parsed(file, source))
    problems.found += found
    return page


PARSE = reading.page_from
_letter_faults, _identify = lru_cache(maxsize=16_384)(check.letter_faults), lru_cache(maxsize=16_384)(check_texts.identify)


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not change is parsed once, and looked at once: most of these tests break one file of fifty and check them all."""
    monkeypatch.setattr(reading, "page_from", _page_from)
    monkeypatch.setattr(check, "letter_faults", _letter_faults)
    monkeypatch.setattr(check_checkin_words, "letter_faults", _letter_faults)
    monkeypatch.setattr(check_texts, "identify", _identify)


@pytest.fixture
def words(tmp_path: Path, few_words: Path) -> Path:
    """A copy of them."""
    return Path(shutil.copytree(few_words, tmp_path / "mine" / "content"))
