"""Finds the words of a message at the moment it is said, in the patient's language and script."""

from collections.abc import Callable
from datetime import date, datetime

from care.content.library import Library
from care.content.types import Text
from care.messages.reply import Button, Reply, Wording
from care.messages.tables import Message
from care.people.clocks import CLOCKS, local
from care.people.tables import Patient

DOSE_BUTTONS = (("taken", "button-taken"), ("later", "button-later"), ("missed", "button-missed"))


def compose(library: Library, message: Message, patient: Patient, now: datetime) -> Reply:
    """The reply that carries a message.  Names that its phrase asks for are found in the message's arguments."""
    speaker = Words(library, patient.form, patient.zone, now)
    wording = Wording(patient.form).add(speaker.phrase(message.phrase, **_names(message, speaker, library)))
    if message.arguments.get("after_food"):
        wording.add(speaker.phrase("reminder-medicine-food"))
    buttons = speaker.dose_buttons(message.occurrence_id) if message.kind == "medicine" and message.occurrence_id else ()
    return wording.reply("reminder", buttons=buttons)


def _names(message: Message, words: "Words", library: Library) -> dict[str, str]:
    said = message.arguments
    found: dict[str, Callable[[], str]] = {
        "hour": lambda: str(said["hour"]),
        "clock": words.clock,
        "medicine": lambda: words.authored(said["subject"]),
        "activity": lambda: words.authored(said["subject"]),
        "days": lambda: str(said["days"]),
        "date": lambda: words.day(date.fromisoformat(said["date"])),
    }
    return {name: found[name]() for name in library.catalogue.values[message.phrase]["names"]}


class Words:
    """Phrases for one patient at one moment: days and clocks said as that patient says them."""

    def __init__(self, library: Library, form: str, zone: str, now: datetime) -> None:
        self.library, self.form, self.zone, self.now = library, form, zone, now

    def phrase(self, key: str, **names: str) -> Text:
        return self.library.phrase(self.form, key, **names)

    def authored(self, key: str, **names: str) -> str:
        """A phrase in the authored script, to be put into another phrase before that is written in the patient's script."""
        return self.phrase(key, **names).spoken

    def clock(self) -> str:
        return self.authored(CLOCKS[self.zone])

    def day(self, day: date) -> str:
        """A date as people say it: today, tomorrow, or day and month."""
        away = (day - local(self.now, self.zone).date()).days
        if away in (0, 1):
            return self.authored("date-today" if away == 0 else "date-tomorrow")
        return self.authored("date-day", month=self.authored(f"month-{day.month}"), day=str(day.day))

    def dose_buttons(self, occurrence_id: str) -> tuple[Button, ...]:
        return tuple(Button(self.phrase(phrase).text, f"dose:{verb}:{occurrence_id}") for verb, phrase in DOSE_BUTTONS)
