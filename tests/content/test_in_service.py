"""What was good keeps speaking: an editor's mistake never silences a Karez that worked before it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care.content.library import Library
from care.kit.settings import Settings
from care.supervisor import content as in_service
from care.supervisor.content import InService, find_content, last_good, take_into_service
from care.supervisor.prepare import CannotStart
from care.supervisor.processes import parts, sound_part
from tests.content.breaking import change, without_key

MONDAY = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
FEVER = Path("ug", "topics", "fever-infection.md")
NEW = "يېڭى"  # house: letters - "new", as an editor may put it before a title


def start(words: Path, home: Path, now: datetime = MONDAY) -> InService:
    home.mkdir(exist_ok=True)
    return take_into_service(words, home, now)


def test_a_start_with_good_words_reads_a_copy_that_no_edit_reaches(words: Path, tmp_path: Path):
    began = start(words, tmp_path / "home")
    title = Library.load(began.folder).topic("ug-Arab", "fever-infection").title
    change(words / FEVER, "title: ", f"title: {NEW} ")

    assert began.warning == ""
    assert Library.load(began.folder).topic("ug-Arab", "fever-infection").title == title


def test_after_a_bad_edit_a_start_says_the_last_good_words_and_names_file_and_line(words: Path, tmp_path: Path):
    good = start(words, tmp_path / "home")
    line = change(words / "ug" / "phrases.yml", "\nmenu: ", "\nmenus: ") + 1

    again = start(words, tmp_path / "home", TUESDAY)

    assert again.folder == good.folder
    assert f"content/ug/phrases.yml:{line}: nobody asks for the phrase menus: " in again.warning
    assert "content/ug/phrases.yml:1: the phrase menu is missing: " in again.warning
    assert "The last good content, of 2026-11-30 04:00 UTC, is in service" in again.warning


def test_a_first_start_with_bad_words_is_refused_with_the_same_lines(words: Path, tmp_path: Path):
    change(words / FEVER, "---\n", "")

    with pytest.raises(
        CannotStart, match=r"content/ug/topics/fever-infection\.md:1: the header is broken: .*\n.* cannot be used"
    ):
        start(words, tmp_path / "home")


def test_mended_words_are_taken_at_the_next_start_and_the_old_copy_goes(words: Path, tmp_path: Path):
    home = tmp_path / "home"
    good = start(words, home)
    change(words / FEVER, "title: ", f"title: {NEW} ")

    new = start(words, home, TUESDAY)

    assert Library.load(new.folder).topic("ug-Arab", "fever-infection").title.text.startswith(NEW)
    assert not good.folder.exists()
    assert last_good(home) == (new.folder, TUESDAY)


def test_words_that_did_not_change_keep_their_date(words: Path, tmp_path: Path):
    first, second = start(words, tmp_path / "home"), start(words, tmp_path / "home", TUESDAY)

    assert first == second
    assert last_good(tmp_path / "home") == (first.folder, MONDAY)


def test_a_folder_that_is_gone_altogether_is_a_broken_one(words: Path, tmp_path: Path):
    good = start(words, tmp_path / "home")
    shutil.rmtree(words)

    again = start(words, tmp_path / "home", TUESDAY)

    assert again.folder == good.folder
    assert "content/phrases.yml:1: file is missing" in again.warning


@pytest.mark.parametrize(
    "how", ["a word of it changed", "half of it is there", "its note is half written", "another version made it"]
)
def test_a_copy_that_cannot_be_trusted_is_not_used(words: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch):
    home = tmp_path / "home"
    copy = start(words, home).folder
    without_key(words / "zh" / "phrases.yml", "menu")
    match how:
        case "a word of it changed":
            change(copy / "zh" / "phrases.yml", "menu: ", "menu: x")
        case "half of it is there":
            shutil.rmtree(copy / "kk")
        case "its note is half written":
            (home / "content" / "good.json").write_text('{"folder": ')
        case _:
            monkeypatch.setattr(in_service, "program", lambda: "of yesterday")

    with pytest.raises(CannotStart, match="No last good content of this version"):
        start(words, home, TUESDAY)


def test_a_copy_somebody_changed_is_made_anew_from_good_words(words: Path, tmp_path: Path):
    copy = start(words, tmp_path / "home").folder
    change(copy / FEVER, "title: ", f"title: {NEW} ")

    again = start(words, tmp_path / "home", TUESDAY)

    assert not Library.load(again.folder).topic("ug-Arab", "fever-infection").title.text.startswith(NEW)


def test_a_command_beside_a_running_karez_uses_the_last_good_words_too_and_keeps_nothing(words: Path, tmp_path: Path):
    settings = Settings(content=words, home=tmp_path / "home")
    assert find_content(settings) == InService(words)
    assert not (tmp_path / "home").exists()
    good = start(words, settings.home)
    without_key(words / "kk" / "phrases.yml", "menu")

    found = find_content(settings)

    assert found.folder == good.folder
    assert "content/kk/phrases.yml:1: the phrase menu is missing" in found.warning


def test_every_part_that_speaks_is_told_where_the_words_in_service_are(words: Path):
    settings = Settings(content=words)
    assistant, scheduler, web = parts(settings, "secret")

    told = [part.sees.get("KAREZ_CONTENT") for part in (scheduler, web, sound_part(settings), assistant)]
    assert told == [str(words)] * 3 + [None]
