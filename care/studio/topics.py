"""A topic that is not in content/topics.yml yet: checked before anybody writes a word of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from care.studio.desk import Desk
from care.studio.tables import NewTopic
from care.studio.types import BadTopic

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_ID = 60


async def add_topic(
    desk: Desk,
    topic_id: str,
    category: str,
    sources: list[str],
    red_flags: list[str],
    plans: list[str],
    new_sources: dict[str, str] | None = None,
) -> NewTopic:
    """A new topic.  `new_sources`: id and reference of each source that topics.yml does not know.  Raises BadTopic.

    It is offered to patients in every language in which it is published, whether the others follow or not.
    """
    given = Given(topic_id, category, sources, red_flags, {name: ref.strip() for name, ref in (new_sources or {}).items()})
    faults = dict(given.faults(desk.read("topics.yml"), desk.read("alarms.yml")))
    if "id" not in faults and await is_listed(desk, topic_id):
        faults["id"] = "taken"
    if faults:
        raise BadTopic(faults)
    row = NewTopic(
        id=topic_id,
        clinic_id=desk.clinic_id,
        line={"category": category, "plans": plans, "red_flags": red_flags, "sources": sources},
        new_sources={name: {"ref": ref} for name, ref in given.new_sources.items() if name in sources},
        made_by=desk.who.staff_id,
        made_at=desk.work.now,
    )
    desk.work.session.add(row)
    await desk.work.session.flush()
    return row


@dataclass(frozen=True)
class Given:
    """What a person typed of a new topic."""

    topic_id: str
    category: str
    sources: list[str]
    red_flags: list[str]
    new_sources: dict[str, str]

    def faults(self, topics: dict[str, Any], alarms: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """(field, what is wrong with it): bad, none, or unknown."""
        if not ID.fullmatch(self.topic_id) or len(self.topic_id) > LONGEST_ID:
            yield "id", "bad"
        if self.category not in {each["category"] for each in topics["topics"]}:
            yield "category", "unknown"
        if not set(self.red_flags) <= set(alarms["flags"]):
            yield "red_flags", "unknown"
        named = {name for name, ref in self.new_sources.items() if ref and ID.fullmatch(name)}
        if not self.sources:
            yield "sources", "none"
        elif not set(self.sources) <= named | set(topics.get("sources") or {}):
            yield "sources", "unknown"


async def is_listed(desk: Desk, topic_id: str) -> bool:
    """Whether a topic has this id already, in the file or in the studio."""
    in_file = any(each["id"] == topic_id for each in desk.read("topics.yml")["topics"])
    return in_file or await desk.work.session.get(NewTopic, topic_id) is not None


async def new_topics(desk: Desk) -> list[NewTopic]:
    """Those that content/topics.yml does not hold yet."""
    mine = select(NewTopic).where(NewTopic.clinic_id == desk.clinic_id, NewTopic.exported_in.is_(None))
    return list(await desk.work.session.scalars(mine.order_by(NewTopic.made_at, NewTopic.id)))
