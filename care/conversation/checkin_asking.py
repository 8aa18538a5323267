"""One check-in in the middle of a turn: its questions, what was said so far, and who may be asked what."""

from dataclasses import dataclass
from functools import cached_property

from care.alarms.rota import is_anybody_on_duty
from care.content.checkin_types import CheckIns, Questionnaire
from care.content.checkin_words import CheckInWords
from care.conversation.checkin_rows import refused_before, said_in
from care.conversation.checkin_steps import Audience, Said, Step, asked_of, next_step
from care.conversation.context import Turn
from care.conversation.tables import CheckIn
from care.people.tables import Clinic


@dataclass
class Asking:
    """A check-in and the patient it is asked of."""

    turn: Turn
    row: CheckIn
    questionnaire: Questionnaire
    said: dict[str, Said]
    audience: Audience

    @property
    def checkins(self) -> CheckIns:
        return self.turn.library.checkins

    @cached_property
    def words(self) -> CheckInWords:
        return CheckInWords(self.turn.library, self.turn.form)

    @property
    def values(self) -> dict[str, str]:
        """What was answered; what stands open is not in it."""
        answered = ((name, each.value) for name, each in self.said.items() if name in self.checkins.items)
        return {name: value for name, value in answered if value is not None}

    @property
    def count(self) -> int:
        """How many questions there are, follow-ups not counted."""
        return len(asked_of(self.checkins, self.questionnaire, self.audience))

    def next(self) -> Step | None:
        return next_step(self.checkins, self.questionnaire, self.said, self.audience)

    def step(self, name: str) -> Step | None:
        """A question of this check-in by its name; None when it asks no such thing."""
        item = self.checkins.items.get(name.removesuffix(".reason"))
        return Step(item, asks_reason=name != item.id) if item and self._leads_to(item.id) else None

    def _leads_to(self, item_id: str) -> bool:
        item = self.checkins.items[item_id]
        return item_id in self.questionnaire.items or bool(item.after and self._leads_to(item.after.item))


async def take_up(turn: Turn, row: CheckIn) -> Asking | None:
    """The check-in as it stands; None when content knows its questions no more."""
    questionnaire = turn.library.checkins.questionnaires.get(row.questionnaire)
    if questionnaire is None:
        return None
    return Asking(turn, row, questionnaire, await said_in(turn.work, row), await _audience(turn, row, questionnaire))


async def _audience(turn: Turn, row: CheckIn, questionnaire: Questionnaire) -> Audience:
    items = [turn.library.checkins.items[each] for each in questionnaire.items if each in turn.library.checkins.items]
    needs_somebody = any(item.needs == "live-response" for item in items)
    refused = await refused_before(turn.work, row, [item.id for item in items if item.is_opt_in])
    return Audience(row.by_relative, needs_somebody and await _can_answer_at_once(turn), refused)


async def _can_answer_at_once(turn: Turn) -> bool:
    """A clinic says so, and somebody is on duty this hour."""
    clinic = await turn.work.session.get_one(Clinic, turn.patient.clinic_id)
    return clinic.live_response and await is_anybody_on_duty(turn.work, clinic)
