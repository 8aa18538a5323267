"""A scheduler process for the tests: one tick through a channel that writes to a file and knows no keys."""

import asyncio
import sys
from pathlib import Path

from care.channels.base import Abilities, Receipt, Step, Unheard
from care.content.library import Library
from care.kit.settings import get_settings
from care.messages.gate import Gate
from care.supervisor.prepare import open_database
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from scheduler.parts import make_clock
from scheduler.worker import bind, make_broker


class Letterbox(Unheard):
    """Every copy that arrives is one line of the file."""

    name = "letterbox"
    can = Abilities(voice=False, buttons=False, takes_key=False)

    def __init__(self, file: Path) -> None:
        self.file = file

    async def send(self, step: Step) -> Receipt:
        with self.file.open("a") as letters:
            letters.write(step.key + "\n")
        return Receipt("dropped")


async def main(file: Path) -> None:
    settings = get_settings()
    database = open_database(settings, make_clock(settings))
    dispatcher = Dispatcher(database, Library.load(settings.content), {"letterbox": Letterbox(file)}, Gate.of(settings))
    dispatch = bind(make_broker("memory"), dispatcher)
    await Metronome(database, dispatcher.library, dispatch, settings.home / "heartbeat", keyed=frozenset()).tick()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
