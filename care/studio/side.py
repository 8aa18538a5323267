"""What stands beside a translation: its source, and what changed in it since the translation was made."""

from dataclasses import dataclass

from sqlalchemy import select

from care.content.reading import Page
from care.content.review import follows
from care.studio.desk import Desk
from care.studio.fields import Field, fields_of
from care.studio.history import Line, compare
from care.studio.pages import page_of, revision_of
from care.studio.tables import Draft, Edition
from care.studio.types import Unreadable


@dataclass(frozen=True)
class Source:
    """The source in service.  `made_from` below `revision`: the translation is behind; `changed` is empty when nobody kept
    the older words."""

    language: str
    revision: int
    made_from: int
    fields: dict[str, Field]
    changed: list[Line]

    @property
    def is_ahead(self) -> bool:
        return self.made_from < self.revision


async def source_beside(desk: Desk, language: str, place: str, text: str) -> Source | None:
    """None for a source itself, and for a translation whose source is gone."""
    made_from = follows(page_of(language, place, text))
    said = await desk.in_service(made_from[0], place) if made_from else None
    if made_from is None or said is None:
        return None
    page = page_of(made_from[0], place, said)
    revision = revision_of(page)
    older = await _as_of(desk, made_from[0], place, made_from[1]) if made_from[1] < revision else None
    changed = list(compare(_words(page_of(made_from[0], place, older), older), _words(page, said))) if older else []
    named = {field.name: field for field in fields_of(page, said)}
    return Source(made_from[0], revision, made_from[1], named, changed)


def _words(page: Page, text: str) -> str:
    """What a reader compares: neither the samples nor what the file says of itself."""
    return "\n".join(field.value for field in fields_of(page, text) if field.kind != "list")


async def _as_of(desk: Desk, language: str, place: str, revision: int) -> str | None:
    """The last kept words of a revision of a source."""
    kept = (
        select(Edition.text)
        .join(Draft, Draft.id == Edition.draft_id)
        .where(Draft.clinic_id == desk.clinic_id, Draft.language == language, Draft.place == place)
        .where(Edition.is_aside.is_(False))
        .order_by(Edition.number.desc())
    )
    for text in await desk.work.session.scalars(kept):
        try:
            if revision_of(page_of(language, place, text)) == revision:
                return str(text)
        except Unreadable:
            continue
    return None
