"""A draft's text as the file it is to become: tidied, read, and with a header that only the studio's own actions change."""

import unicodedata
from collections.abc import Mapping

from care.content.reading import Page, page_from
from care.content.review import digest, review
from care.content.types import Problem, Problems
from care.content.writing import CannotWrite, Value, rewrite
from care.studio.types import Unreadable

SOURCE = "zh"
UNREVIEWED = "unreviewed"


def tidy(text: str) -> str:
    """One way of ending lines and of composing letters, whatever browser or keyboard it came from."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", plain).rstrip() + "\n"


def page_of(language: str, place: str, text: str) -> Page:
    """The text as a page.  Raises Unreadable with every problem that keeps it from being one."""
    problems = Problems()
    page = page_from(f"content/{language}/{place}", text, problems)
    if problems.found:
        raise Unreadable(problems.found)
    return page


def with_header(language: str, place: str, text: str, header: Mapping[str, Value]) -> str:
    """The text with these lines in its header.  Raises Unreadable."""
    page = page_of(language, place, text)
    try:
        return rewrite(text, header)
    except CannotWrite as wrong:
        what, mend = f"{wrong.place} cannot be written", "write it on a line of its own"
        raise Unreadable([Problem(page.file, page.line(wrong.place), what, mend)]) from wrong


def revision_of(page: Page | None) -> int:
    """The revision of a source text; 0 when there is none."""
    found = page.values.get("revision") if page else None
    return found if isinstance(found, int) else 0


def is_signed(page: Page) -> bool:
    """Whether a named person signed exactly these words, whatever the day is."""
    signature = review(page)
    return signature is not None and signature.of == digest(page)


def stays_signed(page: Page, before: Page) -> bool:
    """Whether the signature of an edition holds for the next: another sample question needs no second person.

    Everything else does, also what is no word of the text: the revision it follows, a rule that hears danger.
    """
    return is_signed(before) and is_signed(page) and page.body == before.body and _vouched(page) == _vouched(before)


def _vouched(page: Page) -> dict[str, object]:
    return {name: value for name, value in page.values.items() if name != "questions"}


def skeleton(topic_id: str, source: tuple[str, int] | None) -> str:
    """A topic nobody has written yet in a language: it follows its source, or is the first."""
    begun = f"follows: {source[0]}@{source[1]}" if source else "revision: 1"
    return f"---\nid: {topic_id}\ntitle: ''\nsummary: ''\n{begun}\nreview: unreviewed\ncall: {{}}\nquestions: []\n---\n"
