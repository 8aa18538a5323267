"""What an editor is told: every mistake at once, each with file, line, what is wrong and how to mend it."""

import re
from pathlib import Path

import pytest
import yaml

from care.kit.settings import ROOT
from care.supervisor.content import check_content
from tests.content.breaking import change, karez, keys_of, rewrite, without_key

TOLD = re.compile(r"content/[\w/.-]+:\d+: .+: .+")
PLAN = Path("plans", "capecitabine-14-7.yml")
FEVER = Path("ug", "topics", "fever-infection.md")
# One file of each kind.
KINDS = [
    *("phrases.yml", "topics.yml", "numbers.yml", "alarms.yml", str(PLAN), "kk/arabic.yml", str(FEVER)),
    *(f"ug/{name}.yml" for name in ("phrases", "alarms", "intents", "reasons", "speech")),
]


def told(words: Path) -> list[str]:
    return [str(problem) for problem in check_content(words)[1]]


def test_the_words_of_this_project_are_good():
    said = karez("content", "check", str(ROOT / "content"))

    assert (said.returncode, said.stdout) == (0, "")
    assert said.stderr.startswith("Good: ")


def test_the_command_tells_all_mistakes_of_all_files_at_once(words: Path):
    phrase = without_key(words / "kk" / "phrases.yml", "menu")
    change(words / FEVER, "---\n", "")
    name = change(words / "zh" / "phrases.yml", "${clock}", "${hospital}")
    gap = change(words / PLAN, "min_gap_hours: 10", "min_gap_hours: ten")

    said = karez("content", "check", str(words))

    assert said.returncode == 1
    assert said.stdout.splitlines() == [
        f"content/kk/phrases.yml:1: the phrase menu is missing: add it ({where_of(words, 'menu')})",
        f"content/ug/topics/fever-infection.md:1: the header is broken: {HEADER}",
        f"content/zh/phrases.yml:{name}: placeholders of {phrase_at(words, name)} differ: {ALL_OF_IT}",
        f"content/plans/capecitabine-14-7.yml:{gap}: activities.1.slots.min_gap_hours is `ten`: write a number",
    ]
    assert said.stderr == "4 problems.\n"
    assert phrase > 1


HEADER = "begin the file with a line ---, then the header, then a line ---"
ALL_OF_IT = "use exactly: ${clock}, ${hour}, ${medicine}"


def where_of(words: Path, key: str) -> str:
    return str(yaml.safe_load((words / "phrases.yml").read_text("utf-8"))[key]["where"])


def phrase_at(words: Path, line: int) -> str:
    return (words / "zh" / "phrases.yml").read_text("utf-8").splitlines()[line - 1].split(":")[0]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (PLAN, "capecitabine-14-7", "capecitabine", "id capecitabine is not the file's name"),
        (PLAN, "kind: medicine", "kind: tablets", "kind is `tablets`"),
        (PLAN, "anchor: cycle1-day1", "anchor: someday", "anchor someday is not in the plan"),
        (PLAN, '"1-14"', '"1-22"', "a day lies outside its cycle"),
        (PLAN, '"1-14"', '"14-1"', "never falls due"),
        (PLAN, '"1-14"', '"all"', "days cannot be read"),
        (PLAN, "cycles: 8", "cycles: -1", "cycles is `-1`"),
        (PLAN, '"20:00"', "20:00", "is `1200`"),  # YAML reads an unquoted hour as a number
        (PLAN, '"20:00"', '"24:00"', "24:00 is no hour"),
        (PLAN, '"20:00"', '"16:00"', "offers hours that its own gaps forbid"),
        (PLAN, "count: 2", "count: 3", "offers 2 hours for 3 doses a day"),
        (PLAN, "phrase: reminder-medicine", "phrase: reminder", "nobody wrote the phrase reminder"),
        (PLAN, "subject: medicine-capecitabine", "subject: aspirin", "nobody wrote the phrase aspirin"),
        (PLAN, "useful_for_min: 180", "useful_for_min: 0", "is useless at once"),
        (PLAN, "needs_confirmation: true", 'needs_confirmation: "no"', "needs_confirmation is `no`"),
        (PLAN, "confidence: verified\n  - key", "confidence: certain\n  - key", "confidence is `certain`"),
        (PLAN, "key: rest-week", "key: capecitabine", "capecitabine stands twice"),
        (PLAN, "rf-chest-pain", "rf-toothache", "the red flag rf-toothache is unknown"),
        (Path("numbers.yml"), '"120"', "120", "regions.CN.ambulance.number is `120`"),
        (Path("numbers.yml"), "  KZ:", "  RU:", "regions lacks KZ"),
        (Path("alarms.yml"), "tier: emergency", "tier: soon", "tier is `soon`"),
        (Path("alarms.yml"), "rf-chest-pain:", "rf-chest-ache:", "rf-chest-pain is in no tier"),
        (Path("topics.yml"), "id: fever-infection", "id: fever", "nobody asks for this topic"),
        (Path("ug/alarms.yml"), "always: true", "always: 5", "always is `5`"),
        (Path("ug/alarms.yml"), "rf-chest-pain:", "rf-chest-ache:", "no rule for rf-chest-pain"),
        (Path("ug/intents.yml"), "greet:", "hello:", "the intent greet is missing"),
        (Path("ug/reasons.yml"), "forgot:", "forget:", "the reason forgot is missing"),
        (Path("ug/speech.yml"), "ones:", "one:", "ones is missing"),
        (Path("ug/phrases.yml"), "\nmenu:", "\ngreet: x\nmenu:", "greet stands twice"),
        (Path("ug/phrases.yml"), '\nmenu: "', '\nmenu: "$', "placeholders of menu differ"),
        (FEVER, "${emergency_number}", "${number}", "a placeholder in call.emergency is unknown"),
        (FEVER, "id: fever-infection", "id: fever", "id is fever"),
        (FEVER, "\ntitle:", "\ntitel:", "the file lacks title"),
        (FEVER, "\nreview:", "\nreviewed:", "the header lacks review"),
    ],
)
def test_a_mistake_is_told_at_its_file(words: Path, file: Path, old: str, new: str, what: str):
    change(words / file, old, new)

    lines = [line for line in told(words) if what in line]

    assert lines, told(words)
    assert all(TOLD.fullmatch(line) for line in told(words))


ANY_FILE = ["no UTF-8", "control character", "a list", "a directory", "itself"]


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        *((kind, how) for kind in KINDS for how in ("empty", "nothing in it", "cut off")),
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
# What has no wrong kind: notes for people, and what is only ever shown as it stands.
FREE = {"review", "revision", "follows", "tiers", "sources", "guidelines", "version", "now"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_kind_under_any_key_is_told_and_breaks_nothing(words: Path, kind: str):
    keys = [key for key in keys_of(words / kind) if key not in FREE]
    for number, key in enumerate(keys[:5]):
        before = (words / kind).read_text("utf-8")
        rewrite(words / kind, key, ODD[number % len(ODD)])
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
