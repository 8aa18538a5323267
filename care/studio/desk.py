"""One person's place in the studio: who they are, what they may do, and the words as they stand now."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from care.content.reading import LOADER
from care.kit.database import Work
from care.languages.table import languages
from care.people.staff import SignedIn
from care.people.tables import Clinic
from care.studio.tables import Publication
from care.studio.types import MAY_WRITE, NoSuchText, NotAllowed

# The files that carry a signature: any other would take `review` for one of its own names.
PLACE = re.compile(r"topics/[a-z0-9][a-z0-9-]{0,79}\.md|(?:phrases|alarms|checkins)\.yml")


@dataclass(frozen=True)
class Desk:
    """What every action of the studio needs.  Made by `open_desk`, within one unit of work."""

    work: Work
    who: SignedIn
    written: Path  # content/ as people write it

    @property
    def clinic_id(self) -> str:
        return self.who.clinic_id

    def need(self, action: str, roles: tuple[str, ...] = MAY_WRITE) -> None:
        """Raises NotAllowed unless the person's role may do this."""
        if self.who.role not in roles:
            raise NotAllowed(action, "role")

    def file(self, language: str, place: str) -> str | None:
        """A file of content/ as it is on the disk now."""
        found = self.path(language, place)
        return found.read_text(encoding="utf-8") if found.is_file() else None

    def read(self, name: str) -> dict[str, Any]:
        """A file that is the same in every language: topics.yml, numbers.yml."""
        return dict(yaml.load((self.written / name).read_text("utf-8"), LOADER))  # noqa: S506 - a safe loader

    def path(self, language: str, place: str) -> Path:
        """Where a text stands in content/.  Raises NoSuchText for a place that is none."""
        if language not in languages() or not PLACE.fullmatch(place):
            raise NoSuchText(f"{language}/{place}")
        return self.written / language / place

    async def in_service(self, language: str, place: str) -> str | None:
        """The text that speaks now, or will from the next start: what was published last, else the file."""
        published = await self.published(language, place)
        return published.text if published else self.file(language, place)

    async def published(self, language: str, place: str) -> Publication | None:
        """What the studio published there and nobody exported since."""
        newest = (
            select(Publication)
            .where(Publication.clinic_id == self.clinic_id, Publication.language == language, Publication.place == place)
            .where(Publication.exported_in.is_(None), Publication.dropped_in.is_(None))
            .order_by(Publication.id.desc())
            .limit(1)
        )
        found: Publication | None = await self.work.session.scalar(newest)
        return found


async def open_desk(work: Work, who: SignedIn, written: Path) -> Desk:
    """Raises NotAllowed for nurses, and for people of a clinic that does not keep this server's content."""
    desk = Desk(work, who, written)
    desk.need("studio")
    if who.clinic_id != await keeper(work):
        raise NotAllowed("studio", "clinic")
    return desk


async def keeper(work: Work, *, holds: bool = False) -> str:
    """The clinic whose editors write the words that all clinics of this server speak.

    `holds`: until the unit of work ends nobody else changes what is in service, so that releases are numbered as they come.
    """
    kept = select(Clinic.id).where(Clinic.keeps_content).order_by(Clinic.created_at, Clinic.id).limit(1)
    return await work.session.scalar(kept.with_for_update() if holds else kept) or ""


def fingerprint(text: str | None) -> str:
    """SHA-256 of a file's text; empty when there is no file."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()
