"""Words that go out to translators come back as they were, and where one passage was changed, that one alone is."""

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from care.content.exchange.passages import documents, paragraphs, with_paragraph
from care.content.exchange.sheet import guard, unguard
from care.content.exchange.transfer import export, prepare, read
from care.content.library import Library
from care.content.writing import rewrite
from care.kit.settings import ROOT
from tests.content.breaking import change
from tests.content.exchanging import (
    FEVER,
    FEVER_SAID,
    FORMATS,
    TAKEN,
    TITLE,
    brought,
    by_name,
    changed_lines,
    edit,
    exported,
    finish,
    library_of,
    settled,
)

WORDS = ROOT / "content"


@pytest.fixture(scope="module")
def few_words(few_words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled(few_words, tmp_path_factory.mktemp("settled"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_all_topics_phrases_and_alarms_come_back_and_change_nothing(format_name: str, library: Library, tmp_path: Path):
    files = export(library, tmp_path, format_name, library.languages)

    returned = read(files)
    prepared = prepare(WORDS, library, returned)

    there = {(each.language, each.name): each.target for doc in documents(library, library.languages) for each in doc.passages}
    assert by_name(returned) == there
    assert len({name for language, name in there if language == "ug" and name.endswith("#title")}) == 60
    assert (prepared.after, prepared.notices) == ({}, [])


@dataclass(frozen=True)
class TwoFolders:
    """All words with no translation behind its source, and the same with every passage spoilt."""

    right: Path
    spoilt: Path
    library_of_right: Library
    library_of_spoilt: Library


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, library: Library) -> TwoFolders:
    right = Path(shutil.copytree(WORDS, tmp_path_factory.mktemp("right") / "content"))
    passages = [each for document in documents(library, ["ug", "kk"]) for each in document.passages]
    for file, newest in {each.file: f"{each.source_language}@{each.revision}" for each in passages}.items():
        (right / file).write_bytes(rewrite((right / file).read_bytes().decode(), {"follows": newest}).encode())
    spoilt = Path(shutil.copytree(right, tmp_path_factory.mktemp("spoilt") / "content"))
    library_of_right = library_of(right)
    returned = read(export(library_of_right, right.parent / "out", "csv", ["ug", "kk"]))
    over = prepare(spoilt, library_of_right, [replace(each, words=f"{each.words} 1") for each in returned])
    for path, content in over.after.items():
        path.write_bytes(content)
    return TwoFolders(right, spoilt, library_of_right, library_of(spoilt))


def test_every_passage_written_over_and_brought_back_is_the_same_file_to_the_byte(two: TwoFolders, tmp_path: Path):
    right = by_name(read(export(two.library_of_right, tmp_path / "right", "xliff", ["ug", "kk"])))
    returned = read(export(two.library_of_spoilt, tmp_path / "spoilt", "xliff", ["ug", "kk"]))

    back = prepare(two.spoilt, two.library_of_spoilt, [replace(each, words=right[each.language, each.name]) for each in returned])

    assert len(back.after) == 2 * (60 + 1 + 1)
    for path, content in back.after.items():
        assert content == (two.right / path.relative_to(two.spoilt)).read_bytes() != path.read_bytes(), path


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    ("kind", "old", "new", "line"),
    [
        ("topics", TITLE, "قىزىتما", "title: قىزىتما"),
        ("phrases", TAKEN, "ئىچىپ بولدۇم", "button-taken: ئىچىپ بولدۇم"),
        ("alarms", FEVER_SAID, "ھازىرلا بېرىڭ.", "    say: ھازىرلا بېرىڭ."),
    ],
)
def test_a_changed_passage_changes_its_line_alone(
    format_name: str, kind: str, old: str, new: str, line: str, words: Path, tmp_path: Path
):
    file = exported(words, tmp_path / "out", format_name, kind)
    edit(file, old, new)
    if format_name != "csv":
        finish(file)

    [lines] = changed_lines(brought(words, file)).values()

    assert [after for before, after in lines if not after.startswith("follows:")] == [line]


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_paragraph_changes_between_its_neighbours(format_name: str, words: Path, tmp_path: Path):
    file = exported(words, tmp_path / "out", format_name, "topics")
    two = {"csv": '"بىرىنچى.\n\nئىككىنچى."', "po": r"بىرىنچى.\n\nئىككىنچى.", "xliff": "بىرىنچى.\n\nئىككىنچى."}
    edit(file, "ئىككى.", two[format_name])
    edit(file, "ئاخىرقى تۆت.", "تۆتىنچى.")

    [after] = brought(words, file).after.values()

    assert after.decode().endswith("---\nبىر.\n\nبىرىنچى.\n\nئىككىنچى.\n\nئۈچ.\n\nتۆتىنچى.\n")


def test_a_text_with_another_number_of_paragraphs_than_its_source_is_one_passage(words: Path, tmp_path: Path):
    change(words / FEVER, "بىر.\n\n", "بىر.\n")

    file = exported(words, tmp_path, "csv", "topics")

    assert "topics/fever-infection.md#body," in file.read_text("utf-8-sig")
    assert "topics/fever-infection.md#body.1," not in file.read_text("utf-8-sig")


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_call_line_nobody_had_translated_is_added(format_name: str, words: Path, tmp_path: Path):
    header = (words / FEVER).read_text("utf-8")
    [line] = [each for each in header.splitlines(keepends=True) if each.startswith("  next_contact:")]
    change(words / FEVER, line, "")
    file = exported(words, tmp_path, format_name, "topics")
    name = "topics/fever-infection.md#call.next_contact"
    returned = [replace(each, words="كېيىن دەڭ", done=True) if each.name == name else each for each in read([file])]

    [after] = prepare(words, library_of(words), returned).after.values()

    assert "\n  next_contact: كېيىن دەڭ\n" in after.decode()


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_follows_its_newer_source_when_every_passage_was_looked_at(format_name: str, words: Path, tmp_path: Path):
    change(words / "zh" / "topics" / "fever-infection.md", "revision: 1", "revision: 7")
    file = exported(words, tmp_path, format_name, "topics")
    finish(file)

    assert changed_lines(brought(words, file)) == {"fever-infection.md": [("follows: zh@1", "follows: zh@7")]}


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_stays_behind_while_a_passage_was_not_looked_at(format_name: str, words: Path, tmp_path: Path):
    change(words / "zh" / "topics" / "fever-infection.md", "revision: 1", "revision: 7")
    file = exported(words, tmp_path, format_name, "topics")
    edit(file, TITLE, "قىزىتما")
    titles = [replace(each, done=True) if each.name.endswith("#title") else each for each in read([file])]

    prepared = prepare(words, library_of(words), titles)

    assert changed_lines(prepared) == {"fever-infection.md": [(f"title: {TITLE}", "title: قىزىتما")]}
    [notice] = prepared.notices
    assert notice.startswith("content/ug/topics/fever-infection.md: stays behind its source: summary, call.emergency")


@pytest.mark.parametrize("format_name", ["xliff", "po"])
def test_words_marked_as_unfinished_stay_outside_and_are_named(format_name: str, words: Path, tmp_path: Path):
    change(words / "zh" / "phrases.yml", "revision: 2", "revision: 3")
    file = exported(words, tmp_path, format_name, "phrases")
    edit(file, TAKEN, "ئىچىپ بولدۇم")

    prepared = brought(words, file)

    assert prepared.after == {}
    [notice] = prepared.notices
    assert "phrases.yml#button-taken is marked as unfinished: its words stay as they are" in notice


def test_what_was_changed_here_and_not_by_the_translator_stays(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")
    edit(file, TITLE, "قىزىتما")
    change(words / FEVER, "summary: ", "summary: ئەڭ يېڭى. ")

    [after] = brought(words, file).after.values()

    assert "title: قىزىتما\nsummary: ئەڭ يېڭى. " in after.decode()


def test_an_import_that_is_already_in_changes_nothing_more(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")
    edit(file, TITLE, "قىزىتما")
    for path, content in brought(words, file).after.items():
        path.write_bytes(content)

    assert brought(words, file).after == {}


def test_the_same_words_make_the_same_files(words: Path, tmp_path: Path):
    for format_name in FORMATS:
        first = exported(words, tmp_path / "a", format_name, "phrases").read_bytes()
        assert exported(words, tmp_path / "b", format_name, "phrases").read_bytes() == first


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-x", "@a", "＝x", "'=x", "''-x", "'x", "x=1", "", "\tx"])
def test_no_cell_is_a_formula_and_every_cell_comes_back(cell: str):
    assert guard(cell)[:1] not in ("=", "+", "-", "@", "＝", "\t")
    assert unguard(guard(cell)) == cell


def test_a_phrase_that_looks_like_a_formula_goes_through_a_spreadsheet(words: Path, tmp_path: Path):
    change(words / "ug" / "phrases.yml", f"button-taken: {TAKEN}", f"button-taken: '-{TAKEN}'")
    file = exported(words, tmp_path, "csv", "phrases")

    assert f",'-{TAKEN}," in file.read_text("utf-8-sig")
    assert brought(words, file).after == {}


def test_a_spreadsheet_may_save_with_semicolons_other_line_ends_and_its_columns_moved(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "csv", "phrases")
    edit(file, TAKEN, "ئىچىپ بولدۇم")
    rows = [[each.words, each.language, each.name, each.stamp, "translated", "", ""] for each in read([file])]
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    file.write_text("\n".join(["translation;language;passage;made from;state;note;source", *quoted]) + "\n", "utf-8")

    assert (f"button-taken: {TAKEN}", "button-taken: ئىچىپ بولدۇم") in changed_lines(brought(words, file))["phrases.yml"]


def test_excel_sees_that_it_is_utf_8(words: Path, tmp_path: Path):
    assert exported(words, tmp_path, "csv", "phrases").read_bytes().startswith(b"\xef\xbb\xbfpassage,")


def test_placeholders_are_elements_with_one_id_in_source_and_target(words: Path, tmp_path: Path):
    text = exported(words, tmp_path, "xliff", "phrases").read_text("utf-8")

    unit = text[text.index('<unit id="phrases.dose-later"') :]
    unit = unit[: unit.index("</unit>")]
    assert unit.count('<ph id="2.1" dataRef="d2" disp="${hour}"') == 2
    assert '<data id="d2">${hour}</data>' in unit
    assert "${" not in unit.replace('disp="${', "").replace('equiv="${', "").replace('">${', "")


def test_a_program_may_cut_a_passage_into_sentences_and_mark_words_in_it(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "xliff", "topics")
    text = file.read_text("utf-8")
    start = text.index("<segment", text.index('<unit id="fever-infection.title"'))
    end = text.index("</segment>", start) + len("</segment>")
    parts = (
        '<segment state="translated"><source>一</source><target>قىزىتما <mrk id="m1">ئېغىر</mrk>.</target></segment>'
        "<ignorable><source> </source></ignorable>"
        '<segment state="translated"><source>二</source><target>يۇقۇم.</target></segment>'
    )
    file.write_text(text[:start] + parts + text[end:], "utf-8")

    [lines] = changed_lines(brought(words, file)).values()

    assert (f"title: {TITLE}", "title: قىزىتما ئېغىر. يۇقۇم.") in lines


def test_the_parts_of_a_unit_stand_in_the_order_of_the_standard(words: Path, tmp_path: Path):
    import xml.etree.ElementTree as ET

    root = ET.fromstring(exported(words, tmp_path, "xliff", "topics").read_text("utf-8"))

    orders = {tuple(child.tag.rpartition("}")[2] for child in unit) for unit in root.iter() if unit.tag.endswith("}unit")}
    assert orders == {("notes", "segment"), ("notes", "originalData", "segment")}
    ids = [unit.get("id") for unit in root.iter() if unit.tag.endswith("}unit")]
    assert len(ids) == len(set(ids))


REWRAPPED = """# SOME TRANSLATOR, 2027.
#
msgid ""
msgstr ""
"Project-Id-Version: Karez phrases\\n"
"Language: ug_CN\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"X-Generator: Weblate 5.15\\n"

#. button: I took it
#. made from {stamp}
#: zh/phrases.yml
msgctxt "phrases.yml#button-taken"
msgid "吃了"
msgstr ""
"ئىچىپ "
"بولدۇم"

#~ msgctxt "phrases.yml#gone"
#~ msgid "没了"
#~ msgstr "يوق"
"""


def test_a_po_file_that_another_program_wrapped_and_signed_comes_back(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "phrases")
    [stamp] = [each.stamp for each in read([file]) if each.name == "phrases.yml#button-taken"]
    file.write_text(REWRAPPED.replace("{stamp}", stamp), "utf-8")

    [lines] = changed_lines(brought(words, file)).values()

    assert lines == [(f"button-taken: {TAKEN}", "button-taken: ئىچىپ بولدۇم")]


@pytest.mark.skipif(not shutil.which("msgcat"), reason="gettext's own programs are not on this machine")
def test_gettexts_own_programs_find_nothing_wrong(words: Path, tmp_path: Path):
    file = exported(words, tmp_path, "po", "topics")

    said = subprocess.run(
        ["msgfmt", "--check-format", "--output-file=/dev/null", file], capture_output=True, text=True, check=True
    )
    subprocess.run(["msgcat", "--width=40", f"--output-file={file}", file], check=True)

    assert said.stderr == ""
    assert brought(words, file).after == {}


def test_a_paragraph_is_replaced_between_gaps_of_any_kind():
    assert with_paragraph("a\n \nb\n\n\n c", 2, "x\n\ny") == "a\n \nx\n\ny\n\n\n c"
    assert paragraphs(" \n") == []
