"""`python -m api`: serves the web door on the address of the settings."""

import uvicorn

from api.app import make
from care.kit.logs import set_up_logs
from care.kit.settings import get_settings

if __name__ == "__main__":
    settings = get_settings()
    set_up_logs(settings.log_json)
    uvicorn.run(
        make(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        log_config=None,  # ours: uvicorn's own prints an error's words, which may quote a patient
        limit_concurrency=512,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
