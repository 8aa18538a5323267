"""Files no editor would write and a disk, a program or a tired hand leaves: each is told, and the rest is still read."""

from pathlib import Path

import pytest

from tests.content.breaking import TOLD, change, keys_of, rewrite, told

PLAN, FEVER = Path("plans", "capecitabine-14-7.yml"), Path("ug", "topics", "fever-infection.md")
# One file of each kind.
KINDS = [
    *("phrases.yml", "topics.yml", "numbers.yml", "alarms.yml", str(PLAN), "kk/arabic.yml", str(FEVER)),
    *(f"ug/{name}.yml" for name in ("phrases", "alarms", "intents", "reasons", "speech")),
]
ANY_FILE = ["nothing in it", "no UTF-8", "control character", "a list", "a directory", "itself"]


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        *((kind, how) for kind in KINDS for how in ("empty", "cut off")),
        *((kind, how) for kind in ("ug/phrases.yml", str(PLAN), str(FEVER)) for how in ANY_FILE),
    ],
)
def test_a_file_that_is_no_content_at_all_is_told_and_breaks_nothing(words: Path, kind: str, how: str):
    file = words / kind
    source = file.read_bytes()
    file.unlink()
    match how:
        case "empty":
            file.touch()
        case "nothing in it":
            file.write_bytes(b"{}\n")
        case "cut off":
            file.write_bytes(source[: len(source) // 4] + b"\n[")
        case "no UTF-8":
            file.write_bytes(b"\xff" + source)
        case "control character":
            file.write_bytes(source[:40] + b"\x01" + source[40:])
        case "a list":
            file.write_bytes(b"- a\n- b\n")
        case "a directory":
            file.mkdir()
        case _:
            file.write_bytes(b"all: &all\n  more: *all\n")

    lines = told(words)

    assert lines
    assert all(TOLD.fullmatch(line) for line in lines), lines


ODD: list[object] = [5, "", "words", [], {}, None, True, [3], {"a": 5}, {"a": {"b": [None]}}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_kind_under_any_key_is_told_and_breaks_nothing(words: Path, kind: str):
    # Half of the values for each kind of file, the other half for the next.
    odds = ODD[::2] if KINDS.index(kind) % 2 else ODD[1::2]
    for key, odd in zip(keys_of(words / kind)[:5], odds, strict=False):
        before = (words / kind).read_text("utf-8")
        rewrite(words / kind, key, odd)
        lines = told(words)
        (words / kind).write_text(before, "utf-8")

        assert all(TOLD.fullmatch(line) for line in lines), lines


@pytest.mark.parametrize(
    ("file", "key"),
    [("alarms.yml", "flags"), ("topics.yml", "topics"), ("ug/alarms.yml", "flags"), ("ug/alarms.yml", "negations")],
)
@pytest.mark.parametrize("odd", [[], {}, None], ids=str)
def test_no_list_that_keeps_a_patient_safe_can_be_emptied_unnoticed(words: Path, file: str, key: str, odd: object):
    rewrite(words / file, key, odd)

    assert any(f"{key} is empty" in line for line in told(words))


def test_an_unclosed_bracket_is_told_where_it_was_opened(words: Path):
    line = change(words / "ug" / "phrases.yml", "\nmenu: ", "\nmenu: [") + 1

    assert any(each.startswith(f"content/ug/phrases.yml:{line}: not readable as YAML") for each in told(words))
