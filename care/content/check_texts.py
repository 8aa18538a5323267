"""Checks texts against their language: whether they are in it, without markup, and whether the form made by rule can be read."""

import re

from care.content.library import LanguagePages, Library
from care.content.reading import Page
from care.content.review import words
from care.content.types import Problems
from care.languages.generate import write_in
from care.languages.identify import TYPED_IN, identify
from care.languages.quality import GENERATED
from care.languages.table import FORMS, Form, authored_form, languages

NAME = re.compile(r"\$\{\w+\}")
MARKUP = re.compile(r"<[A-Za-z/!?]|&#?\w+;|\]\(|\*\*|^#+ ", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]+")
ENOUGH, ENOUGH_TO_TELL = 20, 100  # letters below which a language is a guess; characters above which more tell nothing new


def check_texts(library: Library, problems: Problems) -> None:
    """What a reader would notice at once, in every file whose words are told."""
    for language, each in library.languages.items():
        for page in each.signed_pages():
            _check_markup(page, problems)
            _check_language(language, page, problems)
        for tag in GENERATED:
            if FORMS[tag].language == language:
                _check_generated(tag, each, problems)


def _line_at(page: Page, name: str, before: str) -> int:
    return page.line(_place(page, name)) + (before.count("\n") if name == "body" else 0)


def _place(page: Page, name: str) -> str:
    """Where the words of a name stand in their file."""
    return f"flags.{name}.say" if "flags" in page.values else name


def _check_markup(page: Page, problems: Problems) -> None:
    for name, said in words(page).items():
        found = MARKUP.search(said)
        if found:
            what = f"`{found[0].strip()}` in {name} is markup, which a patient would read as it stands or a browser would run"
            problems.add(
                page.file, _line_at(page, name, said[: found.start()]), what, "write plain sentences, parted by empty lines"
            )


def _check_language(language: str, page: Page, problems: Problems) -> None:
    """Whether each part is in the language of its folder, as far as the letters tell."""
    expected = authored_form(language)
    for name, said in words(page).items():
        text = NAME.sub(" ", said)[:ENOUGH_TO_TELL]
        found = _other_language(expected, text) if sum(map(str.isalpha, text)) >= ENOUGH else ""
        if found:
            what = f"{name} is not in {expected.endonym}: it looks like {found}"
            problems.add(page.file, page.line(_place(page, name)), what, "put the text into its own language's folder")


def _other_language(expected: Form, text: str) -> str:
    """What a text rather is than its folder says; "" when it is that."""
    known = identify(text, expected)
    script = "Hans" if known.script == "Hant" and expected.script == "Hans" else known.script
    if script != expected.script:
        return script or "no language"
    # A language without letters of its own in identify is told by its n-grams alone: too little to refuse a text for.
    told = known if known.certain else identify(text)  # a person may mistype a letter of the neighbour's; a file may not
    wrong = told.certain and told.language != expected.language
    guessed = {expected.language, told.language} & set(languages()) - TYPED_IN.keys()
    return told.language if wrong and not guessed else ""


def _check_generated(tag: str, pages: LanguagePages, problems: Problems) -> None:
    """The form that nobody writes, word by word: what the rule cannot spell needs an entry among the exceptions."""
    first: dict[str, tuple[Page, str]] = {}  # each word, and where it stands first
    for page in pages.signed_pages():
        for name, said in words(page).items():
            first |= dict.fromkeys(set(WORD.findall(NAME.sub(" ", said))) - first.keys(), (page, name))
    written = write_in(tag, "\n".join(first), pages.exceptions).split("\n")
    for (word, (page, name)), form in zip(first.items(), written, strict=False):  # without a word there is one empty form
        for fault in GENERATED[tag](form, pages.exceptions):
            problems.add(page.file, page.line(_place(page, name)), f"{word}, as {tag}: {fault.what}", fault.mend)
