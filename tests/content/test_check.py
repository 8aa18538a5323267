"""What an editor is told: every mistake at once, each with file, line, what is wrong and how to mend it."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from care.content.check_standing import warn_of_expired
from care.content.library import Library
from care.content.reading import LOADER
from care.content.review import digest, recording_of_topic
from care.content.skeleton import FILE
from care.kit.settings import ROOT
from care.studio.checking import check_all
from tests.content.breaking import TOLD, change, content, dump, karez, rewrite, split, told, without_key

PLAN = Path("plans", "capecitabine-14-7.yml")
ASKED, RULES = Path("checkins", "questionnaires.yml"), Path("checkins", "rules.yml")
FEVER = Path("ug", "topics", "fever-infection.md")
KAZAKH = Path("kk", "topics", "fever-infection.md")


def test_the_words_of_this_project_are_good():
    said = karez("content", "check", str(ROOT / "content"))

    assert said.returncode == 0, said.stdout
    assert all(": warning: " in line for line in said.stdout.splitlines())
    assert said.stderr.startswith("Good: ")


def test_the_command_tells_all_mistakes_of_all_files_at_once(words: Path):
    phrase = without_key(words / "kk" / "phrases.yml", "menu")
    change(words / FEVER, "---\n", "")
    name = change(words / "zh" / "phrases.yml", "${clock}", "${hospital}")
    gap = change(words / PLAN, "min_gap_hours: 10", "min_gap_hours: ten")

    said = content("check", str(words))

    assert said.exit_code == 1
    assert [line for line in said.stdout.splitlines() if ": warning: " not in line] == [
        f"content/kk/phrases.yml:1: the phrase menu is missing: add it ({where_of(words, 'menu')})",
        f"content/ug/topics/fever-infection.md:1: the header is broken: {HEADER}",
        f"content/zh/phrases.yml:{name}: placeholders of {phrase_at(words, name)} differ: {ALL_OF_IT}",
        f"content/plans/capecitabine-14-7.yml:{gap}: activities.1.slots.min_gap_hours is `ten`: write a number",
    ]
    assert said.stderr.startswith("4 problems, ")
    assert phrase > 1


HEADER = "begin the file with a line ---, then the header, then a line ---"
ALL_OF_IT = "use exactly: ${clock}, ${hour}, ${medicine}"


def where_of(words: Path, key: str) -> str:
    return str(yaml.load((words / "phrases.yml").read_text("utf-8"), LOADER)[key]["where"])


def phrase_at(words: Path, line: int) -> str:
    return (words / "zh" / "phrases.yml").read_text("utf-8").splitlines()[line - 1].split(":")[0]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (PLAN, "capecitabine-14-7", "capecitabine", "id capecitabine is not the file's name"),
        (PLAN, "kind: medicine", "kind: tablets", "kind is `tablets`"),
        (PLAN, "anchor: cycle1-day1", "anchor: someday", "anchor someday is not in the plan"),
        (ASKED, "plans: [capecitabine-14-7]", "plans: [capecitabine]", "the plan capecitabine is unknown"),
        (RULES, "plans: [capecitabine-14-7]", "plans: [capecitabine]", "the plan capecitabine is unknown"),
        (PLAN, '"1-14"', '"1-22"', "a day lies outside its cycle"),
        (PLAN, 'cycles: 8, on_days: "1-14"', 'cycles: 0, on_days: "1-14"', "never falls due"),
        (PLAN, '"1-14"', '"all"', "days cannot be read"),
        (PLAN, '"1-14"', '"1-5,14-10"', "days run backwards ('14-10'): write on_days as 10-14"),
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
        (Path("messages.yml"), '"10:00"', '"22:30"', "the question falls into the quiet hours"),
        (Path("messages.yml"), "after: leave, over_cap: next-day", "after: forget, over_cap: next-day", "after is `forget`"),
        (Path("messages.yml"), "  topic:", "  tropic:", "tropic is no kind of message"),
        (
            Path("messages.yml"),
            "question: {after: leave, over_cap: send",
            "question: {after: leave, over_cap: drop",
            "may not wait",
        ),
        (Path("alarms.yml"), "tier: emergency", "tier: soon", "tier is `soon`"),
        (Path("alarms.yml"), "\nsources:", "\nsources: none\nother:", "sources is `none`"),
        (Path("alarms.yml"), "rf-chest-pain:", "rf-chest-ache:", "rf-chest-pain is in no tier"),
        (Path("topics.yml"), "id: fever-infection", "id: fever", "nobody asks for this topic"),
        (Path("ug/alarms.yml"), "always: true", "always: 5", "always is `5`"),
        (Path("ug/alarms.yml"), "rf-chest-pain:", "rf-chest-ache:", "no rule for rf-chest-pain"),
        (Path("ug/intents.yml"), "greet:", "hello:", "the intent greet is missing"),
        (Path("ug/reasons.yml"), "forgot:", "forget:", "the reason forgot is missing"),
        (Path("ug/speech.yml"), "ones:", "one:", "ones is missing"),
        (Path("ug/speech.yml"), "\ntens: [", "\ntens: []\nothers: [", "tens has 0 words: give 10"),
        (Path("ug/phrases.yml"), "\nmenu:", "\ngreet: x\nmenu:", "greet stands twice"),
        (Path("ug/phrases.yml"), '\nmenu: "', '\nmenu: "$', "placeholders of menu differ"),
        (FEVER, "${emergency_number}", "${number}", "a placeholder in call.emergency is unknown"),
        (FEVER, "id: fever-infection", "id: fever", "id is fever"),
        (FEVER, "\ntitle:", "\ntitel:", "the file lacks title"),
        (FEVER, "\nreview:", "\nreviewed:", "the header lacks review"),
        (FEVER, "unreviewed", "{by: reviewer-2, on: 2026-11-30}", "the signature is not whole"),
        (FEVER, "unreviewed", "{by: x, on: 2026-11-30, until: 2026-11-29, of: '00000000'}", "ends before it was given"),
        (FEVER, "zh@", "zh@9", ", zh is at "),
        (FEVER, "follows: zh@", "follows: zh ", "follows is `zh 1`"),
        (FEVER, "follows: zh@", "follows: kk@", "it follows kk, where there is no source"),
        (FEVER, "title: ", "title: <b>", "`<b` in title is markup"),
        (FEVER, "title: ", "title: x&amp;", "`&amp;` in title is markup"),
        (FEVER, "title: ", "title: CTى ", "mixes Arabic and Latin letters"),
        (FEVER, "title: ", "title: اچىق ", "begins with a bare vowel"),
        (KAZAKH, "title: ", "title: ѣт ", "as kk-Arab: "),
        (KAZAKH, "title: ", "title: тaмақ ", "mixes Cyrillic and Latin letters"),
    ],
)
def test_a_mistake_is_told_at_its_file(words: Path, file: Path, old: str, new: str, what: str):
    change(words / file, old, new)

    lines = told(words)

    assert [line for line in lines if what in line], lines
    assert all(TOLD.fullmatch(line) for line in lines), lines


def in_the_text(file: Path, old: str, new: str) -> None:
    """Change what is told, wherever it is told, and leave the samples."""
    header, body = split(file)
    values = yaml.load(header, LOADER)
    for key in ("title", "summary"):
        values[key] = values[key].replace(old, new)
    values["call"] = {when: said.replace(old, new) for when, said in values["call"].items()}
    file.write_text(f"---\n{dump(values)}---\n{body.replace(old, new)}", "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("38", "39", ["the number 39.0 stands here and not in zh", "the number 38.0 of zh is missing"]),
        ("گرادۇس", "سائەت", ["38.0 is hour here and degree in zh"]),
    ],
)
def test_numbers_and_units_that_differ_from_the_source_are_told(words: Path, old: str, new: str, what: list[str]):
    in_the_text(words / FEVER, old, new)

    lines = [line for line in told(words) if line.startswith("content/ug/topics/fever-infection.md:")]
    assert [each for each in what if not any(each in line for line in lines)] == [], lines


@pytest.mark.parametrize(
    ("file", "title", "what"),
    [
        (FEVER, "Қызу көтерілсе не істеу керек және қайда бару керек", "title is not in ئۇيغۇرچە: it looks like Cyrl"),
        (FEVER, "قىزۋ كوتەرىلسە نە ىستەۋ كەرەك جانە قايدا بارۋ كەرەك", "title is not in ئۇيغۇرچە: it looks like kk"),
        (KAZAKH, "Что делать при температуре и куда звонить ночью", "title is not in Қазақша: it looks like other"),
        (KAZAKH, "发烧了怎么办，夜里该给谁打电话，什么时候去医院", "title is not in Қазақша: it looks like Hans"),
    ],
)
def test_a_text_in_another_language_than_its_folder_is_told(words: Path, file: Path, title: str, what: str):
    rewrite(words / file, "title", title)

    lines = told(words)
    assert any(what in line for line in lines), lines


def warned(words: Path, today: date = date(2026, 12, 1)) -> list[str]:
    """Warnings beside the one of every shortened topic, that it has few questions.  Nothing is wrong."""
    library, problems = check_all(words)
    warn_of_expired(library, today, problems)
    assert problems.found == []
    assert all(TOLD.fullmatch(str(each)) for each in problems.warnings)
    return [str(each) for each in problems.warnings if "2 sample questions" not in each.what]


def test_a_shortened_library_has_nothing_else_to_warn_of(words: Path):
    assert [each for each in warned(words) if "alarms.yml" not in each] == []


@pytest.mark.parametrize("how", ["no file", "an empty one"])
def test_a_topic_missing_in_one_language_is_a_warning_and_speaks_on_in_the_others(words: Path, how: str):
    (words / FEVER).unlink()
    if how == "an empty one":
        (words / FEVER).write_text(FILE.format(id="fever-infection", since="follows: zh@1"), "utf-8")

    assert any(
        each.startswith("content/ug/topics/fever-infection.md:1: warning: fever-infection is not wr") for each in warned(words)
    )
    library = Library.load(words)
    assert (library.has_topic("ug-Latn", "fever-infection"), library.has_topic("kk-Arab", "fever-infection")) == (False, True)
    assert "fever-infection" not in library.topics_in("ug-Arab")


def test_a_body_too_short_to_help_is_a_warning_in_words_and_in_characters(words: Path):
    header, _ = split(words / "zh" / "topics" / "fever-infection.md")
    (words / "zh" / "topics" / "fever-infection.md").write_text(f"---\n{header}---\n{'好' * 32}\n", "utf-8")
    line = header.count("\n") + 3

    expected = f"content/zh/topics/fever-infection.md:{line}: warning: the body has 20 words, at 1.6 characters a word: "
    found = [str(each) for each in check_all(words)[1].warnings]
    assert any(each.startswith(expected) for each in found), found


def test_a_translation_behind_its_source_is_a_warning_and_its_old_numbers_are_no_error(words: Path):
    change(words / "zh" / "topics" / "fever-infection.md", "38", "39")
    rewrite(words / "zh" / "topics" / "fever-infection.md", "revision", 7)

    behind = [each for each in warned(words) if ", zh is at 7: translate what changed" in each]
    assert [each.partition(":")[0] for each in behind] == [f"content/{tag}/topics/fever-infection.md" for tag in ("kk", "ug")]


def test_a_signature_is_a_warning_from_the_day_after_its_last(words: Path):
    library = check_all(words)[0]
    of = digest(library.languages["ug"].topics["fever-infection"])
    last = date(2027, 11, 30)
    rewrite(words / FEVER, "review", {"by": "reviewer-2", "on": date(2026, 11, 30), "until": last, "of": of})

    assert not any("signature" in each for each in warned(words, last))
    assert any("its signature ran out on 2027-11-30" in each for each in warned(words, last + timedelta(days=1)))


def test_a_recording_of_other_words_is_a_warning(words: Path):
    folder, library = words / "ug" / "audio", check_all(words)[0]
    folder.mkdir()
    for name in (recording_of_topic(library.topic("ug-Arab", "fever-infection"), "120"), "fever-infection@0000000000000000"):
        (folder / f"{name}.mp3").write_bytes(b"")

    assert [each for each in warned(words) if "audio" in each] == [
        "content/ug/audio/fever-infection@0000000000000000.mp3:1: warning: this recording belongs to no text as it is now: "
        "record the text anew, or remove the file"
    ]


def test_warnings_alone_fail_a_strict_check_only(words: Path):
    easy, strict = content("check", str(words)), content("check", "--strict", str(words))

    assert (easy.exit_code, strict.exit_code) == (0, 1)
    assert easy.stdout == strict.stdout != ""
    assert re.fullmatch(r"Good: \d+ topic files and \d+ phrases in 3 languages, \d+ warnings\.\n", easy.stderr)
