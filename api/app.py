"""Builds the app; nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from api import health, listen, webhooks
from api.console import routes as console
from api.errors import add_errors
from api.patient import pages as patient_pages
from api.patient import routes as patient
from api.patient.stream import Unheard
from api.security import Guard
from api.state import Door, open_channels, ready
from api.studio import routes as studio
from api.studio.room import add_refusals
from care.conversation.assistant import RasaAssistant
from care.inbox.service import Inbox
from care.kit.clock import clock_of
from care.kit.settings import Settings
from care.studio.serving import Follower, serve
from care.supervisor.prepare import open_database
from care.supervisor.retrain import stop as stop_teaching

STATIC = Path(__file__).parent / "static"
# The framework would hand addresses, one-time links and errors' words to any collector a machine happens to be set up for.
TELLS_NOBODY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


async def make(settings: Settings) -> FastAPI:
    """The app of one process, from its settings.  Raises ContentBroken and NotConfigured."""
    clock = clock_of(settings.clock_file)
    database = open_database(settings, clock)
    channels = open_channels(database, settings)
    served = await serve(database, settings)
    assistant = RasaAssistant(settings.bot_url, database.master.secret, settings.bot_timeout_s)
    door = Door(settings, database, served.library, *ready(settings, database, assistant, served), channels=channels)
    return build_app(door, door.follow(served))


def build_app(door: Door, follower: Follower | None = None) -> FastAPI:
    """Routers, errors, headers.  `follower`: takes over what the studio publishes while the app runs."""

    inbox = Inbox(door.database, door.channels, lambda: door.conversation, door.settings.home / "attachments")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        background = [asyncio.create_task(follower.run())] if follower else []
        if door.channels:
            background.append(asyncio.create_task(inbox.run()))
        yield
        for task in background:
            task.cancel()
        # Whoever is inside a statement must leave the database before it is closed, or waits for its answer for ever.
        await asyncio.gather(*background, return_exceptions=True)
        for channel in door.channels.values():
            await channel.close()
        await stop_teaching()
        await door.conversation.assistant.close()
        await door.database.close()

    app = FastAPI(title="Karez", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, telemetry=TELLS_NOBODY)
    app.state.door, app.state.unheard, app.state.inbox = door, Unheard(door.database), inbox
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=door.hosts)
    app.add_middleware(Guard)  # the last one added stands in front: its headers are on a refused host's answer too
    app.router.routes.extend(_pages())
    app.mount("/static", Static(directory=STATIC), name="static")
    add_errors(app)
    add_refusals(app)
    return app


@cache
def _pages() -> tuple[BaseRoute, ...]:
    """Every address of ours.  The framework works out what each asks for: a tenth of a second, the same for every app."""
    pages = APIRouter()
    # What is asked for most stands first: each router before it is looked through in vain.
    first = (patient.router, webhooks.router, health.router, listen.router)
    for router in (*first, patient_pages.router, console.router, studio.router):
        pages.include_router(router)
    return tuple(pages.routes)


class Static(StaticFiles):
    """Our own scripts, styles and letters: nothing of a patient, so a phone keeps them and only asks whether they changed."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        answer = super().file_response(*args, **more)
        answer.headers["cache-control"] = "no-cache"
        return answer
