"""Finds the words of a message at the moment it is said, in the patient's language and script."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import reduce

from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.content.message_rules import QUESTION
from care.content.types import Text
from care.messages.facts import CHECK_IN, Due, Named
from care.messages.reply import Button, Reply, Wording
from care.messages.tables import Message
from care.people.clocks import CLOCKS, local
from care.people.tables import Patient

# The first ones shown as buttons; the rest is understood when typed (content/<lang>/reasons.yml).
SHOWN_REASONS = ("forgot", "side-effect", "felt-too-ill", "no-supply", "travel", "told-by-clinician-to-stop", "other")
ALL_BUTTONS = (("taken-all", "button-taken-all"), ("taken-some", "button-taken-some"), ("taken-none", "button-missed-all"))
DOSE_BUTTONS = (("taken", "button-taken"), ("later", "button-later"), ("missed", "button-missed"))


def compose(
    library: Library, message: Message | Due, patient: Patient | Due, now: datetime, named: Sequence[Named] = ()
) -> Reply:
    """The reply that carries a message.  Names that its phrase asks for are found in its arguments and in what it names."""
    speaker = Words(library, patient.form, patient.zone, now)
    wording = Wording(patient.form).add(speaker.phrase(message.phrase, **_names(message, named, speaker, library)))
    if message.kind == "medicine":
        for text in _after_food(message, named, speaker):
            wording.add(text)
    return wording.reply("reminder", buttons=_buttons(message, named, speaker))


def fills_of(library: Library, message: Message, patient: Patient, now: datetime) -> dict[str, str]:
    """Day and hour on the patient's clock, and which clock that is, for a vendor's form with places for them.

    Only what the words themselves say: of a visit that is not booked nobody knows the hour.
    """
    named = set(library.catalogue.values.get(message.phrase, {}).get("names", ()))
    said, fills = message.arguments, {}
    if "hour" in named:
        fills = {"hour": str(said["hour"]), "clock": Words(library, patient.form, patient.zone, now).clock(said.get("zone"))}
    return fills | ({"day": str(said["date"])} if named & {"hour", "date"} and "date" in said else {})


def _names(message: Message | Due, named: Sequence[Named], words: "Words", library: Library) -> dict[str, str]:
    said = message.arguments
    found: dict[str, Callable[[], str]] = {
        "hour": lambda: str(said["hour"]),
        "clock": lambda: words.clock(said.get("zone")),
        "doses": lambda: words.doses(named),
        "medicine": lambda: words.listed(_subjects(message, named)),
        "activity": lambda: words.authored(said["subject"]),
        "topic": lambda: words.named(message.kind, said["subject"]).spoken,
        "title": lambda: words.named(message.kind, said["subject"]).spoken,
        "days": lambda: str(said["days"]),
        "date": lambda: words.day(date.fromisoformat(said["date"])),
    }
    return {name: found[name]() for name in library.catalogue.values[message.phrase]["names"]}


def _subjects(message: Message | Due, named: Sequence[Named]) -> list[str]:
    """What is named, each once."""
    return list(dict.fromkeys(each.said["subject"] for each in named)) or [message.arguments["subject"]]


def _after_food(message: Message | Due, named: Sequence[Named], words: "Words") -> list[Text]:
    """To all of them, or only to those it is true of."""
    meals = [each.said["subject"] for each in named if each.said.get("after_food")]
    if not named and message.arguments.get("after_food"):
        return [words.phrase("reminder-medicine-food")]
    if not meals:
        return []
    if len(meals) == len(named):
        return [words.phrase("reminder-medicine-food")]
    return [words.phrase("reminder-medicine-food-some", medicine=words.listed(list(dict.fromkeys(meals))))]


def _buttons(message: Message | Due, named: Sequence[Named], words: "Words") -> tuple[Button, ...]:
    if message.kind == "medicine" and named:
        return words.dose_buttons(named[0].occurrence_id)
    if message.kind == QUESTION and named:
        return _question_buttons(named, words)
    if message.kind == CHECK_IN and message.occurrence_id:
        return (Button(words.check_ins.way("start").text, f"checkin:start:{message.occurrence_id}"),)
    if message.kind == "topic":
        topic = message.arguments["subject"]
        return (Button(words.named(message.kind, topic).text, f"topic:{topic}"),)
    return ()


def _question_buttons(named: Sequence[Named], words: "Words") -> tuple[Button, ...]:
    """Of one dose: taken, or why not, in one press.  Of several: all, some, none."""
    first = named[0].occurrence_id
    if len(named) > 1:
        return tuple(Button(words.phrase(phrase).text, f"dose:{verb}:{first}") for verb, phrase in ALL_BUTTONS)
    return (Button(words.phrase("button-taken").text, f"dose:taken-all:{first}"), *words.reason_buttons(first))


class Words:
    """Phrases for one patient at one moment: days and clocks said as that patient says them."""

    def __init__(self, library: Library, form: str, zone: str, now: datetime) -> None:
        self.library, self.form, self.zone, self.now = library, form, zone, now

    def phrase(self, key: str, **names: str) -> Text:
        return self.library.phrase(self.form, key, **names)

    def authored(self, key: str, **names: str) -> str:
        """A phrase in the authored script, to be put into another phrase before that is written in the patient's script."""
        return self.phrase(key, **names).spoken

    def named(self, kind: str, subject: str) -> Text:
        """What an activity is about: a medicine, a visit; or the title of a topic or a check-in."""
        if kind == CHECK_IN:
            return self.check_ins.title(self.library.checkins.questionnaires[subject])
        return self.library.topic(self.form, subject).title if kind == "topic" else self.phrase(subject)

    @property
    def check_ins(self) -> CheckInWords:
        return CheckInWords(self.library, self.form)

    def clock(self, zone: str | None = None) -> str:
        return self.authored(CLOCKS[zone or self.zone])

    def listed(self, keys: Sequence[str]) -> str:
        """Several things by name, as people list them."""
        return self.joined([self.authored(key) for key in keys])

    def joined(self, said: Sequence[str]) -> str:
        *others, last = said
        if not others:
            return last
        first = reduce(lambda said, each: self.authored("list-comma", first=said, last=each), others)
        return self.authored("list-and", first=first, last=last)

    def doses(self, named: Sequence[Named]) -> str:
        """Doses of a day, each with its hour."""
        medicines = [(self.authored(each.said["subject"]), each.hour) for each in named]
        return self.joined([self.authored("medicine-at", medicine=medicine, hour=hour) for medicine, hour in medicines])

    def day(self, day: date) -> str:
        """A date as people say it: today, tomorrow, or day and month."""
        away = (day - local(self.now, self.zone).date()).days
        if away in (0, 1):
            return self.authored("date-today" if away == 0 else "date-tomorrow")
        return self.authored("date-day", month=self.authored(f"month-{day.month}"), day=str(day.day))

    def dose_buttons(self, occurrence_id: str) -> tuple[Button, ...]:
        return tuple(Button(self.phrase(phrase).text, f"dose:{verb}:{occurrence_id}") for verb, phrase in DOSE_BUTTONS)

    def reason_buttons(self, occurrence_id: str) -> tuple[Button, ...]:
        """Why it was not taken."""
        return tuple(Button(self.phrase(f"reason-{each}").text, f"reason:{each}:{occurrence_id}") for each in SHOWN_REASONS)
