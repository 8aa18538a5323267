"""Reads what a channel's folder says about itself: the rows of cases.toml, and the payloads in samples/."""

import tomllib
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from care.channels.base import Abilities, Choice, Contact, Said, Sound
from care.kit.clock import HandClock
from care.kit.settings import ROOT
from tests.vendors.stand import Stand

NOON = datetime(2026, 12, 1, 6, tzinfo=UTC)
BEGINS = {"opus": b"OggS\0\2" + bytes(22) + b"OpusHead\1\1", "mp3": b"\xff\xf3\x44\xc4"}
BYTES_A_SECOND = 3_000  # of Opus at 24 kbit/s
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cases:
    """The rows of one channel."""

    name: str
    hears: list[Row]
    says: list[Row]
    fails: list[Row]
    unreadable: list[Row]

    def sample(self, row: Row) -> bytes:
        return (folder(self.name) / "samples" / row["sample"]).read_bytes()


def folder(name: str) -> Path:
    return ROOT / "care" / "channels" / name


def read_cases(name: str) -> Cases:
    rows = tomllib.loads((folder(name) / "cases.toml").read_text(encoding="utf-8"))
    return Cases(name, *(rows.get(kind, []) for kind in ("hears", "says", "fails", "unreadable")))


def open_beside(name: str, clock: HandClock, tmp_path: Path) -> AbstractAsyncContextManager[Stand]:
    """The channel with its vendor's stand-in."""
    opened: AbstractAsyncContextManager[Stand] = import_module(f"tests.vendors.{name}").open_stand(clock, tmp_path)
    return opened


def sound_for(can: Abilities, seconds: float) -> Sound:
    """Bytes that begin and weigh like a recording of that length."""
    content = BEGINS[can.sound].ljust(int(seconds * BYTES_A_SECOND), b"\0")
    return Sound(f"sound-{seconds:g}", seconds, lambda: content)


def said_of(row: Row, can: Abilities) -> Said:
    """What a row wants said; only its text is needed."""
    told = dict(row)
    choices = tuple(Choice(label, payload) for label, payload in told.pop("choices", []))
    seconds = told.pop("sound_s", None)
    sound = sound_for(can, seconds) if seconds else None
    return Said(told.pop("key", "k1"), told.pop("text"), choices=choices, sound=sound, **told)


def contact_of(row: Row, address: str, now: datetime) -> Contact:
    """Who a row speaks to: by default a person of whom nothing is known but the address."""
    told = dict(row)
    ago = told.pop("opened_hours_ago", None)
    return Contact(told.pop("address", address), None if ago is None else now - timedelta(hours=ago), **told)
