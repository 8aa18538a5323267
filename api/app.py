"""Builds the app; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api import health
from api.console import routes as console
from api.pages import problem_page
from api.patient import pages as patient_pages
from api.patient import routes as patient
from api.patient.stream import Unheard
from api.security import Forbidden, Guard, NotSignedIn, Unlinked
from api.state import Door
from care.content.library import Library
from care.conversation.assistant import RasaAssistant
from care.conversation.turn import Conversation
from care.kit.clock import FileClock, SystemClock
from care.kit.logs import get_log
from care.kit.settings import Settings
from care.people.patients import NotFound
from care.speech.speaker import Speaker
from care.supervisor.prepare import open_database

log = get_log("api")
STATIC = Path(__file__).parent / "static"


def make(settings: Settings) -> FastAPI:
    """The app of one process, from its settings."""
    clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
    database = open_database(settings, clock)
    library = Library.load(settings.content)
    assistant = RasaAssistant(settings.bot_url, database.master.secret, settings.bot_timeout_s)
    conversation = Conversation(database, library, assistant, settings.region, settings.demo)
    speaker = Speaker(settings.content, settings.home / "audio", library.speeches, settings.gtts)
    return build_app(Door(settings, database, library, conversation, speaker))


def build_app(door: Door) -> FastAPI:
    """Routers, errors, headers."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await door.conversation.assistant.close()
        await door.database.close()

    app = FastAPI(title="Karez", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.door, app.state.unheard = door, Unheard(door.database)
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=door.hosts)
    for router in (health.router, patient.router, patient_pages.router, console.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_errors(app)
    return app


def add_errors(app: FastAPI) -> None:
    """The only place where a domain error becomes a status code."""

    @app.exception_handler(NotFound)
    async def not_found(request: Request, error: Exception) -> Response:
        return _answer(request, 404, "not-found", "There is no such record.")

    @app.exception_handler(Unlinked)
    async def unlinked(request: Request, error: Exception) -> Response:
        return _answer(request, 401, "unlinked", "This device is not linked to a patient. Link it with a code.")

    @app.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, error: Exception) -> Response:
        return Response(status_code=303, headers={"location": "/console/sign-in"})

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Exception) -> Response:
        return _answer(request, 403, "forbidden", "This request did not come from our own page. Reload the page and try again.")

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
        field = ".".join(str(part) for part in first.get("loc", ())[1:])
        return _answer(request, 422, "invalid", str(first.get("msg", "The request cannot be read.")), field)

    @app.exception_handler(Exception)  # the edge: whatever broke, the answer is one of ours and tells nothing of it
    async def broken(request: Request, error: Exception) -> Response:
        log.error("request.failed", error=type(error).__name__, route=request.scope.get("route", request).__class__.__name__)
        return _answer(request, 500, "our-fault", "Something broke on our side. Nothing you sent was lost; please try again.")


def _answer(request: Request, status: int, code: str, message: str, field: str = "") -> Response:
    if request.url.path.startswith("/console"):
        return problem_page(request, status, code)
    return JSONResponse({"error": {"code": code, "message": message, "field": field}}, status)
