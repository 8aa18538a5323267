"""One line we say to a patient, ready to show, to store and to send: words, form, buttons, and what a voice reads."""

from dataclasses import dataclass, field, fields
from typing import Any

from care.content.review import Proof, recording_of, weakest
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
    standing: str = ""  # what it was worth when it was said (care/messages/gate.py)
    recording: str = ""  # the name of a recording of these very words
    proof: Proof = field(default_factory=Proof)  # for the gate; not stored

    def to_json(self) -> dict[str, Any]:
        """As stored in the conversation."""
        stored = {name: getattr(self, name) for name in STORED}
        stored["buttons"] = [{"label": each.label, "payload": each.payload} for each in self.buttons]
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reply":
        """What an older version wrote beside is left out."""
        kept = {name: stored[name] for name in STORED if name in stored}
        return cls(**kept | {"buttons": tuple(Button(**button) for button in stored.get("buttons", ()))})


STORED = tuple(each.name for each in fields(Reply) if each.name != "proof")  # read once: `asdict` copies whatever it meets


@dataclass
class Wording:
    """Collects the texts of one bubble, line by line, keeping the spoken script beside the shown one."""

    form: str
    texts: list[Text] = field(default_factory=list)
    recording: str = ""  # of the whole bubble; of a bubble of one text it is that text's own

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
            recording=self.recording or (recording_of(self.texts[0]) if len(self.texts) == 1 else ""),
            proof=weakest(text.proof for text in self.texts),
        )
