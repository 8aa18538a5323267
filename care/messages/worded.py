"""Words found once for many messages of a day: thousands are told the same at one minute, in a handful of forms."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from care.content.library import Library
from care.messages.compose import compose
from care.messages.facts import Due, Named
from care.messages.gate import Gate, pass_gate
from care.messages.reply import Button, Reply
from care.people.clocks import local

KEPT = 4_096
ABOUT = "{occurrence}"


@dataclass(frozen=True)
class Found:
    """Words for many: as they were written, and as the gate lets them out (None: held), their buttons about nothing yet."""

    written: Reply
    passed: Reply | None

    def about(self, occurrence_id: str) -> Reply:
        """What one patient is told: the buttons name their own occurrence."""
        assert self.passed
        return _readdressed(self.passed, ABOUT, occurrence_id)

    def content(self, occurrence_id: str) -> dict[str, Any]:
        """The same as it is stored and sent; made from one reply for all, for making a reply for each takes longer."""
        buttons = [{"label": label, "payload": payload.replace(ABOUT, occurrence_id)} for label, payload in self._buttons]
        return self._content | {"buttons": buttons}

    @cached_property
    def _content(self) -> dict[str, Any]:
        assert self.passed
        return self.passed.to_json()

    @cached_property
    def _buttons(self) -> list[tuple[str, str]]:
        assert self.passed
        return [(each.label, each.payload) for each in self.passed.buttons]


class Worded:
    """What was worded today from one edition of the words.  Another edition or gate begins anew."""

    def __init__(self) -> None:
        self._made_for: tuple[Library, Gate] | None = None
        self._known: dict[Hashable, Found] = {}

    def find(self, library: Library, gate: Gate, due: Due, now: datetime, named: Sequence[Named]) -> Found:
        if self._made_for is None or self._made_for[0] is not library or self._made_for[1] != gate or len(self._known) >= KEPT:
            self._made_for, self._known = (library, gate), {}
        today = _today(now, due.zone)
        key = _key(due, today, named)
        found = self._known.get(key)
        if found is None:
            written = compose(library, due, due, now, named)
            passed = pass_gate(written, library, gate, today)
            found = self._known[key] = Found(written, passed and _readdressed(passed, about(due, named), ABOUT))
        return found


def about(due: Due, named: Sequence[Named]) -> str:
    """What the buttons are about: an occurrence."""
    return named[0].occurrence_id if named else due.occurrence_id or ""


@lru_cache(16)
def _today(now: datetime, zone: str) -> date:
    return local(now, zone).date()


def _key(due: Due, today: date, named: Sequence[Named]) -> Hashable:
    """All that the words depend on, but which occurrence the buttons name."""
    things = tuple([(each.as_kept, each.hour, each.occurrence_id == due.occurrence_id) for each in named])
    return due.form, due.zone, today, due.kind, due.phrase, due.arguments_as_kept, things


def _readdressed(reply: Reply, before: str, after: str) -> Reply:
    """The same with buttons of another occurrence."""
    if not before or not reply.buttons:
        return reply
    return replace(reply, buttons=tuple(Button(each.label, each.payload.replace(before, after)) for each in reply.buttons))
