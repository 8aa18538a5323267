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
    written = next((pages.topics[topic_id] for pages in library.languages.values() if topic_id in pages.topics), None)
    if written is None:
        problems.add(
            "content/topics.yml", 1, f"the topic {topic_id} is written in no language", "write it, or take it off the list"
        )
        return
    root = written.file.partition("/")[0]
    problems.warn(
        f"{root}/{language}/topics/{topic_id}.md",
        1,
        f"{topic_id} is not written in this language and not offered in it",
        f"`karez content new {topic_id}` makes the file",
    )
