"""Three people at one studio, and somebody who must stay out."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from care.kit.settings import Settings
from care.people.staff import SignedIn, create_staff
from care.studio.desk import Desk, open_desk
from care.studio.drafts import begin, edition_of, lock, save
from care.studio.folders import fingerprint, make
from care.studio.publishing import publish
from care.studio.reviewing import sign, submit
from care.studio.serving import Served, serve
from care.studio.types import Saved
from care.supervisor.content import InService, take_all_into_service
from tests.ward import Ward

FEVER = "topics/fever-infection.md"
# house: letters 3 - "new" and "better", as an editor may put them before a title
NEW = {"ug": "يېڭى", "kk": "жаңа", "zh": "新"}
BETTER = {"ug": "ياخشى", "kk": "жақсы", "zh": "好"}


@dataclass
class Studio:
    """A ward whose editors write in a content folder of their own.

    `aliya` translates, `rena` reviews, `askar` reviews too; `nurse` and `stranger` (an editor of another clinic) may not.
    """

    ward: Ward
    written: Path
    people: dict[str, SignedIn]
    settings: Settings  # of a Karez that runs since the studio was opened: it reads a copy of the files

    async def restart(self) -> InService:
        """The files as they are now are taken into service."""
        settings = self.settings.model_copy(update={"content": self.written})
        taken = await take_all_into_service(self.ward.database, settings)
        self.settings = settings.model_copy(update={"content": taken.folder})
        return taken

    async def served(self) -> Served:
        return await serve(self.ward.database, self.settings)

    async def publish(self, *drafts: str, by: str = "aliya", recordings: Sequence[str] = ()) -> int:
        """Bring signed drafts into service."""
        seen = {each: await self.seen(each) for each in drafts}
        return await publish(self.ward.database, self.settings, self.people[by], seen, recordings)

    async def published(self, language: str = "ug", word: str = "", **ticks: bool) -> str:
        """A draft with a word before its title, signed and in service.  Returns its id."""
        draft = await self.titled(language, word, **ticks)
        await self.sign(draft)
        await self.publish(draft)
        return draft

    async def titled(self, language: str = "ug", word: str = "", **ticks: bool) -> str:
        """A draft with a word before its title, saved.  Returns its id."""
        draft = await self.begun(language)
        await self.change(draft, "title: ", f"title: {word or NEW[language]} ", **ticks)
        return draft

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
    def year_on(self) -> date:
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
    # As a start takes them into service, without the check: the words of the tests are good.
    copy = make(ward.home, fingerprint(written), written, 0, lambda folder: shutil.copytree(written, folder))
    return Studio(ward, written, people, Settings(home=ward.home, content=copy))
