"""Checks what a text says of itself: its signature, what it follows, and whether it is there at all."""

from datetime import date

from care.content.library import Library
from care.content.reading import Page
from care.content.review import follows, is_behind, review
from care.content.standing import Standing
from care.content.types import Problems

UNREVIEWED = "unreviewed"


def check_standing(library: Library, problems: Problems) -> None:
    """Signatures that are none, sources that are not there; and as warnings what lacks or lags behind."""
    for language, pages in library.languages.items():
        for page in filter(lambda each: each.values, pages.signed_pages()):
            _check_signature(page, problems)
            _check_source(page, library.source_of(page), problems)
        for topic_id in library.topic_list:
            if topic_id not in pages.topics:
                _missing(library, language, topic_id, problems)
        _check_name(library, language, problems)


def warn_of_expired(library: Library, today: date, problems: Problems) -> None:
    """Signatures whose last day is over: the only check that depends on the day."""
    for pages in library.languages.values():
        for page in pages.signed_pages():
            proof = library.proof_of(page)
            if proof.on(today) == Standing.EXPIRED:
                mend = "have it reviewed and signed again"
                problems.warn(page.file, page.line("review"), f"its signature ran out on {proof.until}", mend)


def _check_signature(page: Page, problems: Problems) -> None:
    written, signature = page.values.get("review", UNREVIEWED), review(page)
    if written != UNREVIEWED and signature is None:
        mend = (
            'write `review: unreviewed`, or {by: "...", on: 2027-01-31, until: 2028-01-31, of: "..."} with the digest in quotes'
        )
        problems.add(page.file, page.line("review"), "the signature is not whole", mend)
    elif signature and signature.until < signature.on:
        problems.add(page.file, page.line("review"), "the signature ends before it was given", "give `until` a day after `on`")


def _check_source(page: Page, source: Page | None, problems: Problems) -> None:
    made_from = follows(page)
    if made_from is None:
        if "follows" in page.values:
            problems.add(page.file, page.line("follows"), f"follows is `{page.values['follows']}`", "write `follows: zh@1`")
        return
    language, revision = made_from
    now = source.values.get("revision") if source else None
    if source is None or not isinstance(now, int):
        problems.add(
            page.file,
            page.line("follows"),
            f"it follows {language}, where there is no source",
            "write the language of the source",
        )
    elif revision > now:
        problems.add(
            page.file,
            page.line("follows"),
            f"it follows {language}@{revision}, {language} is at {now}",
            f"write {language}@{now} or less",
        )
    elif is_behind(page, source):
        mend = f"translate what changed, then write `follows: {language}@{now}`"
        problems.warn(page.file, page.line("follows"), f"it follows {language}@{revision}, {language} is at {now}", mend)


def _missing(library: Library, language: str, topic_id: str, problems: Problems) -> None:
    file = f"{library.catalogue.file.partition('/')[0]}/{language}/topics/{topic_id}.md"
    mend = f"write {file}; `karez content new` begins a topic with empty files"
    problems.warn(file, 1, f"{topic_id} is not written in this language and not offered in it", mend)


def _check_name(library: Library, language: str, problems: Problems) -> None:
    names = library.language_names.get("languages")
    if names and language not in names:
        file = f"{library.catalogue.file.partition('/')[0]}/languages.yml"
        mend = "add how it is called in each language under languages, and its script under first"
        problems.warn(file, 1, f"patients cannot ask for {language} by its name", mend)
