"""Check-ins: what is asked, what an answer sets off, and what an editor is told who breaks one."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from care.content.check_checkin_words import check_words
from care.content.check_checkins import Known
from care.content.checkin_shapes import WORDS
from care.content.checkin_types import CheckIns, Condition, Item
from care.content.checkin_words import CheckInWords, Offered
from care.content.checkins import no_answers, question, read_checkins
from care.content.library import Library
from care.content.reading import LOADER, Page, read_yaml
from care.content.shape import check_shape
from care.content.types import Problems
from care.kit.settings import ROOT
from tests.content.breaking import change

ITEMS, QUESTIONNAIRES, RULES, REPLIES = (
    Path("checkins", f"{name}.yml") for name in ("items", "questionnaires", "rules", "replies")
)
ZH = Path("zh", "checkins.yml")


def yml(name: str) -> dict[str, dict[str, dict[str, str]]]:
    read: dict[str, dict[str, dict[str, str]]] = yaml.load((ROOT / "content" / name).read_text("utf-8"), LOADER)
    return read


@pytest.fixture(scope="module")
def known() -> Known:
    topics, alarms = yml("topics.yml"), yml("alarms.yml")
    tiers = {flag: entry["tier"] for flag, entry in alarms["flags"].items()}
    plans = {plan for fact in yml("checkins/questionnaires.yml")["questionnaires"].values() for plan in fact["plans"]}
    sources = frozenset({**topics["sources"], **alarms["sources"]})
    return Known(frozenset(topic["id"] for topic in topics["topics"]), tiers, sources, frozenset(plans))  # type: ignore[index]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Check-ins of one's own to break."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content" / "checkins", folder / "checkins")
    (folder / "zh").mkdir()
    shutil.copy(ROOT / "content" / ZH, folder / ZH)
    return folder


def told(folder: Path, known: Known, broken: Path) -> list[str]:
    """What is said of a broken file.  The words are only read with those files they lean on: that takes half the time."""
    if broken in (ITEMS, REPLIES, ZH):
        return read(folder, known)[2]
    problems = Problems()
    read_checkins(folder, problems, known)
    return [str(problem) for problem in problems.found]


def read(folder: Path, known: Known) -> tuple[CheckIns, Page, list[str]]:
    problems = Problems()
    checkins = read_checkins(folder, problems, known)
    page = read_yaml(folder / ZH, folder, problems)
    check_shape(page, WORDS, problems)
    check_words("zh", page, checkins, problems)
    return checkins, page, [str(problem) for problem in problems.found]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "content")


@pytest.fixture(scope="module")
def checkins(known: Known) -> CheckIns:
    found, _, lines = read(ROOT / "content", known)
    assert lines == []
    return found


@pytest.fixture(scope="module")
def chinese(known: Known) -> Page:
    return read(ROOT / "content", known)[1]


def tier_of(checkins: CheckIns, item: Item, answer: str | float) -> str:
    """What one answer sets off by itself, without a history and without other answers."""
    alone = Condition()
    met = [
        rule
        for rule in checkins.rules_of(item)
        if any(each.fits(answer) and replace(each, is_=None, low=None, high=None, below=None) == alone for each in rule.when)
    ]
    worst = checkins.worst(met)
    return worst.tier if worst else ""


def test_the_thirteen_questionnaires_ask_the_42_items_of_the_draft_and_three_follow_ups(checkins: CheckIns):
    asked = {item for each in checkins.questionnaires.values() for item in each.items}
    follow_ups = {item.id for item in checkins.items.values() if item.is_follow_up}

    assert (len(checkins.questionnaires), len(checkins.items) - len(follow_ups)) == (13, 42)
    assert checkins.items.keys() - asked == {"pi-mouth-int", *follow_ups}
    assert follow_ups == {"pi-saliva", "pi-no-stool", "pi-extra-dose"}
    assert [item.id for item in checkins.follow_ups("pi-mouth")] == ["pi-mouth-int"]


@pytest.mark.parametrize(
    ("item", "answers"),
    [
        ("pi-temp", {35.9: "", 37.4: "", 37.5: "urgent-1h", 37.9: "urgent-1h", 38.0: "emergency", 41.0: "emergency"}),
        ("pi-chills", {"yes": "emergency", "no": ""}),
        ("pi-fluids", {"yes": "", "no": "urgent-1h"}),
        ("pi-vomit", {0: "", 1: "", 2: "same-day", 5: "same-day", 6: "urgent-1h"}),
        ("pi-diarrhea", {0: "", 1: "self-care", 3: "self-care", 4: "urgent-1h", 6: "urgent-1h", 7: "emergency"}),
        ("pi-pain", {0: "self-care", 3: "self-care", 4: "same-day", 6: "same-day", 7: "urgent-1h", 10: "urgent-1h"}),
        ("pi-nausea", {0: "self-care", 1: "self-care", 2: "next-working-day", 3: "same-day", 4: "urgent-1h"}),
        ("pi-breath", {2: "next-working-day", 3: "urgent-1h", 4: "emergency"}),
        ("pi-sedation", {2: "next-working-day", 3: "urgent-1h", 4: "emergency"}),
        ("pi-swallow", {2: "next-working-day", 3: "same-day", 4: "urgent-1h"}),
        ("pi-saliva", {"yes": "", "no": "emergency"}),
        ("pi-handfoot", {1: "self-care", 2: "same-day", 4: "urgent-1h"}),
        ("pi-vag-bleed", {1: "self-care", 2: "same-day", 3: "same-day", 4: "emergency"}),
        ("pi-eye", {2: "next-working-day", 3: "urgent-1h"}),
        ("pi-mouth-int", {2: "next-working-day", 3: "same-day"}),
        ("pi-selfharm", {"yes": "emergency", "no": ""}),
        ("pi-caregiver", {10: ""}),
    ],
)
def test_what_an_answer_sets_off(checkins: CheckIns, item: str, answers: dict[str | float, str]):
    assert {answer: tier_of(checkins, checkins.items[item], answer) for answer in answers} == answers


def test_no_emergency_is_lost_when_levels_are_moved(checkins: CheckIns):
    emergencies = {rule.id for rule in checkins.rules if rule.tier == "emergency"}

    assert emergencies == {
        *("temp-fever", "temp-warm-and-ill", "temp-low-and-ill", "chills", "diarrhea-7", "breath-4", "sedation-4"),
        *("confusion", "saliva-stuck", "vag-bleed-4", "extra-dose", "selfharm"),
    }


def test_a_fever_begins_where_it_begins_in_typed_words(checkins: CheckIns):
    limits = yml("numbers.yml")["temperature"]
    fever, warm = (next(rule for rule in checkins.rules if rule.id == name) for name in ("temp-fever", "temp-warm"))

    assert (fever.when[0].low, warm.when[0].low, warm.when[0].below) == (
        *(limits["fever_from"], limits["warm_from"], limits["fever_from"]),
    )


def test_self_harm_is_asked_of_the_patient_alone_and_only_where_somebody_can_answer(checkins: CheckIns):
    asked = [item for item in checkins.items.values() if item.needs == "live-response"]

    assert [(item.id, item.who, item.is_private) for item in asked] == [("pi-selfharm", "patient", True)]
    assert [each.id for each in checkins.questionnaires.values() if "pi-selfharm" in each.items] == ["q-distress"]


def test_no_answer_is_its_own_and_never_a_no(checkins: CheckIns, chinese: Page):
    for item in checkins.items.values():
        given = {answer.value for answer in question(chinese, item).answers}
        assert given == set(item.values)
        assert not given & {answer.value for answer in no_answers(chinese, item)}
    assert [each.value for each in no_answers(chinese, checkins.items["pi-temp"])] == ["skip", "not-measured"]


def test_a_question_brings_its_own_answers_or_those_of_its_kind(checkins: CheckIns, chinese: Page):
    breath, chills = (question(chinese, checkins.items[name]) for name in ("pi-breath", "pi-chills"))

    assert (breath.answers[4].button, chills.answers[0].button) == ("坐着不动也喘", "有")
    assert "${recall}" in breath.ask


def offered(library: Library, tag: str) -> list[tuple[CheckInWords, Item, Offered]]:
    """Every button of every question in one form that has words, and no number, on it."""
    words = CheckInWords(library, tag)
    pressed = [(item, button) for item in library.checkins.items.values() for button in words.buttons(item)]
    return [(words, item, button) for item, button in pressed if not button.value.isdigit() or item.values]


def test_whoever_types_the_words_of_a_button_is_understood_in_every_form(library: Library):
    mistaken = [
        (tag, item.id, button.text.text)
        for tag in library.forms
        for words, item, button in offered(library, tag)
        if words.meant(item, button.text.text) != button.value
    ]

    assert mistaken == []


@pytest.mark.parametrize(
    ("item", "said", "meant"),
    [
        ("pi-nausea", "一点也不恶心", "0"),
        ("pi-nausea", "恶心得厉害", "3"),
        ("pi-nausea", "不厉害", "1"),
        ("pi-nausea", "昨天去赶集了", None),
        ("pi-appetite", "没有胃口", "3"),
        ("pi-breath", "我爸坐着也喘", "4"),
        ("pi-constipation", "没有大便", "4"),
        ("pi-constipation", "三天没有", "4"),
        ("pi-fluids", "没有吐", "yes"),
        ("pi-fluids", "喝啥吐啥", "no"),
        ("pi-saliva", "咽不下去", "no"),
        ("pi-chills", "不知道", "skip"),
        ("pi-temp", "没有体温表", "not-measured"),
        ("pi-vomit", "三次", "3"),
        ("pi-vomit", "十一次", None),  # it holds "once"
    ],
)
def test_the_longest_word_decides_and_a_number_is_never_a_part_of_one(library: Library, item: str, said: str, meant: str | None):
    assert CheckInWords(library, "zh-Hans").meant(library.checkins.items[item], said) == meant


def test_a_question_says_the_time_it_asks_about_in_the_patients_script(library: Library):
    nausea, weekly = library.checkins.items["pi-nausea"], library.checkins.questionnaires["q-chemo-weekly"]
    asked = {tag: CheckInWords(library, tag).ask(nausea, weekly) for tag in library.forms}

    assert "过去 7 天" in asked["zh-Hans"].text
    assert all("7" in text.text and "$" not in text.text for text in asked.values())
    assert (asked["kk-Arab"].generated, asked["kk-Cyrl"].generated) == (True, False)
    assert asked["kk-Arab"].spoken == asked["kk-Cyrl"].text


def test_a_count_is_pressed_up_to_where_its_last_rule_begins(library: Library):
    diarrhea = library.checkins.items["pi-diarrhea"]
    buttons = [button.text.text for button in CheckInWords(library, "zh-Hans").buttons(diarrhea)]

    assert (buttons[0], buttons[7], len(buttons)) == ("0 次", "7 次或者更多", 9)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (ITEMS, "severity: {from: 0, to: 4}", "severity: {from: 1, to: 5}", "the scale severity is not so"),
        (ITEMS, "  pi-saliva:", "  pi-temp:", "pi-temp stands twice"),
        (ITEMS, "kind: yes-no", "kind: maybe", "kind is `maybe`"),
        (ITEMS, "kind: count", "kind: severity", "pi-vomit: has a range, and severity has its own"),
        (ITEMS, "kind: severity", "kind: count", "pi-nausea: has no range"),
        (ITEMS, "from: 34.0, to: 42.5", "from: 42.5, to: 34.0", "pi-temp: has a range that holds nothing"),
        (ITEMS, "offers: 6", "offers: 60", "pi-vomit: offers buttons it cannot take"),
        (ITEMS, "proctcae: PROCTCAE_9B_SCL", "ask_reason: true", "pi-nausea: asks for a reason of no count"),
        (ITEMS, "after: {item: pi-swallow, from: 4}", "who: anyone", "pi-saliva: follows nothing"),
        (ITEMS, "item: pi-swallow", "item: pi-gulp", "pi-saliva: follows pi-gulp, which nobody asks"),
        (ITEMS, "item: pi-swallow, from: 4", "item: pi-swallow, from: 5", "follows an answer that pi-swallow cannot have"),
        (ITEMS, "topic: mouth-sores", "topic: mouth", "pi-mouth: the topic mouth is unknown"),
        (ITEMS, "source: own", "source: hearsay", "pi-temp: source hearsay is unknown"),
        (ITEMS, "no_rule:", "loinc:", "pi-pain-relief: nobody listens to the answer"),
        (ITEMS, "loinc: 8310-5", "no_rule: why not", "pi-temp: says no rule, and temp-fever is one"),
        (ITEMS, "needs: live-response", "needs: luck", "needs is `luck`"),
        (ITEMS, "    needs: live-response\n", "", "pi-selfharm: is asked where nobody may be there to answer"),
        (ITEMS, "who: patient", "who: relative", "pi-selfharm: is asked where nobody may be there to answer"),
        (ITEMS, "only_if_measured:", "if_measured:", "if_measured is no name we know"),
        (QUESTIONNAIRES, "recall: 24-hours", "recall: yesterday", "recall is `yesterday`"),
        (QUESTIONNAIRES, "pi-line]", "pi-lines]", "q-chemo-nadir: the item pi-lines is unknown"),
        (QUESTIONNAIRES, "pi-line]", "pi-temp]", "q-chemo-nadir: pi-temp stands twice"),
        (QUESTIONNAIRES, "pi-line]", "pi-bruise]", "nobody asks pi-line"),
        (QUESTIONNAIRES, "pi-line]", "pi-line, pi-saliva]", "pi-saliva is asked by itself, and follows another"),
        (QUESTIONNAIRES, "plans: [nsclc-egfr-tki]", "plans: [lung]", "q-egfr: the plan lung is unknown"),
        (QUESTIONNAIRES, "proxy: true", 'proxy: "yes"', "proxy is `yes`"),
        (RULES, "id: scale-2,", "id: scale-0-1,", "scale-0-1 stands twice"),
        (RULES, "of: pi-chills", "of: pi-chill", "chills: listens to pi-chill, which nobody asks"),
        (RULES, "when: {from: 38.0}", "when: {form: 38.0}", "form is no name we know"),
        (RULES, "when: {from: 38.0}", "when: {}", "temp-fever: is always met"),
        (RULES, "when: {from: 38.0}", "when: {treatment: [opioid]}", "temp-fever: is always met"),
        (RULES, "when: {from: 38.0}", "when: {from: 43.0}", "temp-fever: is never met"),
        (RULES, "when: {from: 38.0}", "when: {missed: 2}", "temp-fever: missed says nothing of pi-temp"),
        (RULES, 'when: {is: "yes"}', "when: {is: yes}", "is `True`"),
        (RULES, 'when: {is: "yes"}', "when: {is: 4}", "chills: is never met"),
        (RULES, "rose_by: 2}, tier", "rose: 2}, tier", "rose is no name we know"),
        (RULES, "fell_percent: 2", "missed_in_a_row: 2", "weight-fell: missed_in_a_row says nothing of pi-weight"),
        (RULES, "tier: emergency", "tier: soon", "tier is `soon`"),
        (RULES, "flag: rf-cannot-keep-fluids", "flag: rf-thirst", "fluids: the red flag rf-thirst is unknown"),
        (RULES, "    flag: rf-rigors-unwell\n    differs", "    differs", "temp-warm: differs from no flag"),
        (RULES, "    differs: a little", "    #", "temp-warm: is urgent-1h, and rf-rigors-unwell is emergency"),
        (
            RULES,
            "flag: rf-fever-on-treatment",
            "flag: rf-fever-on-treatment\n    differs: so",
            "temp-fever: differs from nothing",
        ),
        (RULES, "advice: measure-again", "advice: measure", "temp-warm: says measure, which nobody wrote"),
        (RULES, "    advice: before-next-dose\n", "", "diarrhea-4: has advice_for without advice"),
        (RULES, "advice_for: [capecitabine, immune]", "advice_for: [tea]", "diarrhea-4: asks of tea, which nobody knows"),
        (RULES, "plans: [capecitabine-14-7]", "plans: [capecitabine]", "capecitabine: the plan capecitabine is unknown"),
        (RULES, "source: phq-item9", "source: phq", "selfharm: source phq is unknown"),
        (RULES, "confidence: verified", "confidence: certain", "confidence is `certain`"),
        (REPLIES, "  urgent-1h:", "  urgent:", "temp-warm: says urgent-1h, which nobody wrote"),
        (REPLIES, "names: [number]", "names: number", "names is `number`"),
        (ZH, "  q-pain:", "  q-ache:", "q-pain is missing in questionnaires"),
        (ZH, "  q-pain:", "  q-ache:", "nobody asks for q-ache"),
        (ZH, "  pi-line:", "  pi-lines:", "pi-line is missing in items"),
        (ZH, "  noted:", "  note:", "noted is missing in replies"),
        (ZH, "  7-days:", "  8-days:", "recall lacks 7-days"),
        (ZH, "${recall}，恶心", "恶心", "placeholders of items.pi-nausea.ask differ"),
        (ZH, 'ask: "今天量', 'ask: "${recall}，今天量', "placeholders of items.pi-temp.ask differ"),
        (ZH, "${emergency_number}", "${number}", "placeholders of replies.nobody-on-duty differ"),
        (ZH, 'last: "${count}', 'last: "$${count}', "placeholders of counts.last differ"),
        (ZH, '    "yes": {button: 有,', "    yes: {button: 有,", "answers.yes-no has a yes or no without quotes"),
        (ZH, "      4: {button: 解不出来", "      5: {button: 解不出来", "items.pi-constipation.answers has other answers"),
        (ZH, "words: [没有, 没, 没事", "words: [没有, 没, 有点", "有点 means 0 and 1"),
        (ZH, "words: [不答", "words: [受不了, 不答", "受不了 means 4 and skip"),
        (ZH, "  0: [零", "  11: [零", "0 is missing in numbers"),
        (ZH, "button: 没有, words", "button: '', words", "button is empty"),
        (ZH, "恶心不恶心", "恶\u200b心不恶心", "holds an invisible direction"),
    ],
)
def test_a_mistake_is_told_at_its_file_and_line(mine: Path, known: Known, file: Path, old: str, new: str, what: str):
    change(mine / file, old, new)

    lines = told(mine, known, file)

    found = [line for line in lines if what in line]
    assert found, lines
    assert re.match(rf"content/(checkins|{file.parent})/\w+\.yml:\d+: .+: .+", found[0])


def test_the_line_is_the_one_of_the_rule(mine: Path, known: Known):
    at = change(mine / RULES, "  - id: chills\n    of: pi-chills", "  - id: chills\n    of: pi-chill")

    [line] = [line for line in told(mine, known, RULES) if "pi-chill," in line]

    assert line == (
        f"content/checkins/rules.yml:{at}: chills: listens to pi-chill, which nobody asks: "
        "use an item of items.yml, or every-scale, check-in, doses"
    )


@pytest.mark.parametrize("file", [ITEMS, QUESTIONNAIRES, RULES, REPLIES, ZH])
@pytest.mark.parametrize("broken", ["", "items: [", "- a list\n", None])
def test_a_file_nobody_can_read_is_one_clear_problem(mine: Path, known: Known, file: Path, broken: str | None):
    (mine / file).unlink() if broken is None else (mine / file).write_text(broken, "utf-8")

    lines = told(mine, known, file)

    assert len(lines) == 1
    assert re.match(rf"content/{file}:[12]: ", lines[0])
