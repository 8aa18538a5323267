"""What a text is worth on a day, and what speaks for it before anybody asks which day it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """What a text is worth on a day."""

    UNREVIEWED = "unreviewed"
    SIGNED = "signed"
    BEHIND = "behind"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Proof:
    """What speaks for some words, before anybody asks which day it is."""

    is_signed: bool = False
    is_behind: bool = False
    until: date | None = None

    def on(self, today: date) -> Standing:
        """The standing.  Behind comes before expired: to renew the signature alone would be no mend."""
        if not self.is_signed:
            return Standing.UNREVIEWED
        if self.is_behind:
            return Standing.BEHIND
        return Standing.EXPIRED if self.until and today > self.until else Standing.SIGNED


def weakest(proofs: Iterable[Proof]) -> Proof:
    """What speaks for several texts said together: no more than for the weakest of them."""
    known = tuple(proofs)
    days = [each.until for each in known if each.until]
    signed = bool(known) and all(each.is_signed for each in known)
    return Proof(signed, any(each.is_behind for each in known), min(days, default=None))
