"""What the assistant understands now."""

from fastapi import APIRouter, Request, Response

from api.pages import page
from api.security import TheDoor
from api.studio.room import Editor, typed
from care.supervisor.explain import explain

router = APIRouter()
LONGEST = 500


@router.post("/understand")
async def understand(request: Request, door: TheDoor, staff: Editor) -> Response:
    """One sentence as a patient's would be understood: language, danger, intent, the three likeliest topics."""
    text = (await typed(request)).get("text", "").strip()[:LONGEST]
    talk = door.conversation
    found = await explain(text, talk.listener, talk.phrasebook, talk.assistant) if text else None
    titles = {topic: pages.topics[topic].values["title"] for pages in door.library.languages.values() for topic in pages.topics}
    return page(request, "studio/understood.html", staff=staff, found=found, titles=titles)
