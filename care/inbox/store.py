"""All SQL of the inbox: kept once, taken under a lease in the order of each address, ended for good.

Leases are compared with the database's clock, moments with `now`, as in the delivery of messages.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import aliased

from care.channels.base import Act, Inbound, Post
from care.inbox.tables import RawPost, Received
from care.kit.database import Work, dbnow, insert_new
from care.kit.ids import fingerprint, new_id
from care.messages.store import lease_end
from care.people.contacts import address_index

RAW_FOR = timedelta(days=30)  # as long as raw sound may lie (facts: trust, section 10)
KNOWN_FOR = timedelta(days=30)  # vendors repeat for a week
TRIES = 3  # then it is a dead letter
AGAIN_S = (5, 60)
WAITS_FOR = timedelta(days=3)  # for a nurse, or for a word of the patient's; as long as a code on a card works
KEPT_HEADERS = ("content-type",)  # a secret in a header has done its work


class State(StrEnum):
    """`new` until it is worked off; `waiting` for a nurse or for an answer; `dead` when nobody could."""

    NEW = "new"
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


OPEN = (State.NEW, State.WAITING, State.DEAD)
# Written out, because neither database proves that a bound parameter falls inside the partial index ix_received_open.
OPEN_ROWS = text("received.state in ('new', 'waiting', 'dead')")


@dataclass(frozen=True)
class Taken:
    """One thing to work off, ours until its lease runs out."""

    id: int
    channel: str
    key: str  # of the line it becomes; the same at every try
    inbound: Inbound
    received_at: datetime
    tries: int
    why: str = ""  # it waited, or failed, before


@dataclass(frozen=True)
class Come:
    """A post and what it says.  `unreadable`: it stands as one dead letter, told from others by its bytes."""

    channel: str
    post: Post
    found: Sequence[Inbound]
    unreadable: bool = False


async def keep(work: Work, come: Sequence[Come]) -> None:
    """Keep posts and what they say, as the last thing in the caller's transaction; a repeat keeps nothing.

    Three statements, however many there are.
    """
    by_key = {(row["channel"], row["key_index"]): (row, each) for each in come for row in _rows(work, each)}
    known = select(Received.channel, Received.key_index).where(Received.key_index.in_([key for _, key in by_key]))
    for channel, key in await work.session.execute(known):
        by_key.pop((channel, key), None)
    raw = {id(each): _raw(work, each) for _, each in by_key.values()}
    await insert_new(work, RawPost, list(raw.values()))
    rows = [row | {"raw_post_id": raw[id(each)]["id"]} for row, each in by_key.values()]
    await insert_new(work, Received, rows, Received.id, ends=True)


def _rows(work: Work, come: Come) -> list[dict[str, Any]]:
    if come.unreadable:
        row = _empty_row(work, come.channel, fingerprint(come.post.body.hex()))
        return [row | {"state": State.DEAD, "why": "unreadable"}]
    return [_row(work, come.channel, each) for each in come.found]


def _raw(work: Work, come: Come) -> dict[str, Any]:
    row = {"id": new_id(), "channel": come.channel, "received_at": work.now}
    return row | {"raw_sealed": work.master.seal(f"raw_post.{come.channel}", _stored(come.post))}


def _row(work: Work, channel: str, inbound: Inbound) -> dict[str, Any]:
    row = _empty_row(work, channel, inbound.key)
    said = asdict(inbound) | {"at": inbound.at.isoformat() if inbound.at else None}
    content = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
    row["content_sealed"] = work.master.seal(f"received.{row['key_index']}", content)
    if inbound.address and inbound.act != Act.STATUS:
        row["address_index"] = address_index(work, channel, inbound.address)
    return row


def _empty_row(work: Work, channel: str, key: str) -> dict[str, Any]:
    return {
        "channel": channel,
        "key_index": work.master.blind_index(f"received.{channel}", key),
        "address_index": None,
        "content_sealed": None,
        "state": State.NEW,
        "why": None,
        "tries": 0,
        "next_at": work.now,
        "received_at": work.now,
    }


def _stored(post: Post) -> bytes:
    headers = {name: value for name, value in post.headers.items() if name in KEPT_HEADERS}
    stored = {"method": post.method, "query": dict(post.query), "headers": headers, "body": b64encode(post.body).decode()}
    return json.dumps(stored).encode()


async def read_raw(work: Work, raw_post_id: str) -> Post | None:
    """The vendor's post as it came; None when its time is over."""
    row = await work.session.get(RawPost, raw_post_id)
    if row is None:
        return None
    stored = json.loads(work.master.unseal(f"raw_post.{row.channel}", row.raw_sealed))
    return Post(**stored | {"body": b64decode(stored["body"])})


async def is_work_waiting(work: Work) -> bool:
    """Whether there is anything to take; one look at an index, no lock taken."""
    waiting = select(Received.id).where(OPEN_ROWS, Received.state == State.NEW, Received.next_at <= work.now).limit(1)
    return await work.session.scalar(waiting) is not None


async def take(work: Work, limit: int) -> list[Taken]:
    """Take what is to be done, the oldest first, and of one address never two at a time: what was said first is heard first."""
    before = aliased(Received)
    earlier = exists().where(before.address_index == Received.address_index, before.id < Received.id, before.state == State.NEW)
    free = or_(Received.lease_until.is_(None), Received.lease_until < dbnow())
    due = select(Received.id).where(OPEN_ROWS, Received.state == State.NEW, Received.next_at <= work.now)
    some = due.where(free, ~earlier).order_by(Received.id).limit(limit).with_for_update(skip_locked=True).cte("some")
    mine = (
        update(Received).where(Received.id.in_(select(some.c.id))).values(lease_until=lease_end(work), tries=Received.tries + 1)
    )
    mine = mine.returning(
        *(Received.id, Received.channel, Received.key_index, Received.content_sealed),
        *(Received.received_at, Received.tries, Received.why),
    )
    rows = (await work.session.execute(mine.execution_options(synchronize_session=False))).all()
    return [_taken(work, *row) for row in sorted(rows)]


def _taken(
    work: Work,
    id_: int,
    channel: str,
    key_index: str,
    sealed: bytes | None,
    received_at: datetime,
    tries: int,
    why: str | None,
) -> Taken:
    said = json.loads(work.master.unseal(f"received.{key_index}", sealed or b"").decode("utf-8", "surrogatepass"))
    said |= {"act": Act(said["act"]), "aliases": tuple(said["aliases"]), "formerly": tuple(said.get("formerly", ()))}
    said["at"] = datetime.fromisoformat(said["at"]) if said["at"] else None
    return Taken(id_, channel, f"in-{key_index[:40]}", Inbound(**said), received_at, tries, why or "")


async def finish(work: Work, id_: int, why: str = "") -> None:
    """It was worked off, and what it said is forgotten here."""
    done = {"state": State.DONE, "why": why or None, "done_at": work.now, "content_sealed": None, "lease_until": None}
    await work.session.execute(update(Received).where(Received.id == id_).values(**done))


async def set_waiting(work: Work, id_: int, why: str) -> None:
    """It cannot be worked off before somebody has said something; `release` brings it back."""
    waits = update(Received).where(Received.id == id_).values(state=State.WAITING, why=why, lease_until=None, tries=0)
    await work.session.execute(waits)


async def release(work: Work, channel: str, address_indexes: Sequence[str]) -> int:
    """What waited of these addresses is to be worked off now.  Returns how much."""
    mine = and_(Received.channel == channel, Received.address_index.in_(address_indexes), Received.state == State.WAITING)
    back = update(Received).where(mine).values(state=State.NEW, next_at=work.now).returning(Received.id)
    return len((await work.session.scalars(back)).all())


async def drop(work: Work, channel: str, address_indexes: Sequence[str], why: str) -> None:
    """What waited of these addresses is nobody's."""
    mine = and_(Received.channel == channel, Received.address_index.in_(address_indexes), Received.state == State.WAITING)
    gone = {"state": State.DONE, "why": why, "content_sealed": None, "done_at": work.now}
    await work.session.execute(update(Received).where(mine).values(**gone))


async def forget_people(work: Work, indexes: Mapping[str, Collection[str]]) -> None:
    """What came from these addresses of each channel: the posts as they were, and what nobody has worked off yet.

    Whom a vendor's report names stands in the post only: of these channels every post goes that was worked off.
    """
    for channel, some in indexes.items():
        mine = and_(Received.channel == channel, Received.address_index.in_(some))
        others = or_(Received.channel != channel, Received.address_index.is_(None), Received.address_index.not_in(some))
        still = select(Received.raw_post_id).where(Received.raw_post_id.is_not(None), Received.state != State.DONE, others)
        await work.session.execute(delete(RawPost).where(RawPost.channel == channel, RawPost.id.not_in(still)))
        gone = {"state": State.DONE, "content_sealed": None, "done_at": work.now}
        await work.session.execute(update(Received).where(mine, Received.content_sealed.is_not(None)).values(**gone))


async def fail(work: Work, taken: Taken, error: str) -> bool:
    """It could not be worked off: again later, and after TRIES tries a dead letter.  True: it is one now."""
    if taken.tries >= TRIES:
        values: dict[str, Any] = {"state": State.DEAD, "why": error[:40]}
    else:
        values = {"next_at": work.now + timedelta(seconds=AGAIN_S[taken.tries - 1]), "why": error[:40]}
    await work.session.execute(update(Received).where(Received.id == taken.id).values(lease_until=None, **values))
    return taken.tries >= TRIES


async def said_lately(work: Work, channel: str, index: str, why: Sequence[str], within: timedelta) -> int:
    """How often something of this address ended so."""
    mine = (Received.channel == channel, Received.address_index == index, Received.why.in_(why))
    lately = select(func.count()).where(*mine, Received.done_at > work.now - within)
    return await work.session.scalar(lately) or 0


async def is_waiting(work: Work, channel: str, index: str, why: str, within: timedelta) -> bool:
    """Whether something of this address waits for the same: they were told already."""
    mine = (OPEN_ROWS, Received.channel == channel, Received.address_index == index, Received.why == why)
    lately = (Received.state == State.WAITING, Received.received_at > work.now - within)
    return await work.session.scalar(select(Received.id).where(*mine, *lately).limit(1)) is not None


@dataclass(frozen=True)
class Counts:
    """What waits in the inbox, and since when the oldest of it."""

    new: int = 0
    waiting: int = 0
    dead: int = 0
    oldest: datetime | None = None


async def count_open(work: Work) -> Counts:
    """For whoever runs the server."""
    rows = await work.session.execute(
        select(Received.state, func.count(), func.min(Received.received_at)).where(OPEN_ROWS).group_by(Received.state)
    )
    found = {state: (count, oldest) for state, count, oldest in rows}
    counts = {state: found.get(state, (0, None))[0] for state in OPEN}
    return Counts(counts[State.NEW], counts[State.WAITING], counts[State.DEAD], found.get(State.NEW, (0, None))[1])


async def bring_back(work: Work) -> int:
    """Dead letters that were readable are tried once more, after somebody has mended what they died of."""
    dead = (Received.state == State.DEAD, Received.content_sealed.is_not(None))
    back = update(Received).where(*dead).values(state=State.NEW, tries=0, next_at=work.now).returning(Received.id)
    return len((await work.session.scalars(back)).all())


async def give_up_waiting(work: Work) -> set[tuple[str, str]]:
    """What nobody answered for within WAITS_FOR is forgotten.  Returns whose it was: (channel, index of the address)."""
    late = (OPEN_ROWS, Received.state == State.WAITING, Received.received_at < work.now - WAITS_FOR)
    over = {"state": State.DONE, "content_sealed": None, "done_at": work.now}
    given_up = update(Received).where(*late).values(**over).returning(Received.channel, Received.address_index)
    rows = await work.session.execute(given_up.execution_options(synchronize_session=False))
    return {(channel, index) for channel, index in rows if index}


async def forget_old(work: Work) -> None:
    """Raw posts go after RAW_FOR, what was worked off after KNOWN_FOR."""
    await work.session.execute(delete(RawPost).where(RawPost.received_at < work.now - RAW_FOR))
    over = (Received.state == State.DONE, Received.received_at < work.now - KNOWN_FOR)
    await work.session.execute(delete(Received).where(*over))
