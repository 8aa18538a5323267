"""How many messages WeChat still takes for a person, and until when.

https://developers.weixin.qq.com/doc/service/en/guide/product/kf/intro.html

Every act of the patient's gives so many messages for so long.  They do not add up: the larger remainder counts
(care/messages/windows.py).  A button of a message of ours (msgmenu) gives what a menu gives, although it arrives as a text.
"""

from dataclasses import dataclass
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
