"""What an act may use: this patient, this moment, this library; and short ways to say things with them."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from care.content.library import Library
from care.content.types import Text
from care.conversation.tables import Dialog
from care.kit.database import Work
from care.languages.reading import Reading
from care.messages.reply import Button, Reply, Wording
from care.people.tables import Patient
from care.plans.hours import CLOCKS, local


@dataclass(frozen=True)
class Heard:
    """One thing a patient sent: words they typed, or a button they pressed.  `key` is the app's own id of it."""

    key: str
    text: str | None = None
    payload: str | None = None


@dataclass
class Turn:
    """One turn in the making."""

    work: Work
    library: Library
    patient: Patient
    dialog: Dialog
    region: str
    reading: Reading
    text: str
    topics: tuple[tuple[str, float], ...] = ()
    understood: bool = True
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> str:
        return self.patient.form

    @property
    def emergency_number(self) -> str:
        return str(self.library.numbers(self.region)["ambulance"]["number"])

    def phrase(self, key: str, **names: str) -> Text:
        """A phrase in the patient's form; the emergency number fills itself in."""
        if "emergency_number" in self.library.catalogue.values[key]["names"]:
            names["emergency_number"] = self.emergency_number
        return self.library.phrase(self.form, key, **names)

    def say(self, key: str, act: str, buttons: tuple[Button, ...] = (), **names: str) -> Reply:
        """One phrase as a reply of its own."""
        return Wording(self.form).add(self.phrase(key, **names)).reply(act, buttons=buttons)

    def button(self, phrase: str, payload: str) -> Button:
        return Button(self.phrase(phrase).text, payload)

    def menu(self) -> tuple[Button, ...]:
        """What can always be done without typing."""
        rest = self.button("button-resume", "resume") if self.patient.stopped_at else self.button("button-stop", "stop")
        return (
            self.button("button-topics", "topics"),
            self.button("button-next", "next"),
            self.button("button-nurse", "nurse"),
            self.button("button-language", "language"),
            rest,
        )

    def clock(self) -> str:
        return self.authored(CLOCKS[self.patient.zone])

    def authored(self, key: str) -> str:
        """A phrase in the authored script, to be put into another phrase before that is written in the patient's script."""
        return self.phrase(key).spoken

    def day(self, day: date) -> str:
        """A date as people say it: today, tomorrow, or day and month."""
        away = (day - local(self.work.now, self.patient.zone).date()).days
        if away in (0, 1):
            return self.authored("date-today" if away == 0 else "date-tomorrow")
        return self.phrase("date-day", month=self.authored(f"month-{day.month}"), day=str(day.day)).spoken

    def expect(self, what: str, **about: Any) -> None:
        """What the next message is probably about."""
        self.dialog.expecting, self.dialog.about = what, about


def with_text_first(reply: Reply, first: Text) -> Reply:
    """The same bubble with a line before it."""
    return replace(reply, text=f"{first.text}\n{reply.text}", spoken=f"{first.spoken}\n{reply.spoken}")
