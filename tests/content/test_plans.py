"""What an editor of a plan is told: no impossible schedule, no unknown name, no dose that breaks its own gap gets in."""

import shutil
from pathlib import Path

import pytest

from care.content.check_plan import Names
from care.content.plan_types import PlanTemplate
from care.content.plans import read_plans
from care.content.reading import read_yaml
from care.content.types import Problems
from care.kit.settings import ROOT
from tests.content.breaking import change

CAPECITABINE, BOWEL, PAIN = "capecitabine-14-7.yml", "colorectal-surveillance.yml", "opioid-pain-followup.yml"
CHOP, LIVER, RADIO, LUNG = "chop-21-cycle.yml", "hcc-resection-antiviral.yml", "radiotherapy-6w.yml", "nsclc-egfr-tki.yml"
IMPOSSIBLE = [
    (CAPECITABINE, "min_gap_hours: 10", "min_gap_hours: 13", "2 doses 13 hours apart are longer than a day"),
    (CAPECITABINE, "max_gap_hours: 14", "max_gap_hours: 9", "its max_gap_hours is shorter than its min_gap_hours"),
    (CAPECITABINE, '"1-14"', '"1-14,14"', "a day of the cycle stands twice"),
    (CAPECITABINE, '"1-14"', '"0-14"', "a day lies outside its cycle"),
    (CAPECITABINE, 'on_days: "1-14"}', 'on_days: "1-13"}', "does not begin on the day after the last dose"),
    (CAPECITABINE, "needs_confirmation: true", "needs_confirmation: false", "begins a new cycle by itself"),
    (CAPECITABINE, "cycle_days: 21, cycles: 8", "cycle_days: 28, cycles: 8", "counts other cycles than the rest of the plan"),
    (CAPECITABINE, "[-P2D,", "[-P1D, -P2D,", "its reminders are not in order"),
    (CAPECITABINE, "[-P2D,", "[P2D,", "the reminder P2D cannot be read"),
    (CAPECITABINE, "-P1D 20:00", "-P1D 25:00", "25:00 is no hour"),
    (CAPECITABINE, "window_days: 2", "window_days: 11", "its window of 11 days reaches into the next one"),
    (CAPECITABINE, "offsets_days: [-7]", "offsets_days: [-7, -9]", "offsets_days do not go up"),
    (CAPECITABINE, "offsets_days: [-7]", "every_weeks: 1", "give one of cycle_days"),
    (CAPECITABINE, "offsets_days: [-7]", "offsets_days: [-7], every_days: 2", "not offsets_days and every_days"),
    (CAPECITABINE, "{day: 0, topic", "{day: 9, topic", "stands behind a later day"),
    (CAPECITABINE, "topic: missed-dose", "topic: missed", "the topic missed is unknown"),
    (CAPECITABINE, "questionnaire: q-capecitabine", "questionnaire: q-cape", "the questionnaire q-cape is unknown"),
    (CAPECITABINE, "source: medlineplus-capecitabine, name", "source: hearsay, name", "the source hearsay is unknown"),
    (CAPECITABINE, "    source: medlineplus-capecitabine\n", "", "is verified by nobody"),
    (CAPECITABINE, "    source: medlineplus-capecitabine\n", "    source: who-breast\n", "is none of the plan's guidelines"),
    (CAPECITABINE, "aim: cure", "aim: hope", "aim is `hope`"),
    (BOWEL, "from_month: 72", "from_month: 72, until_month: 60", "ends in month 60, before it begins in month 72"),
    (BOWEL, "every_months: 12", "every_months: 0", "never falls due"),
    (BOWEL, "relative_to: [colonoscopy-1,", "relative_to: [colonoscopy,", "is relative to colonoscopy, which is not in the plan"),
    (BOWEL, "relative_to: [colonoscopy-1,", "relative_to: [bowel-prep,", "is relative to bowel-prep, which is itself relative"),
    (PAIN, "every_days: 15", "every_days: 0", "never falls due"),
    (PAIN, "FREQ=DAILY", "FREQ=HOURLY", "the rrule says what plans do not know"),
    (PAIN, "FREQ=DAILY", "FREQ=DAILY;COUNT=0", "the rrule never falls due"),
    (PAIN, "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=31", "would leave out short months"),
    (PAIN, "FREQ=DAILY", "FREQ=DAILY;BYDAY=MO", "mixes FREQ=DAILY with days of something else"),
    (PAIN, "FREQ=DAILY", "daily", "the rrule cannot be read"),
    (PAIN, "as_prescribed: true", 'as_prescribed: "yes"', "as_prescribed is `yes`"),
    (PAIN, "kind: education", "kind: education\n    window_days: 3", "has a window, but nobody books it"),
    (LIVER, "kind: refill", "kind: medicine", "has no slots"),
    (RADIO, "    ask_hour: true\n", "    ask_hour: true\n    slots: {as_prescribed: true}\n", "has slots, but is no medicine"),
    (RADIO, "kind: self-care", "kind: self-care\n    reminders: [-PT3H]", "reminds hours before an hour that nobody knows"),
    (CHOP, '{rrule: "FREQ=WEEKLY;COUNT=18"}', '{rrule: "FREQ=WEEKLY;COUNT=18", start_day: soon}', "start_day is `soon`"),
    (LIVER, "act_on_first: running-out", "act_on_first: sometimes", "act_on_first is `sometimes`"),
    (LIVER, "act_on_first: running-out", "of: [question]", "ladder.of is no name we know"),
    (LIVER, "kind: refill", "kind: refill\n    ladder: {act_on_first: always}", "has a ladder, but nobody is asked"),
    (PAIN, "without: [relative, nurse]", "without: [relatives]", "without.1 is `relatives`"),
    (LUNG, "every_days: 56", "every_days: 56.5", "every_days is `56.5`"),
]


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """The plans, and the files whose names they use."""
    for name in ("plans", "checkins"):
        shutil.copytree(ROOT / "content" / name, tmp_path / "content" / name)
    for name in ("phrases.yml", "topics.yml", "alarms.yml"):
        shutil.copy(ROOT / "content" / name, tmp_path / "content" / name)
    return tmp_path / "content"


def read(words: Path) -> tuple[dict[str, PlanTemplate], Problems]:
    problems = Problems()
    pages = (read_yaml(words / name, words, problems) for name in ("phrases.yml", "topics.yml", "alarms.yml"))
    return read_plans(words, problems, Names.of(*pages)), problems


@pytest.mark.parametrize(("file", "old", "new", "what"), IMPOSSIBLE, ids=[what for *_, what in IMPOSSIBLE])
def test_what_cannot_be_is_told_at_its_line(words: Path, file: str, old: str, new: str, what: str):
    line = change(words / "plans" / file, old, new)

    told = [(problem.line, str(problem)) for problem in read(words)[1].found]

    assert any(what in said for _, said in told), told
    assert min(abs(number - line) for number, said in told if what in said) <= 20
    assert all(f"content/plans/{file}:" in said for _, said in told)


def test_a_plan_with_a_fault_is_told_and_the_others_are_read(words: Path):
    change(words / "plans" / PAIN, "FREQ=DAILY", "daily")
    change(words / "plans" / PAIN, "every_days: 30", "every_days: 0")

    plans, problems = read(words)

    assert len(problems.found) == 1  # what cannot be read is mended first
    assert PAIN.removesuffix(".yml") not in plans
    assert len(plans) == 11
