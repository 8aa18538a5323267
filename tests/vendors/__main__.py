"""The stand-ins in a process of their own, with a page to act as the patient: what `make up VENDORS=1` starts.

python -m tests.vendors accounts FOLDER DOOR PORT    write the settings under which the hospital meets them
python -m tests.vendors serve FOLDER DOOR PORT       play them until a signal; PORT is the page's
"""

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from tests.vendors.phones.pages import make_app
from tests.vendors.phones.street import KINDS, Street, read_ports, write_accounts


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


async def serve(folder: Path, door: str, port: int) -> None:
    street = Street(folder, door, read_ports(folder))
    await street.open()
    runner = web.AppRunner(make_app(street), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    carrying = asyncio.create_task(street.carry())
    stopping = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    await stopping.wait()
    carrying.cancel()
    with suppress(asyncio.CancelledError):
        await carrying
    await runner.cleanup()
    await street.close()


def main(verb: str, folder: Path, door: str, port: int) -> None:
    if verb == "accounts":
        names = [each.name for each in KINDS]
        write_accounts(folder, door, dict(zip(names, free_ports(len(names)), strict=True)))
    else:
        asyncio.run(serve(folder, door, port))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
