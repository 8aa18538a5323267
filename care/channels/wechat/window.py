"""How many messages WeChat still takes for a person, and until when.

https://developers.weixin.qq.com/doc/service/en/guide/product/kf/intro.html

Every act of the patient's gives so many messages for so long.  They do not add up: the larger remainder counts.  A button
of a message of ours (msgmenu) gives what a menu gives, although it arrives as a text.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from care.channels.base import Contact

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Grant:
    """What one act gives."""

    messages: int
    life: timedelta


BRIEF = Grant(3, timedelta(minutes=1))
GRANTS = {"message": Grant(5, timedelta(hours=48)), "menu": BRIEF, "follow": BRIEF, "scan": BRIEF}
NOTHING = Grant(0, timedelta(0))


def shuts_at(contact: Contact) -> datetime:
    """The first moment at which nothing is taken any more."""
    given = GRANTS.get(contact.opened_by, NOTHING)
    return contact.opened_at + given.life if contact.opened_at else LONG_AGO


def count_left(contact: Contact, now: datetime) -> int:
    """Messages that would still be taken now."""
    given = GRANTS.get(contact.opened_by, NOTHING)
    return max(0, given.messages - contact.spent) if now < shuts_at(contact) else 0


def reopen(contact: Contact, opens: str, at: datetime) -> Contact:
    """The contact after an act of the patient's: begun anew when that gives more than what is left, else as it was."""
    if contact.opened_at and opens == contact.opened_by and at < contact.opened_at:
        return contact  # told late: a newer one of the same kind has counted already
    given = GRANTS.get(opens, NOTHING)
    if (given.messages, at + given.life) <= (count_left(contact, at), shuts_at(contact)):
        return contact
    return replace(contact, opened_at=at, opened_by=opens, spent=0)
