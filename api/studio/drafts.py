"""What happens to a draft after it was written: review, signature, publishing, and going back to an older edition."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.security import TheDoor
from api.studio.room import Editor, desk_of, number, typed
from api.studio.texts import address
from care.languages.table import authored_form
from care.studio.drafts import lock, restore
from care.studio.history import difference, editions, steps
from care.studio.publishing import publish
from care.studio.reviewing import send_back, sign, submit
from care.studio.types import BadDay, Conflict

router = APIRouter(prefix="/draft/{draft_id}")
Edition = Annotated[int | None, Query(ge=0, lt=10**9)]


@router.post("/submit")
async def do_submit(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        await submit(desk, draft_id, number(said, "seen"))
        back = address(await lock(desk, draft_id))
    return RedirectResponse(back, 303)


@router.post("/send-back")
async def do_send_back(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        await send_back(desk, draft_id, number(said, "seen"), said.get("comment", ""))
        back = address(await lock(desk, draft_id))
    return RedirectResponse(back, 303)


@router.post("/sign")
async def do_sign(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """The second person vouches for the words as they stand, until a day."""
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        await sign(desk, draft_id, number(said, "seen"), _day(said.get("until", "")))
        back = address(await lock(desk, draft_id))
    return RedirectResponse(back, 303)


def _day(typed_day: str) -> date:
    try:
        return date.fromisoformat(typed_day)
    except ValueError as wrong:
        raise BadDay(typed_day) from wrong


@router.post("/publish")
async def do_publish(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """Into service, everywhere, within seconds."""
    said = await typed(request)
    await publish(door.database, door.settings, staff, {draft_id: number(said, "seen")})
    async with desk_of(door, staff) as desk:
        back = address(await lock(desk, draft_id))
    return RedirectResponse(f"{back}?published=1", 303)


@router.get("/history")
async def history_page(
    draft_id: str, request: Request, door: TheDoor, staff: Editor, old: Edition = None, new: Edition = None
) -> Response:
    """Every edition, who did what, and what changed between two of them; the newest and the one before unless chosen."""
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        saved = await editions(desk, draft_id)
        counted = [each.number for each in saved if not each.is_aside]
        newer = new if new is not None else counted[0]
        older = old if old is not None else next((each for each in counted if each < newer), newer)
        lines = await difference(desk, draft_id, older, newer)
        happened = await steps(desk, draft_id)
    return page(
        request,
        "studio/history.html",
        staff=staff,
        zone=staff.zone,
        draft=draft,
        editions=saved,
        lines=lines,
        old=older,
        new=newer,
        steps=happened,
        writing=authored_form(draft.language),
    )


@router.post("/restore")
async def do_restore(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        done = await restore(desk, draft_id, number(said, "seen"), number(said, "edition"))
    return RedirectResponse(f"/studio/draft/{draft_id}/history" if isinstance(done, Conflict) else address(draft), 303)
