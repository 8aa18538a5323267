"""A text aloud: the voice that would say it now, and recordings made in the browser or sent as a file."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile

from api.security import TheDoor
from api.studio.room import Editor, code_of, desk_of, number, typed
from api.studio.texts import address, number_of, text_typed
from care.people.patients import NotFound
from care.studio.drafts import lock
from care.studio.overlay import SOUND, sounds_of
from care.studio.pages import page_of
from care.studio.preview import preview
from care.studio.recordings import add_recording, hear, recordings_of, remove
from care.studio.sound import LONGEST_S, MOST_BYTES, keep_sound
from care.studio.types import BadSound, NoSuchText

router = APIRouter()


@router.post("/draft/{draft_id}/speak")
async def speak(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """The machine's voice saying unsaved words; nothing when no voice can, or when the text is not whole yet."""
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        read = page_of(draft.language, draft.place, await text_typed(desk, draft, said))
    bubble = next(preview(door.library, draft.language, draft.place, read, number_of(door)), None)
    clip = await door.speaker.say(bubble.spoken, draft.language) if bubble else None
    if clip is None:
        return JSONResponse({"url": ""})
    return JSONResponse({"url": f"/studio/clip/{clip.name}.mp3", "seconds": clip.seconds})


@router.get("/clip/{name}")
async def clip(name: str, door: TheDoor, staff: Editor) -> FileResponse:
    path = door.speaker.store.find(name)
    if path is None:
        raise NotFound(name)
    return FileResponse(path, media_type="audio/mpeg")


@router.post("/draft/{draft_id}/recordings")
async def record(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """Keep what somebody said; the page waits for a plain yes, or the reason why not."""
    form = await request.form(max_part_size=MOST_BYTES)
    upload, said = form.get("sound"), {name: value for name, value in form.items() if isinstance(value, str)}
    async with desk_of(door, staff) as desk:
        await lock(desk, draft_id)  # a draft that is not there takes no second of work and no room on the disk
    try:
        if not isinstance(upload, UploadFile) or not upload.size:
            raise BadSound("not-audio")
        if upload.size > MOST_BYTES:
            raise BadSound("too-big")
        begin, end = _moment(said.get("from", "")) or 0.0, _moment(said.get("until", ""))
        kept = await asyncio.to_thread(keep_sound, door.settings.home, await upload.read(), begin, end)
        async with desk_of(door, staff) as desk:
            await add_recording(desk, draft_id, number(said, "seen"), kept, number_of(door), said.get("key", ""))
    except BadSound as bad:
        return JSONResponse({"code": code_of(bad)}, 422)
    return JSONResponse({"seconds": kept.seconds})


def _moment(typed_second: str) -> float | None:
    """A second of a take; None when none was given.  Raises BadSound for what is no number."""
    if not typed_second:
        return None
    try:
        second = float(typed_second)
    except ValueError as wrong:
        raise BadSound("too-short") from wrong
    if not 0 <= second < LONGEST_S:
        raise BadSound("too-short")
    return second


@router.get("/draft/{draft_id}/recordings/{recording_id}")
async def recorded(draft_id: str, recording_id: str, door: TheDoor, staff: Editor) -> FileResponse:
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        row = next((each for each in await recordings_of(desk, draft) if each.id == recording_id), None)
    path = sounds_of(door.settings.home) / f"{row.sound}.{SOUND}" if row else None
    if path is None or not path.is_file():
        raise NoSuchText(recording_id)
    return FileResponse(path, media_type="audio/ogg")


@router.post("/draft/{draft_id}/recordings/{recording_id}/heard")
async def heard(draft_id: str, recording_id: str, door: TheDoor, staff: Editor) -> Response:
    """A second person says that it says its words."""
    async with desk_of(door, staff) as desk:
        await hear(desk, recording_id)
        back = address(await lock(desk, draft_id))
    return RedirectResponse(back, 303)


@router.post("/draft/{draft_id}/recordings/{recording_id}/remove")
async def removed(draft_id: str, recording_id: str, door: TheDoor, staff: Editor) -> Response:
    async with desk_of(door, staff) as desk:
        await remove(desk, recording_id)
        back = address(await lock(desk, draft_id))
    return RedirectResponse(back, 303)
