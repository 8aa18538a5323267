"""A conversation as a nurse reads it: day by day, buttons in words, what we said named in her own language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from care.content.library import Library
from care.conversation.payloads import parse_payload
from care.conversation.record import LineView
from care.languages.table import FORMS, Form
from care.languages.table import form as form_of
from care.people.clocks import local


@dataclass(frozen=True)
class Spoken:
    """One bubble.  `act` names what Karez did; `pressed` is (kind, code) of a button, as `term` takes them."""

    at: datetime
    said_by: str
    text: str
    writing: Form
    act: str
    pressed: tuple[str, str] | None
    revision: str
    number: str  # of the revision: of the source, when these words were translated from one
    standing: str
    topic: str | None
    heard_at: datetime | None = None  # through a link that plays it
    attached: tuple[str, str] | None = None  # a voice message or picture: its kind and its id, empty when it was not kept


def by_day(lines: list[LineView], zone: str, heard: Mapping[str, datetime]) -> list[tuple[date, list[Spoken]]]:
    """The lines of each day of a clock, oldest first.  `heard`: when a line was listened to, by its key."""
    days = groupby(lines, lambda line: local(line.at, zone).date())
    return [(day, [_spoken(line, heard.get(line.key)) for line in said]) for day, said in days]


def _spoken(line: LineView, heard_at: datetime | None) -> Spoken:
    reply = line.reply
    pressed = read_press(reply.topic or "") if reply.act == "pressed" else None
    topic = pressed[1] if pressed and pressed[0] == "topic" else reply.topic if reply.act == "show_topic" else None
    return Spoken(
        at=line.at,
        said_by=line.said_by,
        text=line.shown,
        writing=form_of(reply.form),
        act=reply.act,
        pressed=pressed,
        revision=reply.revision,
        number=reply.revision.partition(" ")[0].rpartition("@")[2],
        standing=reply.standing,
        topic=topic,
        heard_at=heard_at,
        attached=read_attached(reply.topic or "") if reply.act == "attached" else None,
    )


def read_attached(topic: str) -> tuple[str, str]:
    kind, _, attachment_id = topic.partition(":")
    return kind, attachment_id


def read_press(payload: str) -> tuple[str, str]:
    """What a pressed button was: ("button", "dose:taken"), ("reason", "forgot"), ("topic", "fatigue"), ("form", "ug-Arab"),
    ("answer", "pi-pain=4"), ("consent:yes", "reminders").
    """
    read = parse_payload(payload)
    if read is None:
        return "button", payload
    if read.verb in ("reason", "topic", "form", "answer"):
        return read.verb, read.argument
    if read.verb == "consent":
        return f"consent:{read.occurrence}", read.argument
    return "button", f"{read.verb}:{read.argument}" if read.argument else read.verb


def topic_titles(library: Library, locale: str, reader: str) -> dict[str, str]:
    """Topics by name in the page's language; what is not written in it, in the patient's own (`reader`)."""
    mine = [tag for tag in library.forms if FORMS[tag].language == locale and FORMS[tag].authored]
    written = {each: tag for tag in (reader, *mine) for each in library.topics_in(tag)}
    return {each: library.topic(tag, each).title.text for each, tag in written.items()}
