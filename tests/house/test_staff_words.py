"""Every word of a staff page exists in every staff language, correctly written, and no code is ever shown.

Why: a nurse who reads `rf-no-urine` or half an English sentence at night has to guess what her patient has.
Mend: `make words` adds new words to api/locale/*/karez.po; translate the empty ones there, keeping {names} as they are.
Design: decision 8.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from api.console.own_numbers import OWN
from care.alarms.service import OUTCOMES, TIERS
from care.channels.base import Way, Why
from care.content.checkin_shapes import WAYS
from care.content.library import Library
from care.content.standing import Standing
from care.conversation.acts import ACTS
from care.conversation.buttons import DOSES, PLAIN, SOUND
from care.conversation.checkin_view import LEFT_OPEN, STATES
from care.languages.quality import letter_faults
from care.messages.overview import OVERDUE
from care.messages.types import Cause, Skip, State
from care.people.clocks import CLOCKS
from care.people.consent import PURPOSES
from care.people.words import LOCALE, LOCALES, NEAR_DAYS, StaffWords
from care.plans.endings import ENDED
from care.plans.pauses import PAUSES
from tests.house.house import Finding, judge
from tools import words

NAMED = re.compile(r"\{(\w*)\}")
OWN_LETTERS = {"zh": "\u4e00-\u9fff", "ug": "\u0621-\u06d5", "kk": "\u0400-\u04ff", "en": "A-Za-z"}
FOREIGN_MARKS = {
    "zh": re.compile(r"(?<=[\u4e00-\u9fff])[,.;:?!]"),
    "ug": re.compile(r"[,;?]"),
    "kk": re.compile(r"[،؛؟，。；：？！]"),
}
ABBREVIATIONS = re.compile(r"\bQR\b")
LATIN = re.compile(r"[A-Za-z]")
NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def read(locale: str) -> Catalog:
    with (LOCALE / locale / "karez.po").open("rb") as source:
        return read_po(source, locale=locale)


def listed(catalogue: Catalog) -> list[Message]:
    return [each for each in catalogue if each.id]


def stale(keys: dict[words.Key, list[str]]) -> Iterator[Finding]:
    """Catalogues that `make words` would change: words pages ask for and they lack, or that nobody asks for."""
    files = {"karez.pot": words.template(keys)} | {f"{each}/karez.po": words.catalogue(each, keys) for each in LOCALES}
    for file, made in files.items():
        if (LOCALE / file).read_bytes() != words.written(made):
            yield Finding(f"api/locale/{file}", 1, "is behind the pages: run `make words`")


def faults(locale: str, said: Message, english: str) -> Iterator[str]:
    """What is wrong with one word of one language, compared with what it says in English."""
    text = str(said.string)
    if not text.strip() or said.fuzzy:
        yield "is not translated"
        return
    if sorted(NAMED.findall(text)) != sorted(NAMED.findall(english)):
        yield f"names {NAMED.findall(text)}, the English words {NAMED.findall(english)}"
    yield from (f"{fault.what}: {fault.mend}" for fault in letter_faults(text, locale))
    spoken, english_words = NAMED.sub("", text), NAMED.sub("", english)
    if re.search(r"\w", english_words) and not re.search(f"[{OWN_LETTERS[locale]}]|\\d", spoken):
        yield "holds no letter of the language"
    if locale != "en" and LATIN.search(ABBREVIATIONS.sub("", spoken)):
        yield "has Latin letters left over"
    if locale in FOREIGN_MARKS and FOREIGN_MARKS[locale].search(spoken):
        yield "is punctuated as another language"


def untranslated(locale: str) -> Iterator[Finding]:
    english = {(each.context, each.id): str(each.string) for each in listed(read("en"))}
    for each in listed(read(locale)):
        for fault in faults(locale, each, english.get((each.context, each.id), "")):
            yield Finding(f"api/locale/{locale}/karez.po", each.lineno or 1, f"{each.id} {fault}")


def wrong_names() -> Iterator[Finding]:
    """Sentences about a problem that ask for a fact nobody hands them: the page would break instead of explaining."""
    given = words.problems()
    for each in listed(read("en")):
        if each.context == "problem" and (more := set(NAMED.findall(str(each.string))) - given[str(each.id)][1]):
            yield Finding("api/locale/en/karez.po", each.lineno or 1, f"{each.id} needs {', '.join(more)}, which is not given")


def strange_kinds() -> Iterator[Finding]:
    """Pages that name a code of a kind without words."""
    kinds = words.terms()
    for path in sorted(words.TEMPLATES.rglob("*.html")):
        for place, call in words.calls(path, "term"):
            file, _, line = place.partition(":")
            first = call.args[0]
            if not isinstance(first, nodes.Const) or first.value not in kinds:
                yield Finding(file, int(line), "names a code of a kind that tools/words.py does not list")


def test_staff_words() -> None:
    found = [*stale(words.asked()), *wrong_names(), *strange_kinds()]

    judge(__doc__, found + [each for locale in LOCALES for each in untranslated(locale)])


def closed_lists(library: Library) -> Iterator[tuple[str, str]]:
    """Every code the code itself knows by a closed list, so that none depends on how the words are collected."""
    lists = {
        "tier": TIERS,
        "flag": library.alarms,
        "outcome": OUTCOMES,
        "purpose": PURPOSES,
        "clock": CLOCKS,
        "message": words.KINDS,
    }
    lists |= {
        "state": [*State, OVERDUE],
        "why": [*Cause, *Skip],
        "way": Way,
        "another-way": [each for each in Why if each],
        "act": ACTS,
        "standing": Standing,
        "problem": words.problems(),
    }
    lists |= {"date": NEAR_DAYS.values(), "month": range(1, 13), "dose": ["due", "taken", "missed", "unanswered"]}
    lists |= {"button": [*PLAIN, *(f"dose:{each}" for each in DOSES), *(f"audio:{each}" for each in SOUND)]}
    lists["button"] += ["checkin", *(f"checkin:{each}" for each in WAYS)]
    lists |= {"check-in": STATES, "left-open": LEFT_OPEN}
    lists |= {"pause": PAUSES, "ended": ENDED, "own": OWN, "change": words.changes_made()}
    lists |= {"anchor": [anchor for plan in library.plans.values() for anchor in plan.anchors]}
    lists |= {"reason": [key.removeprefix("reason-") for key in library.catalogue.values if key.startswith("reason-")]}
    yield from ((kind, str(code)) for kind, codes in lists.items() for code in codes)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_code_is_ever_shown(locale: str, library: Library) -> None:
    said, facts = StaffWords(locale, NOON), words.problems()
    nobody = said.term("any", "other")
    shown = {}
    for kind, code in closed_lists(library):
        names = dict.fromkeys(facts[code][1], "7") if kind == "problem" else {}
        shown[kind, code] = said.term(kind, code, **names)

    assert {key for key, text in shown.items() if text == nobody and key[1] != "other"} == set()
    assert {key for key, text in shown.items() if "{" in text or re.search(r"\w[-:_]\w+[-:_]\w", text)} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_code_nobody_named_reads_other(locale: str) -> None:
    said = StaffWords(locale, NOON)

    assert said.term("flag", "rf-of-next-year") == said.term("any", "other") != "rf-of-next-year"


def test_a_clumsy_word_is_found() -> None:
    def found(locale: str, text: str, english: str = "Now {hour}") -> list[str]:
        return list(faults(locale, Message("x", text), english))

    assert found("kk", "") == ["is not translated"]
    assert found("kk", "қазір {saat}") == ["names ['saat'], the English words ['hour']"]
    assert found("ug", "ھازىر {hour}") == []
    assert [each.split(":")[0] for each in found("ug", "اتا {hour}")] == ["اتا begins with a bare vowel"]
    assert found("ug", "ھازىر, {hour}") == ["is punctuated as another language"]
    assert found("zh", "now {hour}") == ["holds no letter of the language", "has Latin letters left over"]
    assert found("en", "{hour}") == ["holds no letter of the language"]


def test_a_word_that_is_new_on_a_page_is_missed_in_every_catalogue() -> None:
    new = words.asked() | {(None, "Good morning"): ["api/templates/console/base.html:1"]}

    assert [each.file.removeprefix("api/locale/") for each in stale(new)] == [
        "karez.pot",
        *(f"{each}/karez.po" for each in LOCALES),
    ]
