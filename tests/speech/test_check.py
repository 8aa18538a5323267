"""`karez content check` names every foreign word that no language file says, so that no voice has to guess."""

import shutil
from pathlib import Path

import pytest

from care.content.library import Library
from care.content.types import Problems
from care.speech.check import warn_of_unsaid
from care.studio.checking import check_all
from tests.speech.conftest import CONTENT


def warned(library: Library) -> list[str]:
    problems = Problems()
    warn_of_unsaid(library, problems)
    return [f"{each.file.partition('/')[2]}: {each.what}" for each in problems.warnings]


@pytest.fixture
def library() -> Library:
    return Library.load(CONTENT)


def test_all_that_patients_are_told_today_can_be_said(library: Library):
    assert warned(library) == []


def test_a_word_nobody_listed_is_named_with_its_file_once(library: Library):
    pages = library.languages["ug"]
    pages.phrases.values["greet"] = "Omegaven دېگەن دورا، Omegaven، 12 dl، ${hour}"
    pages.topics["fatigue"].body += "\n5‰ تۇز سۈيى، HPV، CA-125، 38.5 °C."

    assert warned(library) == [
        "ug/phrases.yml: no voice knows how to say Omegaven",
        "ug/phrases.yml: no voice knows how to say dl",
        "ug/topics/fatigue.md: no voice knows how to say ‰",
    ]


def test_the_check_of_the_whole_folder_asks_for_it(tmp_path: Path):
    shutil.copytree(CONTENT, tmp_path / "content")
    phrases = tmp_path / "content" / "ug" / "phrases.yml"
    phrases.write_text(phrases.read_text("utf-8").replace("web-title: كارىز", "web-title: Omegaven"), "utf-8")

    warnings = [each.what for each in check_all(tmp_path / "content")[1].warnings]

    assert "no voice knows how to say Omegaven" in warnings
