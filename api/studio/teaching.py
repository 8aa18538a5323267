"""Teaching the assistant anew, and what it understands now."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.security import TheDoor
from api.studio.room import Editor, typed
from care.conversation.meaning import what_is_understood
from care.supervisor.progress import AlreadyLearning, progress
from care.supervisor.retrain import start

router = APIRouter()
LONGEST = 500


@router.post("/understand")
async def understand(request: Request, door: TheDoor, staff: Editor) -> Response:
    """One sentence as a patient's would be understood: language, danger, intent, the three likeliest topics."""
    text = (await typed(request)).get("text", "").strip()[:LONGEST]
    found = await what_is_understood(door.conversation, text) if text else None
    titles = {topic: pages.topics[topic].values["title"] for pages in door.library.languages.values() for topic in pages.topics}
    return page(request, "studio/understood.html", staff=staff, found=found, titles=titles)


@router.get("/teaching")
async def teaching_page(request: Request, door: TheDoor, staff: Editor) -> Response:
    """What is new since the last teaching, how far one has come, and what the gate said of it."""
    return page(
        request,
        "studio/teaching.html",
        staff=staff,
        untaught=door.conversation.phrasebook.untaught,
        progress=progress(door.settings.home),
    )


@router.post("/teaching")
async def teach(request: Request, door: TheDoor, staff: Editor) -> Response:
    """Begin in the background.  A second press finds the first one's progress."""
    with suppress(AlreadyLearning):
        await start(door.settings)
    return RedirectResponse("/studio/teaching", 303)
