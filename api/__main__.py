"""`python -m api`: serves the web door on the address of the settings."""

import asyncio
import sys

from api.app import make
from api.serve import make_server
from care.channels.base import NotConfigured
from care.kit.logs import set_up_logs
from care.kit.settings import Settings, get_settings


async def serve(settings: Settings) -> None:
    try:
        app = await make(settings)
    except NotConfigured as wrong:
        sys.exit(str(wrong))
    await make_server(app, settings).serve()


if __name__ == "__main__":
    settings = get_settings()
    set_up_logs(settings.log_json)
    asyncio.run(serve(settings))
