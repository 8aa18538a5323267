"""Phones looked up a moment ago: whose they are is known before the database is asked, and asked again in what is written."""

from datetime import datetime, timedelta

from care.kit.ids import fingerprint
from care.people.linking import Phone

MOST = 10_000
KEPT = timedelta(minutes=10)


class Phones:
    """By token.  Never the last word on whether a phone is still open (care.people.linking, STILL_THEIRS)."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, Phone]] = {}

    def recall(self, token: str, now: datetime) -> Phone | None:
        """As it was within KEPT."""
        at, phone = self._seen.get(fingerprint(token), (None, None))
        return phone if at and timedelta() <= now - at < KEPT else None

    def keep(self, token: str, phone: Phone, now: datetime) -> None:
        """The longest known is forgotten first."""
        self._seen.pop(fingerprint(token), None)
        if len(self._seen) >= MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[fingerprint(token)] = (now, phone)

    def forget(self, token: str) -> None:
        self._seen.pop(fingerprint(token), None)
