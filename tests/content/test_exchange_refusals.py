"""What an import refuses, each with the place, what is wrong and how to mend it; nothing is written then."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from care.content.exchange import transfer
from care.content.exchange.returned import Refused
from care.content.exchange.transfer import prepare, read, write
from care.content.types import Problem
from care.supervisor.content import check_content
from tests.content.breaking import change
from tests.content.exchanging import (
    ENDINGS,
    FEVER,
    FORMATS,
    TAKEN,
    TITLE,
    brought,
    edit,
    exported,
    finish,
    library_of,
    line_of,
    refused,
    settled,
    state,
)


@pytest.fixture(scope="module")
def few_words(few_words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled(few_words, tmp_path_factory.mktemp("settled"))


def changed_title(words: Path, to: Path, format_name: str = "po", title: str = "قىزىتما") -> Path:
    """An export in which the title of one topic was changed."""
    file = exported(words, to, format_name, "topics")
    edit(file, TITLE, title)
    return file


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_export_of_an_older_source_is_refused(format_name: str, words: Path, tmp_path: Path):
    file = changed_title(words, tmp_path / "out", format_name)
    change(words / "zh" / "topics" / "fever-infection.md", "revision: 1", "revision: 2")

    [told] = refused(words, file)

    assert told.startswith(f"{file}:")
    assert "topics/fever-infection.md#title: the export was made from zh@1, and zh is at 2: export it again" in told


@pytest.mark.parametrize("format_name", FORMATS)
def test_words_that_were_changed_here_in_the_meantime_are_not_overwritten(format_name: str, words: Path, tmp_path: Path):
    file = changed_title(words, tmp_path / "out", format_name)
    change(words / FEVER, f"title: {TITLE}", "title: قىزىش")

    [told] = refused(words, file)

    assert "topics/fever-infection.md#title was changed here since the export: «قىزىش»: export it again" in told


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("title", ["${emergency_number} قىزىتما", "$ قىزىتما", "قىزىتما ${"])
def test_a_placeholder_more_is_refused(format_name: str, title: str, words: Path, tmp_path: Path):
    told = refused(words, changed_title(words, tmp_path / "out", format_name, title))

    assert len(told) == 1
    assert "placeholder" in told[0]


@pytest.mark.parametrize("new", ["", "${clock}", "${Hour}", "{hour}"])
def test_a_placeholder_lost_or_changed_is_refused(new: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "phrases")
    returned = [
        replace(each, words=each.words.replace("${hour}", new), done=True) if each.name.endswith("#dose-later") else each
        for each in read([file])
    ]

    with pytest.raises(Refused, match=r"placeholders of phrases\.yml#dose-later differ: .* use exactly: \$\{clock\}, \$\{hour\}"):
        prepare(words, library_of(words), returned)


def test_letters_of_another_language_are_refused(words: Path, tmp_path: Path):
    told = refused(words, changed_title(words, tmp_path, "po", "عەرەبچە ـ"))

    assert any("#title: عەرەبچە has a letter Uyghur does not use: type it on a Uyghur keyboard" in each for each in told)
    assert any("holds a stretching mark (tatweel): remove it" in each for each in told)


@pytest.mark.parametrize(("format_name", "old"), [("xliff", 'trgLang="ug"'), ("po", "Language: ug"), ("csv", ",ug,")])
def test_a_language_we_do_not_have_is_refused_once(format_name: str, old: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, format_name, "phrases")
    file.write_bytes(file.read_bytes().replace(old.encode(), old.replace("ug", "fr").encode()))

    assert refused(words, file) == [f"{file}: is for the language fr: we have kk, ug, zh"]


@pytest.mark.parametrize(("format_name", "old"), [("xliff", 'trgLang="ug"'), ("po", "Language: ug"), ("csv", ",ug,")])
def test_the_language_the_words_were_written_in_first_is_not_translated_into(
    format_name: str, old: str, words: Path, tmp_path: Path
):
    file = exported(words, tmp_path, format_name, "alarms")
    file.write_bytes(file.read_bytes().replace(old.encode(), old.replace("ug", "zh").encode()))

    told = refused(words, file)

    assert all("is written first in zh: change it in its file or in the studio" in each for each in told)
    assert len(told) == 40


def test_a_passage_that_is_gone_is_refused_when_it_was_changed_and_else_only_named(words: Path, tmp_path: Path):
    file = changed_title(words, tmp_path / "out")
    (words / FEVER).unlink()

    [told] = refused(words, file)
    edit(file, "قىزىتما", TITLE)
    prepared = brought(words, file)

    assert "topics/fever-infection.md#title is in no ug file (any more): export it again" in told
    assert prepared.after == {}
    assert prepared.notices[0].endswith("#title is in no ug file (any more), and was not changed: it is left out")


def test_two_files_that_say_different_things_of_one_passage_are_refused(words: Path, tmp_path: Path):
    one = changed_title(words, tmp_path / "one")
    other = changed_title(words, tmp_path / "other", "csv", "قىزىش")

    [told] = refused(words, one, other)

    there = f"{one}:{line_of(one, 'fever-infection.md#title') + 1}"
    here = f"{other}:{line_of(other, 'fever-infection.md#title')}"
    assert told == f"{here}: topics/fever-infection.md#title has other words in {there}: keep one of them"


def test_a_passage_that_does_not_say_what_it_was_made_from_is_refused(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")

    with pytest.raises(Refused, match="does not say what it was made from: export it again"):
        prepare(words, library_of(words), [replace(each, stamp="") for each in read([file])])


LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'


@pytest.mark.parametrize(("doctype", "words_with_it"), [(BOMB, "&l9;"), (OUTSIDE, "&f;"), (REMOTE, "x"), ("<!DOCTYPE x>", "x")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_definitions_inside_a_file_are_refused_before_they_are_used(
    doctype: str, words_with_it: str, encoding: str, words: Path, tmp_path: Path
):
    file = changed_title(words, tmp_path / "out", "xliff", words_with_it)
    text = file.read_text("utf-8").replace("UTF-8", encoding).replace("?>", f"?>{doctype}", 1)
    file.write_bytes(text.encode(encoding))

    assert refused(words, file) == [
        f"{file}: begins with a DOCTYPE, which no XLIFF has: take that line out, or export it again with `karez content export"
        " --format xliff`"
    ]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("</xliff>", "", "is not readable as XML (no element found: line"),
        ("<file ", "<file <", "is not readable as XML (not well-formed (invalid token): line 3"),
        ('"UTF-8"', '"x-none"', "is not readable as XML ("),
        ("document:2.0", "document:1.2", "is no XLIFF 2.0 (xliff 2.0)"),
        (' version="2.0"', ' version="3.0"', "is no XLIFF 2.0 (xliff 3.0)"),
        (TITLE, '<ph id="9"/>', "holds <ph 9>, which stands for nothing we know"),
        (TITLE, '<cp hex="0001"/>', "holds <cp 0001>, which stands for nothing we know"),
        ('name="topics/fever-infection.md#title"', "", "this passage is in no ug file"),
    ],
)
def test_a_broken_xliff_is_refused(old: str, new: str, what: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "xliff", "topics")
    edit(file, old, new)

    [told] = refused(words, file)

    assert what in told


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (f'"{TITLE}"', f'"{TITLE}', "is no line of a PO file"),
        (f'"{TITLE}"', f'"{TITLE} "قىزىش" "', "is no line of a PO file"),
        ('msgctxt "topics/fever', 'msgkontext "topics/fever', "is no line of a PO file"),
        (f'msgstr "{TITLE}"', f'msgid "{TITLE}"', "is not readable as PO (missing msgstr"),
        (f'msgstr "{TITLE}"', f'msgid_plural "x"\nmsgstr "{TITLE}"', "is no line of a PO file"),
        ("Language: ug\\n", "", "says no language"),
    ],
)
def test_a_broken_po_file_is_refused_at_its_line(old: str, new: str, what: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")
    edit(file, old, new)

    [told] = refused(words, file)

    assert what in told
    assert told.startswith(str(file))


def test_a_message_that_stands_twice_is_refused(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")
    text = file.read_text("utf-8")
    file.write_text(text + text[text.rindex("\nmsgctxt") :].replace("\nmsgctxt", "msgctxt", 1), "utf-8")

    assert refused(words, file) == [f"{file}: has the same passage twice: keep one of them: msgcat or a PO editor finds them"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("passage,language", "passage", "lacks the columns language: keep the first line and all columns of the export"),
        (f",{TITLE},", f",{TITLE}", "has another number of cells than the 7 columns"),
        (f",{TITLE},", f',"{TITLE},', "is not readable as CSV ("),
        (f",{TITLE},", f',"{TITLE}"x,', "is not readable as CSV (',' expected after '\"')"),
        ("summary,ug,", "summary,kk,", "is for kk, the first row for another: keep one file a language"),
    ],
)
def test_a_broken_csv_is_refused_at_its_line(old: str, new: str, what: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "csv", "topics")
    edit(file, old, new)

    [told] = refused(words, file)

    assert what in told
    assert int(told.removeprefix(f"{file}:").partition(":")[0]) >= line_of(file, new)


@pytest.mark.parametrize("format_name", ["po", "csv"])
def test_a_file_saved_in_another_encoding_is_refused(format_name: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path, format_name, "topics", "kk")
    file.write_bytes(file.read_text("utf-8-sig").encode("cp1251", "replace"))

    [told] = refused(words, file)

    assert "is not UTF-8" in told


def test_files_that_are_no_export_are_refused(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.docx").write_bytes(b"x")
    (tmp_path / "empty.po").write_bytes(b"")
    (tmp_path / "empty.csv").write_bytes(b"")

    assert "holds no file of an export" in refused(words, tmp_path / "empty")[0]
    assert "is no file we can read: name one that ends in .xlf, .xliff, .po, .csv" in refused(words, tmp_path / "x.docx")[0]
    assert "cannot be read (No such file or directory)" in refused(words, tmp_path / "none.po")[0]
    assert "lacks the columns passage, language" in refused(words, tmp_path / "empty.csv")[0]
    assert refused(words, tmp_path / "empty.po") == []
    monkeypatch.setattr(transfer, "LARGEST", 1_000)
    assert "is larger than 0 MB" in refused(words, exported(words, tmp_path / "out", "po", "topics"))[0]


def test_everything_wrong_is_told_at_once_and_nothing_is_taken_over(words: Path, tmp_path: Path):
    file = exported(words, tmp_path / "out", "csv", "topics")
    wrong = {"title": "عەرەبچە", "summary": "$"}
    returned = [replace(each, words=wrong.get(each.name.rpartition("#")[2], each.words)) for each in read([file])]

    with pytest.raises(Refused) as told:
        prepare(words, library_of(words), returned)

    assert len(told.value.refusals) >= 2 * len([each for each in returned if each.name.endswith("#title")])


def errors(folder: Path) -> list[Problem]:
    return check_content(folder)[1]


def test_what_the_check_of_all_words_refuses_is_not_written(words: Path, tmp_path: Path):
    before = state(words)
    prepared = brought(words, changed_title(words, tmp_path / "out"))
    [path] = prepared.after
    prepared.after[path] = prepared.after[path].replace(b"id: fever-infection", b"id: fever")

    with pytest.raises(Refused, match=r"content/ug/topics/fever-infection\.md:2: id is fever: write id: fever-infection"):
        write(words, prepared, errors)

    assert state(words) == before


def test_a_mistake_that_was_there_before_stops_nobody(words: Path, tmp_path: Path):
    change(words / "kk" / "phrases.yml", "\nmenu: ", "\nmenus: ")
    prepared = brought(words, changed_title(words, tmp_path / "out"))

    write(words, prepared, errors)

    assert "title: قىزىتما\n" in (words / FEVER).read_text("utf-8")


def test_a_full_disk_leaves_all_words_as_they_were(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = state(words)
    out = changed_title(words, tmp_path / "out"), exported(words, tmp_path / "out", "po", "phrases")
    edit(out[1], TAKEN, "ئىچىپ بولدۇم")
    finish(out[1])
    prepared = brought(words, *out)
    left = iter([None])

    def full(number: int) -> None:
        if next(left, OSError):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert len(prepared.after) == 2
    with pytest.raises(OSError, match="No space left"):
        write(words, prepared, lambda folder: [])
    assert state(words) == before


def test_a_file_changed_between_showing_and_writing_stays(words: Path, tmp_path: Path):
    prepared = brought(words, changed_title(words, tmp_path / "out"))
    change(words / FEVER, "summary: ", "summary: ئەڭ يېڭى. ")
    before = state(words)

    with pytest.raises(Refused, match=r"fever-infection\.md: was changed just now: run the import again"):
        write(words, prepared, errors)

    assert state(words) == before


def test_no_recording_and_no_file_of_another_language_is_touched(words: Path, tmp_path: Path):
    for language in ("zh", "ug", "kk"):
        (words / language / "audio").mkdir()
        (words / language / "audio" / "fever-infection@0a1b2c3d0a1b2c3d.mp3").write_bytes(language.encode())
    before = state(words)

    write(words, brought(words, changed_title(words, tmp_path / "out")), lambda folder: [])

    after = state(words)
    assert {name for name in after if after[name] != before.get(name)} == {str(FEVER)}
    assert after.keys() == before.keys()


def test_every_format_has_an_ending_we_read():
    assert {ending for ending, _ in transfer.WRITERS.values()} == {*ENDINGS.values()} <= transfer.READERS.keys()
