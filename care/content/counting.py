"""Counts what an editor wants to know of a text: its words, its questions, its recordings; and warns where there are too few."""

from collections.abc import Iterator
from pathlib import Path
from string import Template

from care.content.library import Library
from care.content.reading import Page
from care.content.review import digest_of, is_behind, words
from care.content.types import Problems
from care.languages.table import is_spaced

SHORTEST, LONGEST = 80, 200  # words of a body: three minutes aloud at most
FEWEST_QUESTIONS = 20
CHARACTERS_A_WORD = 1.6  # of a language that parts no words; so a Chinese body has 130 to 320 characters


def warn_of_size(library: Library, problems: Problems) -> None:
    """Bodies too short to help or too long to hear, and topics the assistant cannot learn to recognise."""
    for language, pages in library.languages.items():
        for page in filter(lambda each: each.body, pages.topics.values()):
            count, questions = count_words(language, page.body), len(page.values.get("questions") or ())
            if not SHORTEST <= count <= LONGEST:
                what = f"the body has {count} words{'' if is_spaced(language) else f', at {CHARACTERS_A_WORD} characters a word'}"
                problems.warn(page.file, page.line("body"), what, f"write {SHORTEST} to {LONGEST}, one idea a sentence")
            if questions < FEWEST_QUESTIONS:
                mend = f"write at least {FEWEST_QUESTIONS}, as people type them"
                problems.warn(page.file, page.line("questions"), f"{questions} sample questions", mend)


def count_words(language: str, body: str) -> int:
    if is_spaced(language):
        return len(body.split())
    return round(sum(map(str.isalnum, body)) / CHARACTERS_A_WORD)


def warn_of_audio(library: Library, root: Path, problems: Problems) -> None:
    """Recordings of words that nobody says any more: silent, and in the way of whoever looks for what to record."""
    for language in library.languages:
        folder = root / language / "audio"
        known = {name for names in recordings(library, language).values() for name in names} if folder.is_dir() else set()
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.is_file() and path.stem not in known:
                what = "this recording belongs to no text as it is now"
                mend = "record the text anew, or remove the file"
                problems.warn(f"{root.name}/{language}/audio/{path.name}", 1, what, mend)


def recordings(library: Library, language: str) -> dict[str, set[str]]:
    """The names recordings may have now, by topic or key: one for each emergency number where one is said."""
    numbers = {str(region["ambulance"]["number"]) for region in library.numbers_of.values()}
    found: dict[str, set[str]] = {}
    for page in library.languages[language].signed_pages():
        if not is_behind(page, library.source_of(page)):
            for key, said in _recordable(page):
                filled = [{name: _fill(text, number) for name, text in said.items()} for number in numbers]
                found[key] = {f"{key}@{digest_of(each)}" for each in filled if "${" not in "".join(each.values())}
    return found


def _recordable(page: Page) -> Iterator[tuple[str, dict[str, str]]]:
    """A topic as a whole, phrases and answers to danger one by one."""
    said = words(page)
    if page.file.endswith(".md"):
        yield str(page.values.get("id")), said
    else:
        yield from ((key, {key: text}) for key, text in said.items())


def _fill(text: str, number: str) -> str:
    return Template(text).safe_substitute(emergency_number=number)
