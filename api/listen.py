"""The listening page: one button that plays one message.  It needs no sign-in and names no illness, medicine, person or place."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from api.pages import pages
from api.security import TheDoor, client_address
from api.state import Door
from care.content.review import recording_of
from care.languages.table import FORMS, form
from care.messages.listening import Listenable, find_link, mark_heard, note_wrong
from care.people.patients import NotFound
from care.speech.store import Clip
from care.speech.voices import CannotSpeak

router = APIRouter(prefix="/listen")
Token = Annotated[str, Path(min_length=20, max_length=60)]
UNLISTED = {"x-robots-tag": "noindex, nofollow, noarchive", "cache-control": "no-store"}
_making: set[asyncio.Task[Any]] = set()  # asyncio itself keeps no hold on its tasks


@router.get("/{token}")
async def listening_page(token: Token, request: Request, door: TheDoor) -> Response:
    """The page of a link; of an old one a page that says so and says it aloud too."""
    async with door.database.look() as work:
        found = await find_link(work, token)
    return await _unknown(request, door) if found is None else _page(door, found, token)


@router.get("/{token}/sound.mp3")
async def sound(token: Token, request: Request, door: TheDoor) -> Response:
    """The message aloud, in ranges if the player asks: MP3, which WeChat's browser plays."""
    async with door.database.look() as work:
        found = await find_link(work, token)
    clip = await door.speaker.say(*_words(door, found), at_once=True) if found else None
    if clip is None:
        raise NotFound(token)
    return FileResponse(clip.paths["mp3"], media_type="audio/mpeg", headers=UNLISTED)


@router.post("/{token}/heard", status_code=204)
async def heard(token: Token, door: TheDoor) -> Response:
    """The player got past the beginning.  Opening the page or fetching the sound says nothing: programs do that too."""
    async with door.database.work() as work:
        await mark_heard(work, token)
    return Response(status_code=204, headers=UNLISTED)


def _page(door: Door, found: Listenable, token: str) -> Response:
    clip = _stored_or_begun(door, found)
    kind = clip.kind if clip else "machine"
    keys = {"play": "web-play", "pause": "web-pause", "problem": "listen-problem", "voice": f"voice-{kind}"}
    keys["title"] = "listen-title" if found.spoken else "listen-expired"
    words = {name: door.library.phrase(found.form, key).text for name, key in keys.items()}
    body = pages.get_template("listen/page.html").render(
        writing=form(found.form),
        words=words,
        notice=found.notice,
        sound=f"/listen/{token}/sound.mp3",
        heard=f"/listen/{token}/heard" if found.spoken else "",
        time=_minutes(clip.seconds) if clip else "",
    )
    return HTMLResponse(body, 200 if found.spoken else 410, headers=UNLISTED)


def _words(door: Door, found: Listenable) -> tuple[str, str, str]:
    """What is said, in which language, and the name of its recording: the message, or that its time is over."""
    if found.spoken:
        return found.spoken, form(found.form).language, found.recording
    expired = door.library.phrase(found.form, "listen-expired")
    return expired.spoken, form(found.form).language, recording_of(expired)


def _stored_or_begun(door: Door, found: Listenable) -> Clip | None:
    """The clip if it is there; else it is made while the page is on its way, which does not wait for it."""
    try:
        clip = door.speaker.stored(*_words(door, found))
    except CannotSpeak:
        return None
    if clip is None:
        task = asyncio.create_task(door.speaker.say(*_words(door, found)))
        _making.add(task)
        task.add_done_callback(_making.discard)
    return clip


async def _unknown(request: Request, door: Door) -> Response:
    """A link that leads nowhere: whose it was nobody knows, so it is said in every language."""
    async with door.database.work() as work:
        is_counted = await note_wrong(work, client_address(request))
    authored = [form(tag) for tag in door.library.forms if FORMS[tag].authored]
    said = [(each, door.library.phrase(each.tag, "listen-expired").text) for each in authored]
    body = pages.get_template("listen/unknown.html").render(said=said)
    return HTMLResponse(body, 404 if is_counted else 429, headers=UNLISTED)


def _minutes(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"
