"""Words written back into a file by a program: the places that changed, and not one byte beside them."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from care.content.reading import LOADER
from care.content.writing import CannotWrite, rewrite, save_all
from care.kit.settings import ROOT
from tests.content.breaking import split

TOPIC = """---
# Whose topic this is.
id: mouth-sores
title: 嘴里长疮
summary: '一: 二'   # two sentences
revision: 2

call:
  # the number is filled in
  emergency: "叫 ${emergency_number}"
  same_day: 当天
questions:
- 怎么办
# of relatives
- 我妈怎么办

- "38.5 怎么办"
# the end
---

一。

二。
"""


def values(text: str) -> Any:
    return yaml.load(text.split("---\n", 2)[1] if text.startswith("---") else text, LOADER)


def files() -> list[Path]:
    return [*sorted((ROOT / "content").glob("*/topics/*.md")), *sorted((ROOT / "content").glob("*/phrases.yml"))]


def test_writing_what_is_there_changes_no_byte_of_any_file():
    for file in files():
        source = file.read_bytes().decode()
        header, body = split(file)
        read = yaml.load(header, LOADER)
        same = {key: value for key, value in read.items() if isinstance(value, str | int)}
        same |= {f"call.{name}": said for name, said in read.get("call", {}).items()} if body else {}
        same |= {"questions": read["questions"], "body": body} if body else {}

        assert rewrite(source, same) == source, file


def test_one_changed_place_is_one_changed_line_in_every_file():
    for file in files():
        source = file.read_bytes().decode()
        place = "call.same_day" if file.suffix == ".md" else "menu"

        written = rewrite(source, {place: "新: 说 #1"})

        changed = [line for line in written.splitlines() if line not in source.splitlines()]
        assert [line.split(": ", 1)[0].strip() for line in changed] == [place.rpartition(".")[2]], file
        assert len(written.splitlines()) - len(source.splitlines()) in (0, 1)  # 1: it had no such line


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({"title": "口腔溃疡"}, "title: 嘴里长疮\n", "title: 口腔溃疡\n"),
        ({"title": "口: 腔"}, "title: 嘴里长疮\n", "title: '口: 腔'\n"),
        ({"title": "12"}, "title: 嘴里长疮\n", "title: '12'\n"),
        ({"title": "十---"}, "title: 嘴里长疮\n", "title: '十---'\n"),
        ({"summary": "it's"}, "'一: 二'   # two", "'it''s'   # two"),
        ({"revision": 3}, "revision: 2\n", "revision: 3\n"),
        ({"call.emergency": "120"}, '"叫 ${emergency_number}"', '"120"'),
        ({"call.emergency": 'a "b"\nc'}, '"叫 ${emergency_number}"', '"a \\"b\\"\\nc"'),
        ({"call.next_contact": "下次"}, "same_day: 当天\n", "same_day: 当天\n  next_contact: 下次\n"),
        ({"call.same_day": None}, "  same_day: 当天\n", ""),
        ({"follows": "zh@2"}, "# the end\n", "follows: zh@2\n# the end\n"),
        ({"review": {"by": "Dr. A", "of": "0a1b2c3d"}}, "# the end\n", "review: {by: Dr. A, of: 0a1b2c3d}\n# the end\n"),
        ({"body": "一。\n\n三。"}, "二。\n", "三。\n"),
        ({"questions": ["怎么办", "我妈怎么办"]}, '- "38.5 怎么办"\n', ""),
        ({"questions": ["啥", "我妈怎么办", "38.5 怎么办"]}, "- 怎么办\n", "- 啥\n"),
        (
            {"questions": ["怎么办", "我爸怎么办", "我妈怎么办", "38.5 怎么办"]},
            "- 怎么办\n",
            "- 怎么办\n- 我爸怎么办\n",
        ),
        ({"questions": []}, TOPIC[TOPIC.index("\n- 怎么办") : TOPIC.index("\n# the end")], " []"),
    ],
)
def test_only_what_is_named_changes(changes: dict[str, Any], old: str, new: str):
    assert rewrite(TOPIC, changes) == TOPIC.replace(old, new, 1)


def test_a_topic_without_a_body_yet_takes_its_title():
    empty = "---\nid: mouth-sores\ntitle: ''\n---\n"

    assert rewrite(empty, {"title": "x"}) == "---\nid: mouth-sores\ntitle: 'x'\n---\n"


def test_several_places_change_at_once():
    written = rewrite(TOPIC, {"title": "甲", "follows": "zh@9", "call.next_contact": "乙", "call.x": "丙", "body": "丁"})

    assert values(written) == values(TOPIC) | {
        "title": "甲",
        "follows": "zh@9",
        "call": {**values(TOPIC)["call"], "next_contact": "乙", "x": "丙"},
    }
    assert written.endswith("---\n\n丁\n")


@pytest.mark.parametrize(
    ("source", "changes", "written"),
    [
        ("a: 1\nb:\n", {"b": "x"}, "a: 1\nb: x\n"),
        ("a: x", {"b": "y"}, "a: x\nb: y"),
        ("a: x\n", {"b.c": "y"}, "a: x\nb: {c: y}\n"),
        ("a: {b: x, c: z}\n", {"a.b": "p, q"}, "a: {b: 'p, q', c: z}\n"),
        ("a: {}\n", {"a.b": "y"}, "a: {b: y}\n"),
        ("a:\n  b: x\nc: y\n", {"a.b": None}, "a: {}\nc: y\n"),
        ("a:\n  b: x\nc: y\n", {"a": "unreviewed"}, "a: unreviewed\nc: y\n"),
        ("a: |\n  eins\n  zwei\n\n# c\nb: y\n", {"a": "drei"}, "a: drei\n\n# c\nb: y\n"),
        ("a: eins\n  zwei # c\nb: y\n", {"a": "drei"}, "a: drei # c\nb: y\n"),
        ("a: [x, y]\n", {"a": ["x", "z"]}, "a: [x, z]\n"),
        ("a: x\r\nb: y\r\n", {"a": "z"}, "a: z\r\nb: y\r\n"),
        ("---\na: x\n---\n", {"a": "y"}, "---\na: y\n---\n"),
        ("---\na: x\n---\n", {"body": "y"}, "---\na: x\n---\ny\n"),
        ("\ufeffa: x\nb: y\n", {"b": "z"}, "\ufeffa: x\nb: z\n"),
    ],
)
def test_yaml_as_people_write_it_is_kept(source: str, changes: dict[str, Any], written: str):
    assert rewrite(source, changes) == written


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a: &x one\nb: *x\n", {"a": "two"}),  # the anchor would be lost
        ("a: &x one\nb: *x\n", {"b": "two"}),  # the other place would change
        ("a: x\na: y\n", {"a": "z"}),
        ("a: x\n", {"a.b": "z"}),
        ("- x\n", {"a": "z"}),
        ("a: {b: x, c: y}\n", {"a.b": None}),
        (TOPIC, {"body": " "}),
    ],
)
def test_a_place_that_cannot_change_alone_is_refused(source: str, changes: dict[str, Any]):
    with pytest.raises(CannotWrite, match="with an editor"):
        rewrite(source, changes)


@settings(max_examples=40)
@given(st.text(min_size=1).filter(lambda text: text.isprintable() or "\n" in text))
@example("yes")
@example("---")
@example(" x ")
@example("\u2028\u0085\ufeff")
@example("كۈندە 4 تىن: #1")
@example("${name} 'a' \"b\" \\n")
def test_any_words_are_read_back_as_they_were_given(words: str):
    try:
        written = rewrite(TOPIC, {"title": words, "call.emergency": words, "questions": ["怎么办", words]})
    except CannotWrite:
        pytest.fail(f"refused {words!r}")

    assert (values(written)["title"], values(written)["call"]["emergency"], values(written)["questions"][1]) == (words,) * 3
    assert written.endswith(TOPIC[TOPIC.index("# the end") :])


def folder(tmp_path: Path) -> dict[Path, bytes]:
    (tmp_path / "a.yml").write_bytes(b"a")
    (tmp_path / "a.yml").chmod(0o640)
    (tmp_path / "b.yml").write_bytes(b"b")
    return {tmp_path / "a.yml": b"new a", tmp_path / "b.yml": b"new b", tmp_path / "c.yml": b"new c"}


def state(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}


def test_all_files_are_saved_with_the_rights_they_had(tmp_path: Path):
    save_all(folder(tmp_path))

    assert state(tmp_path) == {"a.yml": b"new a", "b.yml": b"new b", "c.yml": b"new c"}
    assert (tmp_path / "a.yml").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files, synced = folder(tmp_path), []

    def full(number: int) -> None:
        synced.append(number)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        save_all(files)

    assert state(tmp_path) == {"a.yml": b"a", "b.yml": b"b"}


def test_a_file_that_cannot_be_replaced_takes_the_others_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files, replace = folder(tmp_path), Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "c.yml":
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(OSError, match="Input/output"):
        save_all(files)

    assert state(tmp_path) == {"a.yml": b"a", "b.yml": b"b"}
