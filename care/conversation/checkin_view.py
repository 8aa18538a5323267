"""Check-ins as a nurse reads them: question and answer in the words of her own language, whatever the patient speaks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from care.content.checkin_types import Item
from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.conversation.checkin_reading import form_read
from care.conversation.checkin_rows import said_in
from care.conversation.checkin_steps import REASON, Said
from care.conversation.tables import CheckIn
from care.kit.database import Work

STATES = ("waiting", "open", "done", "over")
LEFT_OPEN = ("skip", "not-measured")


@dataclass(frozen=True)
class AnswerView:
    """One question and what was said to it.  `reason` is a code of its own; `left_open` why there is no answer."""

    label: str
    said: str
    reason: str
    left_open: str
    by_relative: bool


@dataclass(frozen=True)
class CheckInView:
    """One check-in.  `state`: waiting, open, done, over."""

    title: str
    due_at: datetime
    state: str
    answers: tuple[AnswerView, ...]


class CheckInReader:
    """Names questions and answers in one language; in English by the labels of content/checkins/, answers as numbers."""

    def __init__(self, library: Library, language: str) -> None:
        tag = form_read(library, language)
        self.checkins = library.checkins
        self.words = CheckInWords(library, tag) if tag else None

    def title(self, questionnaire_id: str) -> str:
        asked = self.checkins.questionnaires.get(questionnaire_id)
        if asked is None:
            return ""
        return self.words.title(asked).text if self.words else asked.label

    def label(self, item: Item) -> str:
        return self.words.label(item).text if self.words else item.label

    def said(self, item: Item, value: str) -> str:
        """An answer in words, or as its number with the unit."""
        if self.words and item.values:
            buttons = {each.value: each.text.text for each in self.words.buttons(item)}
            return buttons.get(value, value)
        return f"{value} {item.range.unit}".strip() if item.range else value

    def evidence(self, written: str) -> str:
        """What an alert rests on, `pi-nausea=3 pi-pain=7`, in words.  What is no such thing stays as it is."""
        pairs = [part.partition("=") for part in written.split(" ")]
        if not all(name in self.checkins.items for name, _, _ in pairs):
            return written
        read = ((self.checkins.items[name], value) for name, _, value in pairs)
        return " · ".join(f"{self.label(item)}: {self.said(item, value)}" for item, value in read)

    def pressed(self, argument: str) -> AnswerView | None:
        """A pressed answer, `pi-nausea=3`; None when content knows the question no more."""
        name, _, value = argument.partition("=")
        left_open = value if value in LEFT_OPEN else ""
        return self.view(name, Said(None if left_open else value, left_open))

    def view(self, name: str, said: Said) -> AnswerView | None:
        item = self.checkins.items.get(name.removesuffix(REASON))
        if item is None:
            return None
        is_reason, value = name != item.id, said.value or ""
        return AnswerView(
            label=self.label(item),
            said="" if is_reason or not value else self.said(item, value),
            reason=value if is_reason else "",
            left_open=said.left_open,
            by_relative=said.by_relative,
        )


async def check_ins_of(work: Work, library: Library, patient_id: str, language: str, limit: int = 30) -> list[CheckInView]:
    """The last check-ins of a patient, the newest first, each with its answers in the order they were given."""
    reader = CheckInReader(library, language)
    mine = select(CheckIn).where(CheckIn.patient_id == patient_id).order_by(CheckIn.due_at.desc(), CheckIn.id).limit(limit)
    return [await _shown(work, reader, row) for row in await work.session.scalars(mine)]


async def _shown(work: Work, reader: CheckInReader, row: CheckIn) -> CheckInView:
    answers = (reader.view(name, said) for name, said in (await said_in(work, row)).items())
    return CheckInView(
        title=reader.title(row.questionnaire),
        due_at=row.due_at,
        state=state_of(work, row),
        answers=tuple(each for each in answers if each),
    )


def state_of(work: Work, row: CheckIn) -> str:
    if row.ended:
        return row.ended
    if row.ends_at <= work.now:
        return "over"
    return "open" if row.begun_at else "waiting"
