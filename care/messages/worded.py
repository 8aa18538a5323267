"""Words found once for many messages of a day: thousands are told the same at one minute, in a handful of forms."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date, datetime

from care.content.library import Library
from care.messages.compose import compose
from care.messages.gate import Gate, pass_gate
from care.messages.recheck import Named
from care.messages.reply import Button, Reply
from care.messages.tables import Message
from care.people.clocks import local
from care.people.tables import Patient

KEPT = 4_096


class Worded:
    """What was worded today from one edition of the words.  Another edition or gate begins anew."""

    def __init__(self) -> None:
        self._made_for: tuple[Library, Gate] | None = None
        self._known: dict[Hashable, tuple[Reply, Reply | None]] = {}

    def find(
        self, library: Library, gate: Gate, message: Message, patient: Patient, now: datetime, named: Sequence[Named]
    ) -> tuple[Reply, Reply | None]:
        """The reply as it was written, and as the gate lets it out (None: held)."""
        if self._made_for != (library, gate) or len(self._known) >= KEPT:
            self._made_for, self._known = (library, gate), {}
        today = local(now, patient.zone).date()
        key = _key(message, patient, today, named)
        about = _about(message, named)
        if key not in self._known:
            written = compose(library, message, patient, now, named)
            passed = pass_gate(written, library, gate, today)
            self._known[key] = written, _readdressed(passed, about, ABOUT)
        written, passed = self._known[key]
        return written, _readdressed(passed, ABOUT, about)


ABOUT = "{occurrence}"


def _key(message: Message, patient: Patient, today: date, named: Sequence[Named]) -> Hashable:
    """All that the words depend on, but which occurrence the buttons name."""
    things = tuple((str(each.said), each.hour, each.occurrence_id == message.occurrence_id) for each in named)
    return patient.form, patient.zone, today, message.kind, message.phrase, str(message.arguments), things


def _about(message: Message, named: Sequence[Named]) -> str:
    return named[0].occurrence_id if named else message.occurrence_id or ""


def _readdressed(reply: Reply | None, before: str, after: str) -> Reply | None:
    """The same with buttons of another occurrence."""
    if reply is None or not before or not reply.buttons:
        return reply
    return replace(reply, buttons=tuple(Button(each.label, each.payload.replace(before, after)) for each in reply.buttons))
