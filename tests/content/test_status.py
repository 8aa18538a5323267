"""What an editor sees at a glance: each topic in each language, its review, sound and questions; and how a topic begins."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from care.content.library import Library, read_library
from care.content.review import digest, recording_of_topic
from care.content.skeleton import CannotBegin, begin_topic
from care.kit.settings import Settings
from care.studio.checking import check_all
from care.supervisor import content_cli
from care.supervisor.status import as_object, as_table, look
from tests.content.breaking import content, rewrite, split

FEVER = "fever-infection"
UG = Path("ug", "topics", f"{FEVER}.md")


def seen(words: Path, home: Path, only_behind: bool = False) -> dict[str, Any]:
    return as_object(look(Settings(content=words, home=home), Library.load(words)), only_behind)


def sign(words: Path, file: Path, until: date = date(2099, 1, 1)) -> None:
    page = read_library(words)[0].languages["ug"].topics[FEVER]
    rewrite(words / file, "review", {"by": "reviewer-2", "on": date(2026, 1, 1), "until": until, "of": digest(page)})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without any sound, for commands."""
    monkeypatch.setattr(content_cli, "get_settings", lambda: Settings(home=tmp_path))


def test_an_unsigned_unspoken_library_says_so(words: Path, tmp_path: Path):
    found = seen(words, tmp_path)

    assert found["topics"][FEVER]["ug"] == {"text": True, "review": "unreviewed", "behind": False, "audio": None, "questions": 2}
    assert found["files"]["content/zh/phrases.yml"] == {"review": "unreviewed", "behind": False}
    assert found["human_recordings"] == {"kk": 0, "ug": 0, "zh": 0}


@pytest.mark.parametrize(
    ("until", "revision", "review"), [(2099, 1, "signed"), (2026, 1, "expired"), (2099, 9, "behind"), (2026, 9, "behind")]
)
def test_a_signed_text_is_signed_until_its_day_or_its_source_moves_on(
    words: Path, tmp_path: Path, until: int, revision: int, review: str
):
    rewrite(words / UG, "follows", "zh@1")
    rewrite(words / "zh" / "topics" / f"{FEVER}.md", "revision", revision)
    sign(words, UG, date(until, 11, 1))

    cell = seen(words, tmp_path)["topics"][FEVER]["ug"]
    assert (cell["review"], cell["behind"]) == (review, revision > 1)


def test_only_what_lags_is_shown_signed_or_not(words: Path, tmp_path: Path):
    rewrite(words / "zh" / "topics" / f"{FEVER}.md", "revision", 9)
    (words / "kk" / "topics" / "hair-loss.md").unlink()

    found = look(Settings(content=words, home=tmp_path), Library.load(words))
    rows = [line.split()[0] for line in as_table(found, only_behind=True)[2:4]]
    assert sorted(rows) == [FEVER, "hair-loss"]
    assert "unreviewed, behind" in "\n".join(as_table(found, only_behind=True))
    assert not as_object(found, only_behind=True)["topics"]["hair-loss"]["kk"]["text"]


def test_a_persons_recording_counts_only_while_it_is_heard(words: Path, tmp_path: Path):
    library = Library.load(words)
    name = recording_of_topic(library.topic("ug-Arab", FEVER), "120")
    (words / "ug" / "audio").mkdir()
    (words / "ug" / "audio" / f"{name}.mp3").write_bytes(b"a sound")

    assert seen(words, tmp_path)["human_recordings"]["ug"] == 1
    assert as_table(look(Settings(content=words, home=tmp_path), library), False)[-1].endswith("included: 1.")
    rewrite(words / UG, "title", "ئىسسىقلىق")
    assert seen(words, tmp_path)["human_recordings"]["ug"] == 0


def test_the_command_prints_a_table_and_its_sums(words: Path, home: None):
    said = content("status", str(words))

    lines = said.stdout.splitlines()
    assert said.exit_code == 0, said.stderr
    assert lines[0].split() == ["kk", "ug", "zh"]
    assert any(line.startswith(f"{FEVER} ") and line.count("unreviewed") == 3 for line in lines)
    assert lines[-1] == "Recordings by people that patients hear, phrases included: 0."
    assert any(line.startswith("ug: ") and "0 by a person, 0 by a machine" in line for line in lines)


def test_of_broken_words_nobody_can_say_where_they_stand(words: Path, home: None):
    (words / "ug" / "phrases.yml").unlink()

    said = content("status", str(words))
    assert (said.exit_code, said.stdout) == (1, "")
    assert "mend what `karez content check` names first" in said.stderr


def test_a_topic_begins_empty_in_every_language_and_stops_nobody(words: Path):
    said = content("new", "dry-mouth", "--content", str(words))

    made = [words / tag / "topics" / "dry-mouth.md" for tag in ("kk", "ug", "zh")]
    assert said.exit_code == 0, said.stderr
    assert [Path(line) for line in said.stdout.splitlines()] == [*made, words / "topics.yml"]
    library, problems = check_all(words)
    assert problems.found == []
    assert sum("dry-mouth is not written in this language" in each.what for each in problems.warnings) == 3
    assert (library.topic_list["dry-mouth"]["category"], library.topics_in("zh-Hans").count("dry-mouth")) == ("side-effects", 0)


def test_a_topic_begun_is_offered_in_the_first_language_that_writes_it(words: Path):
    begin_topic(words, Library.load(words), "dry-mouth", "side-effects")
    file = words / "zh" / "topics" / "dry-mouth.md"
    rewrite(file, "title", "口干怎么办")
    rewrite(file, "summary", "多喝水。小口喝。")
    rewrite(file, "questions", ["嘴巴干怎么办"])
    rewrite(file, "call", {"same_day": "当天联系护士。"})
    file.write_text(file.read_text("utf-8") + "小口喝水。\n", "utf-8")

    library = Library.load(words)
    assert (library.has_topic("zh-Hans", "dry-mouth"), library.has_topic("ug-Arab", "dry-mouth")) == (True, False)
    assert split(words / "ug" / "topics" / "dry-mouth.md")[0].count("follows: zh@1") == 1


def everything(words: Path) -> Iterator[tuple[Path, bytes]]:
    yield from ((path, path.read_bytes()) for path in sorted(words.rglob("*")) if path.is_file())


@pytest.mark.parametrize(
    ("topic_id", "category", "why"),
    [
        ("Dry Mouth", "side-effects", "is no id"),
        ("../phrases", "side-effects", "is no id"),
        (FEVER, "side-effects", "is there already"),
        ("dry-mouth", "mouth", "There is no category mouth: use "),
    ],
)
def test_a_topic_that_cannot_begin_says_why_and_writes_nothing(words: Path, topic_id: str, category: str, why: str):
    before = dict(everything(words))

    with pytest.raises(CannotBegin, match=why):
        begin_topic(words, Library.load(words), topic_id, category)
    assert dict(everything(words)) == before
