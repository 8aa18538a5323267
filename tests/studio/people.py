"""Three people at one studio, and somebody who must stay out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from care.people.staff import SignedIn, create_staff
from care.studio.desk import Desk, open_desk
from care.studio.drafts import begin, edition_of, lock, save
from care.studio.reviewing import sign, submit
from care.studio.types import Saved
from tests.ward import Ward

FEVER = "topics/fever-infection.md"
UNTIL_DAYS = 365


@dataclass
class Studio:
    """A ward whose editors write in a content folder of their own.

    `aliya` translates, `rena` reviews, `askar` reviews too; `nurse` and `stranger` (an editor of another clinic) may not.
    """

    ward: Ward
    written: Path
    people: dict[str, SignedIn]

    @asynccontextmanager
    async def desk(self, name: str = "aliya") -> AsyncIterator[Desk]:
        async with self.ward.database.work() as work:
            yield await open_desk(work, self.people[name], self.written)

    async def do[Result](
        self, action: Callable[..., Awaitable[Result]], *given: object, by: str = "aliya", **more: object
    ) -> Result:
        """One action in a unit of work of its own."""
        async with self.desk(by) as desk:
            return await action(desk, *given, **more)

    async def begun(self, language: str = "ug", place: str = FEVER, by: str = "aliya") -> str:
        return (await self.do(begin, language, place, by=by)).id

    async def text(self, draft_id: str, number: int | None = None) -> str:
        async with self.desk() as desk:
            return (await edition_of(desk, await lock(desk, draft_id), number)).text

    async def seen(self, draft_id: str) -> int:
        async with self.desk() as desk:
            return (await lock(desk, draft_id)).edition

    async def change(self, draft_id: str, old: str, new: str, by: str = "aliya", **ticks: bool) -> int:
        """Save the text with something replaced; returns the new edition."""
        text = await self.text(draft_id)
        assert old in text, old
        saved = await self.do(save, draft_id, await self.seen(draft_id), text.replace(old, new, 1), by=by, **ticks)
        assert isinstance(saved, Saved)
        return saved.edition

    async def sign(self, draft_id: str, by: str = "rena") -> None:
        """Submitted by the translator, signed by somebody else for a year."""
        await self.do(submit, draft_id, await self.seen(draft_id))
        await self.do(sign, draft_id, await self.seen(draft_id), self.year_on, by=by)

    @property
    def year_on(self):
        now = self.ward.clock.now().date()
        return now.replace(year=now.year + 1)


async def open_studio(ward: Ward, written: Path) -> Studio:
    people = {}
    for name, clinic, role in (
        ("aliya", ward.clinic, "editor"),
        ("rena", ward.clinic, "reviewer"),
        ("askar", ward.clinic, "reviewer"),
        ("nurse", ward.clinic, "nurse"),
        ("stranger", ward.other_clinic, "editor"),
    ):
        async with ward.database.work() as work:
            row = await create_staff(work, clinic.id, f"{name}-of-the-studio", name.capitalize(), role)
        people[name] = SignedIn(row.id, clinic.id, row.name, role, "zh", "Asia/Shanghai", "csrf")
    return Studio(ward, written, people)
