"""How the web door listens: one configuration, for `python -m api` and for whoever opens a door in a test."""

import uvicorn
from starlette.types import ASGIApp

from care.kit.settings import Settings

# A phone with the page open holds one connection for as long as it listens: far more than are ever asking at once.
MOST_CONNECTIONS = 4_000


def make_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            log_config=None,  # ours: uvicorn's own prints an error's words, which may quote a patient
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=10,
            server_header=False,
        )
    )
