"""One line we say to a patient, ready to show, to store and to send: words, form, buttons, and what a voice reads."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from care.content.types import Text


@dataclass(frozen=True)
class Button:
    """A choice under a line.  `payload` is what comes back when it is pressed (grammar: care/conversation/payloads.py)."""

    label: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """What Karez says in one bubble."""

    text: str
    form: str
    act: str
    spoken: str = ""  # the same words in the script a voice reads; not shown
    topic: str | None = None
    notice: str = ""  # "demonstration, not reviewed" in the patient's language
    buttons: tuple[Button, ...] = ()
    revision: str = ""  # which wording the patient was told
    reviewed: bool = False

    def to_json(self) -> dict[str, Any]:
        """As stored in the conversation."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reply":
        """What an older version wrote beside is left out."""
        kept = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        return cls(**kept | {"buttons": tuple(Button(**button) for button in stored.get("buttons", ()))})


@dataclass
class Wording:
    """Collects the texts of one bubble, line by line, keeping the spoken script beside the shown one."""

    form: str
    texts: list[Text] = field(default_factory=list)

    def add(self, *texts: Text) -> "Wording":
        self.texts += texts
        return self

    def reply(self, act: str, topic: str | None = None, buttons: tuple[Button, ...] = ()) -> Reply:
        return Reply(
            text="\n".join(text.text for text in self.texts),
            spoken="\n".join(text.spoken for text in self.texts),
            form=self.form,
            act=act,
            topic=topic,
            buttons=buttons,
            revision=" ".join(dict.fromkeys(text.revision for text in self.texts))[:80],
            reviewed=all(text.reviewed for text in self.texts),
        )
