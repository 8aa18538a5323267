"""A topic that is not in service yet, as a patient would be told it: in every form of its language."""

import copy
from collections.abc import Iterator
from dataclasses import replace

from care.content.library import Library
from care.content.reading import Page
from care.conversation.topics import word_topic
from care.languages.table import FORMS
from care.messages.reply import Reply


def preview(library: Library, language: str, place: str, page: Page, number: str) -> Iterator[Reply]:
    """The bubble in each form a patient may choose; nothing while title, summary, body or the lines to call are missing."""
    if not (place.endswith(".md") and page.body and all(page.values.get(each) for each in ("title", "summary", "call"))):
        return
    topic_id = place.removeprefix("topics/").removesuffix(".md")
    shown = _with(library, language, topic_id, page)
    for tag in library.forms:
        if FORMS[tag].language == language:
            yield word_topic(shown, tag, topic_id, number).reply("show_topic", topic_id)


def _with(library: Library, language: str, topic_id: str, page: Page) -> Library:
    """The library with one topic replaced; the other is left as it is."""
    shown, pages = copy.copy(library), library.languages[language]
    shown._proofs = {}
    shown.topic_list = {topic_id: {"sources": []}, **library.topic_list}
    shown.languages = {**library.languages, language: replace(pages, topics={**pages.topics, topic_id: page})}
    return shown
