"""The two commands a translator's editor types, from the words that go out to the words that come back."""

from pathlib import Path

import pytest
from click.testing import Result

from care.content.exchange.returned import Refused
from care.content.exchange.transfer import export
from care.content.writing import rewrite
from tests.content.breaking import change, content
from tests.content.exchanging import FEVER, FORMATS, TAKEN, TITLE, edit, exported, finish, library_of, line_of, settled, state


@pytest.fixture(scope="module")
def few_words(few_words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled(few_words, tmp_path_factory.mktemp("settled"))


def karez(words: Path, *typed: str) -> Result:
    return content(*typed, "--content", str(words))


def test_words_go_out_are_shown_when_they_come_back_and_are_written_when_asked_for(words: Path, tmp_path: Path):
    out = karez(words, "export", "--to", str(tmp_path / "out"), "--format", "po", "--language", "ug")
    file = tmp_path / "out" / "topics-from-zh" / "ug.po"
    edit(file, TITLE, "قىزىتما")

    shown = karez(words, "import", str(tmp_path / "out"))
    before = (words / FEVER).read_text("utf-8")
    written = karez(words, "import", str(tmp_path / "out"), "--write")
    again = karez(words, "import", str(tmp_path / "out"), "--write")

    assert out.stdout.splitlines() == [
        str(tmp_path / "out" / f"{kind}-from-zh" / "ug.po") for kind in ("alarms", "phrases", "topics")
    ]
    assert f"-title: {TITLE}\n+title: قىزىتما\n" in shown.stdout
    assert shown.stderr == "1 file would change. Nothing is written yet: type the command again with --write.\n"
    assert TITLE in before
    assert "title: قىزىتما\n" in (words / FEVER).read_text("utf-8")
    assert written.stderr.startswith("1 file written. Signatures and recordings of changed words no longer count")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "Nothing to write: the files bring no change.\n")


def test_a_refused_import_says_why_exits_with_1_and_writes_nothing(words: Path, tmp_path: Path):
    file = exported(words, tmp_path / "out", "csv", "topics")
    edit(file, f",{TITLE}", ",$")
    before = state(words)

    said = karez(words, "import", str(file), "--write")

    what = "topics/fever-infection.md#title holds a $ that is no placeholder"
    assert said.exit_code == 1
    assert said.stderr.splitlines() == [
        f"{file}:{line_of(file, ',$,')}: {what}: write ${{name}}, or take the sign out",
        "Nothing was written: 1 reason above.",
    ]
    assert state(words) == before


def test_an_import_that_the_check_of_all_words_refuses_writes_nothing(words: Path, tmp_path: Path):
    file = exported(words, tmp_path / "out", "po", "topics")
    edit(file, "ئىككى.", "ئىككى <b>.")
    before = state(words)

    said = karez(words, "import", str(file), "--write")

    assert said.exit_code == 1, said.stderr
    assert "content/ug/topics/fever-infection.md:" in said.stderr
    assert state(words) == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--language", "fr"), "There is no language fr: use kk, ug, zh.\n"),
        (("--only", "plans"), "There is no kind of words plans: use topics, phrases, alarms.\n"),
        (("--language", "zh"), "Nothing to write: what is asked for is translated from no other language.\n"),
        (("--to", "/dev/null/x"), "Nothing was written: /dev/null/x/topics-from-zh: Not a directory.\n"),
    ],
)
def test_an_export_that_cannot_be_is_one_sentence(options: tuple[str, str], told: str, words: Path, tmp_path: Path):
    said = karez(words, "export", "--to", str(tmp_path / "out"), "--format", "csv", *options)

    assert (said.stderr, said.exit_code) == (told, 0 if "zh" in options else 1)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_words_is_one_sentence(tmp_path: Path):
    told = f"{tmp_path} holds no words: name the folder with phrases.yml in it.\n"

    assert karez(tmp_path, "export", "--to", str(tmp_path / "out"), "--format", "csv").stderr == told
    assert karez(tmp_path, "import", str(tmp_path)).stderr == told


def test_a_topic_that_a_language_has_no_file_for_is_named(words: Path, tmp_path: Path):
    (words / FEVER).unlink()

    said = karez(words, "export", "--to", str(tmp_path), "--format", "csv", "--only", "topics")

    assert said.stderr == "Left out: ug has no topic fever-infection. `karez content new fever-infection` makes its file.\n"


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_export_never_writes_over_work_that_was_not_imported(format_name: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, format_name, "phrases")
    edit(file, TAKEN, "ئىچىپ بولدۇم")
    finish(file)
    before = file.read_bytes()

    with pytest.raises(Refused, match=r"#button-taken was changed and not imported yet: import it, or move it away"):
        export(library_of(words), tmp_path, format_name, ["ug"])

    assert file.read_bytes() == before
    assert not (tmp_path / "topics-from-zh").exists()


def test_an_export_writes_over_what_was_imported_and_over_an_older_export(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")
    edit(file, TITLE, "قىزىتما")
    change(words / FEVER, f"title: {TITLE}", "title: قىزىتما")
    path = words / "ug" / "phrases.yml"
    path.write_text(rewrite(path.read_text("utf-8"), {"button-taken": "ئىچىپ بولدۇم"}), "utf-8")

    again = exported(words, tmp_path, "po", "topics")
    exported(words, tmp_path, "po", "phrases")

    assert again == file


def test_an_export_writes_over_nothing_it_cannot_read(words: Path, tmp_path: Path):
    (tmp_path / "phrases-from-zh").mkdir()
    (tmp_path / "phrases-from-zh" / "ug.csv").write_text("my own list", "utf-8")

    with pytest.raises(Refused, match="is there, but lacks the columns passage"):
        exported(words, tmp_path, "csv", "phrases")
