"""Asks the scheduler what will happen to a patient: a process of its own plays it, and the real database is only read."""

import asyncio
import os
import sys

from care.kit.clock import clock_of
from care.kit.settings import ROOT, Settings
from care.languages.table import FORMS, authored_form
from care.people.words import LOCALES, PlainWords
from care.plans.future import Future, PreviewRefused, Wish, answers, read_day, wishes
from care.plans.telling import write_page
from care.supervisor.prepare import CannotStart, is_new

WITHIN_S = 90.0
_one_at_a_time = asyncio.Semaphore(1)  # each takes a processor for some seconds: a second nurse waits her turn


class PreviewFailed(CannotStart):
    """The process that plays it gave no answer."""


def second_form(locale: str) -> str:
    """In which form a reader of a staff language reads a patient's words; empty where there are no such words."""
    return authored_form(locale).tag if locale in {each.language for each in FORMS.values()} else ""


async def ask(settings: Settings, wish: Wish) -> Future:
    """What will happen.  Raises PreviewRefused or PreviewFailed."""
    async with _one_at_a_time:
        told = answers.validate_json(await _play(settings, wishes.dump_json(wish)))
    if told.future is None:
        raise PreviewRefused(list(told.problems))
    return told.future


async def _play(settings: Settings, wish: bytes) -> bytes:
    # Not the listening port, not the assistant: what is played talks to nobody.
    named = {"HOME": settings.home, "CONTENT": settings.content, "DATABASE": settings.database_url}
    named |= {"DEMO": settings.demo, "STALE": settings.stale}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scheduler.preview"),
        cwd=ROOT,
        env=os.environ | {f"KAREZ_{name}": str(value) for name, value in named.items()},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(wish), WITHIN_S)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise PreviewFailed("The days could not be played. Mend what stands above; `karez doctor` may tell more.")
    return said


async def preview_plan(settings: Settings, patient_id: str, first: str, days: int, locale: str, answered: bool) -> str:
    """The page `karez plan preview` prints, in the words as they are written.  Raises CannotStart, which says how to mend it."""
    if locale not in LOCALES:
        raise CannotStart(f"There are no staff words in {locale!r}: write one of {', '.join(LOCALES)}.")
    if is_new(settings):
        raise CannotStart("There is no patient yet: start Karez once with `make up`.")
    now = clock_of(settings.clock_file).now()
    words = PlainWords(locale, now)
    try:
        wish = Wish(patient_id, now, read_day(first), days, second_form(locale), answered)
        return write_page(await ask(settings, wish), words)
    except PreviewRefused as refused:
        said = (str(words.term("problem", each.code, **each.names)) for each in refused.problems)
        raise CannotStart("\n".join(said)) from refused
    except TimeoutError as late:
        raise CannotStart(f"This took longer than {WITHIN_S:.0f} s and was stopped. Ask for fewer days.") from late
