"""How far words may be trusted: which words they are, who signed exactly these, until when, and whether their source moved on."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Template
from typing import Any

from care.content.reading import DEEPEST, Page
from care.content.shape import META
from care.content.standing import Proof as Proof
from care.content.standing import Standing as Standing
from care.content.standing import weakest as weakest
from care.content.types import Text, Topic

CALLS = ("emergency", "same_day", "next_contact")
FOLLOWS = re.compile(r"([a-z]{2,3})@([1-9][0-9]*)")


@dataclass(frozen=True)
class Review:
    """One signature.  `of` is the digest of the words it was given for; `until` the day on which it must be renewed."""

    by: str
    on: date
    until: date
    of: str


def standing(page: Page, source: Page | None, today: date) -> Standing:
    """The standing of a file.  `source`: the file it follows, None when it follows none."""
    return proof(page, source).on(today)


def proof(page: Page, source: Page | None) -> Proof:
    """Signed counts only while the words are those that were signed: changed words are unreviewed of themselves."""
    signature = review(page)
    signed = signature is not None and signature.of == digest(page)
    return Proof(signed, is_behind(page, source), signature.until if signature and signed else None)


def review(page: Page) -> Review | None:
    """The signature in a header, whole or none.  `unreviewed`, or nothing at all, is none."""
    written = page.values.get("review")
    if not isinstance(written, Mapping):
        return None
    given = {"on" if key is True else key: value for key, value in written.items()}  # YAML reads a bare `on` as yes
    by, of, on, until = given.get("by"), given.get("of"), _day(given.get("on")), _day(given.get("until"))
    return Review(str(by), on, until, str(of)) if by and of and on and until else None


def follows(page: Page) -> tuple[str, int] | None:
    """The language and revision a translation was made from."""
    found = FOLLOWS.fullmatch(str(page.values.get("follows", "")))
    return (found[1], int(found[2])) if found else None


def is_behind(page: Page, source: Page | None) -> bool:
    """Whether the source has moved on since this translation was made, signed or not."""
    made_from = follows(page)
    now = source.values.get("revision") if source else None
    return made_from is not None and isinstance(now, int) and made_from[1] < now


def digest(page: Page) -> str:
    """Sixteen hexadecimal digits of what a signature is given for: a file's words, and the source they were compared with."""
    made_from = page.values.get("follows")
    return digest_of(words(page) | ({"follows": str(made_from)} if made_from else {}))


def digest_of(said: Mapping[str, str]) -> str:
    """The same of words by name.  Neither their order nor the way a letter is composed makes them other words."""
    parts = (f"{name}\0{unicodedata.normalize('NFC', said[name]).strip()}" for name in sorted(said))
    return hashlib.sha256("\0\0".join(parts).encode()).hexdigest()[:16]


def words(page: Page) -> dict[str, str]:
    """What a patient may be told from a file, by name; neither samples and rules, which are lists, nor what it says of itself."""
    values = page.values
    if page.file.endswith(".md"):
        call = values.get("call") or {}
        parts = {"title": values.get("title"), "summary": values.get("summary"), "body": page.body}
        parts |= {f"call.{when}": call.get(when) for when in CALLS}
        return {name: str(said) for name, said in parts.items() if said}
    if "flags" in values:
        return {flag: str(entry["say"]) for flag, entry in values["flags"].items() if entry.get("say")}
    said = {key: value for key, value in values.items() if key not in META}
    if "/plans/" in page.file:  # all of a plan is what its clinician signs
        return {"plan": json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)}
    return dict(_leaves(said))


def _leaves(values: Mapping[Any, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, value in values.items() if depth <= DEEPEST else ():  # a file may refer to itself
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.", depth + 1)
        elif value and not isinstance(value, list):
            yield f"{above}{key}", str(value)


def _day(written: Any) -> date | None:
    return written if isinstance(written, date) and not isinstance(written, datetime) else None


def recording_of(text: Text) -> str:
    """The name of a recording of these very words, with what was filled in; "" when none may be heard."""
    return _recording(text.key, {text.key: text.spoken}, text.proof)


def recording_of_topic(topic: Topic, emergency_number: str) -> str:
    """The same of a whole topic.  Its own digest, except where a call line says a number: a voice says one country's only."""
    said = {"title": topic.title, "summary": topic.summary, "body": topic.body}
    said |= {f"call.{when}": text for when, text in topic.call.items()}
    filled = {name: Template(text.spoken).safe_substitute(emergency_number=emergency_number) for name, text in said.items()}
    return _recording(topic.id, filled, topic.proof)


def _recording(key: str, said: Mapping[str, str], proof: Proof) -> str:
    return "" if proof.is_behind else f"{key}@{digest_of(said)}"
