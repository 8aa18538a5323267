"""The board, and new topics."""

import asyncio
from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.security import TheDoor
from api.state import Door
from api.studio.drafts import router as drafts
from api.studio.room import Editor, desk_in, desk_of, typed
from api.studio.sound import router as sound
from api.studio.teaching import router as teaching
from api.studio.texts import router as texts
from care.languages.table import authored_form
from care.people.clocks import local
from care.people.staff import SignedIn
from care.studio.board import Board, Row, board
from care.studio.overlay import build, read_overlay
from care.studio.topics import add_topic
from care.studio.types import BadTopic

router = APIRouter(prefix="/studio")
for each in (texts, drafts, sound, teaching):
    router.include_router(each)
FIRST = "zh"


@router.get("")
async def board_page(request: Request, door: TheDoor, staff: Editor, show: str = "") -> Response:
    """Every text in every language; `show=gaps` leaves out what is whole."""
    today = local(door.database.clock.now(), staff.zone).date()
    async with door.database.look() as work:  # nobody's turn waits while the board is looked over
        desk = await desk_in(door, work, staff)
        overlay = await read_overlay(work, door.settings.content)
        folder = await asyncio.to_thread(build, door.settings.home, door.settings.content, overlay)
        found = await board(desk, door.library, folder, today)
    rows = [row for row in found.rows if show != "gaps" or not all(cell.is_whole for cell in row.cells)]
    writings = {language: authored_form(language) for language in found.languages}
    return page(
        request,
        "studio/board.html",
        staff=staff,
        board=found,
        rows=rows,
        show=show,
        writings=writings,
        counts=_counts(found),
        name=_name,
    )


def _name(row: Row) -> str:
    """A topic by its title; another file by its own name, as `term("file", name)` takes it."""
    return row.title if row.place.endswith(".md") else PurePosixPath(row.place).stem


def _counts(found: Board) -> dict[str, int]:
    """How many texts stand where, all languages together, the emptiest first."""
    counted: dict[str, int] = {}
    for cell in (cell for row in found.rows for cell in row.cells):
        counted[cell.standing] = counted.get(cell.standing, 0) + 1
    return counted


@router.get("/new")
async def new_page(request: Request, door: TheDoor, staff: Editor) -> Response:
    return _new_page(request, door, staff, {}, {})


@router.post("/new")
async def new_topic(request: Request, door: TheDoor, staff: Editor) -> Response:
    """List a topic, then write it: first in whatever language its author speaks."""
    said = await typed(request)
    chosen = {name: request_list(said, name) for name in ("sources", "red_flags")}
    fresh = {said["source_id"].strip(): said.get("source", "")} if said.get("source_id", "").strip() else {}
    topic_id, language = said.get("id", "").strip(), said.get("language", FIRST)
    try:
        async with desk_of(door, staff) as desk:
            sources = [*chosen["sources"], *fresh]
            await add_topic(desk, topic_id, said.get("category", ""), sources, chosen["red_flags"], [], fresh)
    except BadTopic as bad:
        return _new_page(request, door, staff, said, bad.faults, 422)
    return RedirectResponse(f"/studio/text/{language}/topics/{topic_id}.md", 303)


def request_list(said: dict[str, str], name: str) -> list[str]:
    """What was chosen from a list: each choice is a field of its own, `sources.nci-pdq`."""
    return [field.removeprefix(f"{name}.") for field, value in said.items() if field.startswith(f"{name}.") and value]


def _new_page(
    request: Request, door: Door, staff: SignedIn, said: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response:
    library = door.library
    categories = list(dict.fromkeys(str(topic["category"]) for topic in library.topic_list.values()))
    return page(
        request,
        "studio/new.html",
        status,
        back="/studio/new",
        staff=staff,
        said=said,
        faults=faults,
        categories=categories,
        sources={name: str(source["ref"]) for name, source in library.sources.items()},
        flags=list(library.alarms),
        writings={language: authored_form(language) for language in library.languages},
    )
