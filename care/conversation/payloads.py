"""What a pressed button says.  Buttons work without the assistant, so their grammar is ours and closed."""

from dataclasses import dataclass

VERBS = frozenset(
    [
        *("dose", "reason", "topic", "form", "audio", "menu", "nurse", "next", "topics", "language", "stop", "resume"),
        *("bad", "degrees", "number", "checkin", "answer", "consent", "arrive", "listen"),
    ]
)


@dataclass(frozen=True)
class Payload:
    """`verb:argument:occurrence`, as in dose:taken:<id>, reason:forgot:<id>, topic:fatigue, bad:severe:fatigue,
    degrees:38.5, topics:nutrition, form:ug-Arab, menu, checkin:start:q-pain, answer:pi-pain=4:<id>, consent:reminders:yes,
    arrive, listen:message:<id>.
    """

    verb: str
    argument: str = ""
    occurrence: str = ""


def parse_payload(written: str) -> Payload | None:
    """The payload, or None for anything no button of ours says."""
    verb, _, rest = written.partition(":")
    argument, _, occurrence = rest.partition(":")
    return Payload(verb, argument, occurrence) if verb in VERBS else None
