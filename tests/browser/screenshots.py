"""Takes the pictures of docs/screenshots: `python -m tests.browser.screenshots` (real assistant, Chromium, no network)."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from care.content.library import Library
from care.kit.settings import ROOT
from care.supervisor.prepare import migrate
from tests.assistant_process import RunningAssistant, running_assistant
from tests.browser.chromium import running_chromium
from tests.browser.people import DESK, PEOPLE, PHONE, Caller, Nurse
from tests.ward import open_ward
from tests.web import Web, open_web

FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 120_000
LANGUAGES, HOURS = ("zh", "ug"), ("12:30", "23:30")


@dataclass(frozen=True)
class Album:
    """Where the pictures of one language go."""

    language: str

    async def add(self, window: Nurse | Caller, title: str) -> None:
        await window.must_fit()
        file = FOLDER / f"{self.language}-{title}.png"
        await window.picture(file)
        assert file.stat().st_size < LARGEST, f"{file.name} is too large for a repository"


async def take(web: Web, nurse: Nurse, caller: Caller, language: str) -> None:
    """One patient's first day, in pictures."""
    album = Album(language)
    form, endonym, name, question, fever = PEOPLE[language]
    await nurse.sign_in(web, language)
    await come_in(caller, album, endonym, await enrol(nurse, album, name, form))
    await answer_a_reminder(web, caller, album)
    await ask(caller, album, question, fever)
    await look_after(nurse, album)


async def enrol(nurse: Nurse, album: Album, name: str, form: str) -> str:
    await nurse.begin_enrolment(name, form, HOURS)
    await nurse.run("scrollTo(0, 0)")
    await album.add(nurse, "console-enrol")
    code = await nurse.enrol()
    await album.add(nurse, "console-card")
    return code


async def come_in(caller: Caller, album: Album, endonym: str, code: str) -> None:
    await caller.go("/")
    await caller.find(".language")
    await album.add(caller, "web-language")
    await caller.choose(endonym)
    await caller.fill("#code", code)
    await album.add(caller, "web-code")
    await caller.link(code)
    await album.add(caller, "web-consent")
    await caller.agree()
    await caller.find("[data-act=menu]")


async def answer_a_reminder(web: Web, caller: Caller, album: Album) -> None:
    await web.ward.tick()
    web.ward.clock.advance(timedelta(minutes=31))
    await web.ward.tick()
    await caller.find("[data-act=reminder]")
    await album.add(caller, "web-reminder")
    await caller.click("[data-payload^='dose:taken']")
    await caller.find("[data-act=dose_taken]")


async def ask(caller: Caller, album: Album, question: str, fever: str) -> None:
    await caller.say(question)
    await caller.find("[data-act=show_topic]")
    await album.add(caller, "web-topic")
    await caller.run("scrollTo(0, document.documentElement.scrollHeight)")
    await album.add(caller, "web-topic-end")
    await caller.say(fever)
    await caller.find("[data-act=alarm]")
    await album.add(caller, "web-alarm")


async def look_after(nurse: Nurse, album: Album) -> None:
    await nurse.come_back()
    await nurse.find(".alert")
    await album.add(nurse, "console-worklist")
    await nurse.click(".alert a")
    await nurse.find(".talk")
    await album.add(nurse, "console-patient")


async def take_all() -> None:
    """A ward of its own for each language, so that both stories begin at noon."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        assistant = stack.enter_context(running_assistant(home))
        chromium = stack.enter_context(running_chromium(home / "chromium"))
        for language in LANGUAGES:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            async with a_ward(folder, assistant) as web:
                nurse, caller = Nurse(chromium, web.url, *DESK), Caller(chromium, web.url, *PHONE)
                await take(web, nurse, caller, language)
                await nurse.close()
                await caller.close()


@asynccontextmanager
async def a_ward(home: Path, assistant: RunningAssistant) -> AsyncIterator[Web]:
    (home / "master.key").write_bytes(secrets.token_bytes(32))
    (home / "master.key").chmod(0o400)
    url = f"sqlite+aiosqlite:///{home / 'karez.db'}"
    await migrate(url)
    ward = await open_ward(url, home, Library.load(ROOT / "content"))
    async with open_web(ward, home / "audio", assistant) as web:
        yield web
    await ward.database.close()


if __name__ == "__main__":
    asyncio.run(take_all())
