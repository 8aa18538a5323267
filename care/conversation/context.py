"""What an act may use: this patient, this moment, this library; and short ways to say things with them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.content.types import Text
from care.conversation.tables import Dialog
from care.kit.database import Work
from care.languages.reading import Reading
from care.messages.compose import Words
from care.messages.reply import Button, Reply, Wording
from care.people.consent import allows
from care.people.tables import Patient

ASKED_FOR = timedelta(hours=1)  # how long a question of ours stands open; a later word is about something new


@dataclass(frozen=True)
class Heard:
    """One thing a patient sent: words they typed, a button they pressed, or a file.  `key` is the app's own id of it."""

    key: str
    text: str | None = None
    payload: str | None = None
    channel: str = "web"
    abroad: bool = False  # through an app whose servers stand in another country
    attached: str = ""  # a file: sound, picture or other
    attachment: str | None = ""  # its id; empty: they have not agreed that it is kept; None: it could not be had or opened


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
    channel: str = "web"
    abroad: bool = False
    topics: tuple[tuple[str, float], ...] = ()
    guess: str = ""  # the intent the assistant thought of, however unsure
    understood: bool = True
    turned_before: datetime | None = None  # when they last said something
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new_talk(self) -> bool:
        """Whether so much time has passed that their words are not about what we asked last."""
        return self.turned_before is not None and self.work.now - self.turned_before > ASKED_FOR

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
            Button(CheckInWords(self.library, self.form).way("start").text, "checkin"),
            self.button("button-next", "next"),
            self.button("button-nurse", "nurse"),
            self.button("button-language", "language"),
            rest,
        )

    @property
    def words(self) -> Words:
        """Days, clocks and names said as this patient says them."""
        return Words(self.library, self.form, self.patient.zone, self.work.now)

    async def evidence(self) -> str | None:
        """Their words as a nurse's worklist may hold them: only while they agree that these are kept."""
        return self.text if await allows(self.work, self.patient.id, "symptoms") else None

    def expect(self, what: str, **about: Any) -> None:
        """What the next message is probably about."""
        self.dialog.expecting, self.dialog.about = what, about
