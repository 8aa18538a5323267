"""The web app's one page: empty of words, which come from content/."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.pages import pages
from api.patient.views import form_view
from api.security import TheDoor
from care.languages.table import form

router = APIRouter()


@router.get("/")
async def web_app(request: Request, door: TheDoor) -> Response:
    forms = [form_view(form(tag)) for tag in door.library.forms]
    return HTMLResponse(pages.get_template("patient/app.html").render(forms=forms, demo=door.settings.demo))
