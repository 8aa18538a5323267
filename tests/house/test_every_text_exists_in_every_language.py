"""Every phrase, topic, alarm, reason, intent and spoken number exists in every language, under the same name.

Why: a text that is missing in one language is missing for its speakers alone: their reminder stays silent, their fever is
not heard.
Mend: add the file or key with the same name as in the other languages; `karez content check` shows the same places.
Design: decision 8.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from care.alarms.rules import read_rules
from care.content.library import LanguagePages, Library, read_library
from care.content.reading import Page
from care.languages.table import FORMS
from care.speech.wording import SpeechBroken, Wording
from tests.house.house import ROOT, Finding, judge, source

META = ("review", "revision", "follows")
WRITTEN_TWICE = {"arabic.yml": "kk"}  # exceptions of a script that is generated in this language only
FROM_TOPICS = ("ask_topic",)  # its sample sentences are the questions of the topics


def missing_files(root: Path) -> Iterator[Finding]:
    """Files one language has and another has not."""
    languages = sorted({each.language for each in FORMS.values()})
    names = {tag: {str(path.relative_to(root / tag)) for path in (root / tag).rglob("*") if path.is_file()} for tag in languages}
    for name in sorted(set().union(*names.values())):
        lacking = [tag for tag in languages if name not in names[tag] and WRITTEN_TWICE.get(name, tag) == tag]
        yield from (Finding(f"content/{tag}/{name}", 1, "is missing; the other languages have it") for tag in lacking)


def uneven(page: Page, expected: Iterable[str], what: str, under: str = "") -> Iterator[Finding]:
    """Keys of a page that differ from the names all languages share."""
    wanted, values = set(expected), page.values.get(under, {}) if under else page.values
    keys = {str(key) for key in values} - set(META)
    for key in sorted(wanted - keys):
        yield Finding(page.file, page.line(under) if under else 1, f"{what} {key} is missing")
    for key in sorted(keys - wanted):
        yield Finding(page.file, page.line(under or key), f"{what} {key} exists in this language only")
    for key in sorted(wanted & keys):
        if not values[key]:
            yield Finding(page.file, page.line(under or key), f"{what} {key} is empty")


def unsaid_alarms(page: Page) -> Iterator[Finding]:
    for flag, entry in page.values.get("flags", {}).items():
        lacking = [part for part in ("say", "rules", "examples", "not") if not isinstance(entry, Mapping) or not entry.get(part)]
        if lacking:
            yield Finding(page.file, page.line("flags"), f"the alarm {flag} has no {', no '.join(lacking)}")


def unspoken(pages: LanguagePages) -> Iterator[Finding]:
    try:
        Wording.of(pages.speech.values)
    except SpeechBroken as broken:
        yield from (Finding(pages.speech.file, 1, problem) for problem in broken.problems)


def uneven_language(library: Library, language: str) -> Iterator[Finding]:
    """What one language lacks, or has alone."""
    pages = library.languages[language]
    phrases = library.catalogue.values
    intents = yaml.safe_load(source("bot/domain.yml").text)["intents"]
    yield from uneven(pages.phrases, phrases, "the phrase")
    yield from uneven(pages.alarms, library.alarms, "the alarm", under="flags")
    yield from uneven(pages.reasons, [key[7:] for key in phrases if key.startswith("reason-")], "the reason")
    yield from uneven(pages.intents, set(intents) - set(FROM_TOPICS), "the intent")
    yield from (
        Finding(page.file, 1, "the topic has no questions") for page in pages.topics.values() if not page.values["questions"]
    )
    yield from unsaid_alarms(pages.alarms)
    yield from unspoken(pages)


def test_every_text_exists_in_every_language() -> None:
    library, problems = read_library(ROOT / "content")
    for language, pages in library.languages.items():
        read_rules(language, pages.alarms, set(library.alarms), problems)
    found = [*missing_files(ROOT / "content"), *(Finding(each.file, each.line, each.what) for each in problems.found)]
    found += [each for language in library.languages for each in uneven_language(library, language)]

    judge(__doc__, found)
    assert set(library.languages) == {each.language for each in FORMS.values()}


def test_a_key_of_one_language_alone_is_found() -> None:
    written = "review: unreviewed\nforgot: [a]\nextra: [b]\ncost: []\n"
    page = Page("content/kk/reasons.yml", yaml.safe_load(written), source=written)

    found = [str(each) for each in uneven(page, ["forgot", "travel", "cost"], "the reason")]

    assert found == [
        "content/kk/reasons.yml:1: the reason travel is missing",
        "content/kk/reasons.yml:3: the reason extra exists in this language only",
        "content/kk/reasons.yml:4: the reason cost is empty",
    ]


def test_an_alarm_that_says_nothing_is_found() -> None:
    written = "flags:\n  rf-fever: {rules: [1], examples: [a], not: [b]}\n"
    page = Page("content/ug/alarms.yml", yaml.safe_load(written), source=written, lines_before=5)

    assert [str(each) for each in unsaid_alarms(page)] == ["content/ug/alarms.yml:6: the alarm rf-fever has no say"]
