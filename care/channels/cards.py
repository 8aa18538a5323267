"""What each channel's card.toml says about it: shown to nurses and in docs/channels.md, and held to by one suite."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROMISES = {
    "verify": "a request that does not know our secret is refused",
    "parse-many": "several messages in one request are all heard",
    "dedupe": "a request that comes twice counts once",
    "voice": "speaks a recording",
    "text": "writes",
    "buttons": "offers buttons",
    "notice": "sends the vendor's fixed form where nothing else may go",
    "window": "knows when the vendor lets us write",
    "quota": "counts what the vendor still lets us send",
    "statuses": "hears what became of a message",
    "media-in": "takes voice messages and pictures of patients",
    "enrolment": "a patient's card opens it with a code",
    "opted-out": "a patient who blocks it has said stop",
    "pacing": "never sends faster than the vendor takes",
    "lost-answer": "a message whose answer was lost is not repeated blindly",
    "region": "says in which country a message is read",
}


@dataclass(frozen=True)
class Promise:
    """`state`: done, todo or exempt; the last two with a reason."""

    state: str
    reason: str = ""


@dataclass(frozen=True)
class Card:
    """One channel's folder about itself, in English."""

    title: str
    servers: str
    sends: str
    hears: str
    limits: tuple[str, ...]
    promises: Mapping[str, Promise]


def read_card(name: str) -> Card:
    """Raises KeyError for a card that leaves something out, and ValueError for a promise that says neither state nor reason."""
    told = tomllib.loads((Path(__file__).parent / name / "card.toml").read_text(encoding="utf-8"))
    promises = {promise: _read_promise(said) for promise, said in told["promises"].items()}
    return Card(told["title"], told["servers"], told["sends"], told["hears"], tuple(told["limits"]), promises)


def _read_promise(said: Any) -> Promise:
    if said == "done":
        return Promise("done")
    match said:
        case {"todo": str(reason)} if reason and len(said) == 1:
            return Promise("todo", reason)
        case {"exempt": str(reason)} if reason and len(said) == 1:
            return Promise("exempt", reason)
    raise ValueError(f'a promise is "done", {{todo = "why"}} or {{exempt = "why"}}, not {said!r}')
