"""Checks what a patient hears of check-ins: every name, its placeholders, and answers that can be told apart."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from care.content.checkin_types import GRADED, YES_NO, CheckIns
from care.content.reading import Page
from care.content.types import Problems
from care.languages.quality import letter_faults
from care.languages.reading import canonical

NAME = re.compile(r"\$\{(\w+)\}")
VALUES = {**dict.fromkeys(GRADED, tuple(map(str, range(5)))), "yes-no": YES_NO}
Fault = tuple[str, str, str]  # where, what is wrong, how to mend it


def check_words(language: str, page: Page, checkins: CheckIns, problems: Problems) -> None:
    """Every fault of one language, at its line."""
    if not page.values or not checkins.items:
        return  # reported where it is read
    for where, what, mend in (*_names(page, checkins), *_placeholders(page, checkins), *_answers(page, checkins)):
        problems.add(page.file, page.line(where), what, mend)
    for where, what, mend in (*_told_apart(language, page, checkins), *_letters(language, page)):
        problems.add(page.file, page.line(where), what, mend)


def _names(page: Page, checkins: CheckIns) -> Iterator[Fault]:
    """The same names in every language."""
    for part, wanted in (("questionnaires", checkins.questionnaires), ("items", checkins.items), ("replies", checkins.replies)):
        if part in page.values and wanted:
            yield from _same(part, page.values[part], wanted)


def _same(part: str, found: Mapping[str, Any], wanted: Collection[str]) -> Iterator[Fault]:
    for name in (each for each in wanted if each not in found):
        yield part, f"{name} is missing in {part}", "add it, as in the other languages"
    for name in (each for each in found if each not in wanted):
        yield f"{part}.{name}", f"nobody asks for {name}", f"remove it, or add it to {part} in content/checkins/"


def _placeholders(page: Page, checkins: CheckIns) -> Iterator[Fault]:
    for name, said in page.values.get("items", {}).items():
        item = checkins.items.get(name)
        if item:
            yield from _holds(f"items.{name}.ask", said["ask"], ("recall",) if item.over == "recall" else ())
            yield from _holds(f"items.{name}.label", said["label"], ())
    for name, said in page.values.get("replies", {}).items():
        if name in checkins.replies:
            yield from _holds(f"replies.{name}", said, checkins.replies[name])
    for name, said in page.values.get("counts", {}).items():
        yield from _holds(f"counts.{name}", said, ("count",))


def _holds(where: str, said: str, names: Iterable[str]) -> Iterator[Fault]:
    if set(NAME.findall(said)) != set(names) or "$" in NAME.sub("", said):
        wanted = ", ".join(f"${{{name}}}" for name in sorted(names)) or "none"
        yield where, f"placeholders of {where} differ", f"use exactly: {wanted}"


def _answers(page: Page, checkins: CheckIns) -> Iterator[Fault]:
    """Every answer has words, and no words stand for an answer that cannot be given."""
    for kind, wanted in VALUES.items():
        if "answers" in page.values:
            yield from _valued(f"answers.{kind}", page.values["answers"][kind], wanted)
    for name, said in page.values.get("items", {}).items():
        if "answers" in said and name in checkins.items:
            yield from _valued(f"items.{name}.answers", said["answers"], checkins.items[name].values)
    if "numbers" in page.values and 0 not in page.values["numbers"]:
        yield "numbers", "0 is missing in numbers", "add the words for none at all"


def _valued(where: str, found: Mapping[Any, Any], wanted: Collection[str]) -> Iterator[Fault]:
    if any(isinstance(value, bool) for value in found):
        yield where, f"{where} has a yes or no without quotes", 'write "yes" and "no" in quotes'
    elif {str(value) for value in found} != set(wanted):
        mend = f"write exactly {', '.join(wanted)}" if wanted else "remove it: a number has no buttons of its own"
        yield where, f"{where} has other answers than it can take", mend


def _told_apart(language: str, page: Page, checkins: CheckIns) -> Iterator[Fault]:
    """No word means two answers of one question: nobody could say which was meant."""
    common = page.values.get("answers", {})
    no_answer = {"skip": common.get("skip", {})}
    questions = {f"answers.{kind}": common[kind] for kind in VALUES if kind in common}
    items = page.values.get("items", {})
    questions |= {f"items.{name}.answers": said["answers"] for name, said in items.items() if "answers" in said}
    if any(item.only_if_measured for item in checkins.items.values()):
        questions["answers.not-measured"] = {"not-measured": common.get("not-measured", {})}
    for where, offered in questions.items():
        yield from _alike(language, where, offered | no_answer)
    yield from _alike(language, "ways", page.values.get("ways", {}))
    yield from _alike(language, "numbers", {value: {"words": words} for value, words in page.values.get("numbers", {}).items()})


def _alike(language: str, where: str, offered: Mapping[Any, Any]) -> Iterator[Fault]:
    meant: dict[str, str] = {}
    for value, answer in offered.items():
        for word in answer.get("words", ()):
            other = meant.setdefault(_key(word, language), str(value))
            if other != str(value):
                yield where, f"{word} means {other} and {value}", "leave it out of one of them"


@lru_cache(maxsize=4096)
def _key(word: str, language: str) -> str:
    """As everything compares it.  Most words stand under several questions."""
    return canonical(word, language)


def _letters(language: str, page: Page) -> Iterator[Fault]:
    for where, said in _said(page.values):
        if unicodedata.normalize("NFC", said) != said:
            yield where, "text is not in Unicode form NFC", "save it with composed letters"
        for fault in letter_faults(NAME.sub(" ", said), language):
            yield where, fault.what, fault.mend


def _said(found: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a file, with its place."""
    if isinstance(found, str):
        yield where, found
    elif isinstance(found, Mapping):
        for name, below in found.items():
            if where or name not in ("review", "follows"):
                yield from _said(below, f"{where}.{name}".strip("."))
    elif isinstance(found, list):
        for place, below in enumerate(found, start=1):
            yield from _said(below, f"{where}.{place}")
