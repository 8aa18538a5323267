"""The inbox of one process: takes what vendors post, and works it off in the background, whatever restarts in between."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from care.alarms.service import raise_alert
from care.channels.base import Act, Answer, Channel, Inbound, Post, Unreadable
from care.conversation.turn import Conversation
from care.inbox import store
from care.inbox.hearing import Hearing
from care.inbox.neutral import Neutral, say
from care.inbox.shelf import Shelf
from care.inbox.store import Come, Taken
from care.kit.database import Database, Work
from care.kit.logs import get_log
from care.kit.together import Together
from care.messages.service import settle
from care.people import contacts

AT_ONCE = 3  # of different people; with more, a post waits behind more of them before it is kept and thanked for
SAYING_S = 1.0  # a neutral line that takes longer is said beside the rest: a vendor who is busy with one holds up nobody
LOOK_S = 2.0  # a row whose process died, or whose time has come, is found after so long at most
TIDY_EVERY = timedelta(hours=1)
log = get_log("inbox")


class NoChannel(Exception):
    """No channel of this name is configured."""


class Inbox:
    """Build one per process.  `conversation`: the one in service now, for words are renewed while we run."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], conversation: Callable[[], Conversation], folder: Path
    ) -> None:
        self.database, self.channels, self.shelf = database, channels, Shelf(folder)
        self.hearing = Hearing(database, conversation, self.shelf)
        self._conversation = conversation
        self._posts = Together(database, self._keep)  # vendors post in bursts: one commit for all that came meanwhile
        self._awake = asyncio.Event()
        self._saying: set[asyncio.Task[None]] = set()
        self._tidied_at: datetime | None = None

    def channel(self, name: str) -> Channel:
        """Raises NoChannel."""
        if name not in self.channels:
            raise NoChannel(name)
        return self.channels[name]

    async def take(self, channel: Channel, post: Post) -> Answer:
        """Keep what came, then thank for it.  Raises Forged, and what a database raises: nothing is thanked for that is not kept.

        Nothing is worked off here: a vendor waits a second or five, then sends it again.
        """
        channel.verify(post)
        found, unreadable = self._read(channel, post)
        if found or unreadable:
            await self._posts.add(Come(channel.name, post, found, unreadable))
            self._awake.set()
        return channel.thank(post)

    async def _keep(self, work: Work, come: list[Come]) -> None:
        await store.keep(work, come)

    def _read(self, channel: Channel, post: Post) -> tuple[list[Inbound], bool]:
        try:
            return channel.parse(post), False
        except Unreadable:
            log.error("post.unreadable", channel=channel.name)
        except Exception as wrong:  # around one post: it is the vendor's own, so it is kept, whatever it did to the channel
            log.error("post.broke", channel=channel.name, error=type(wrong).__name__)
        return [], True

    async def confirm(self, work: Work, clinic_id: str, device_id: str) -> bool:
        """A nurse confirms that a contact is theirs; what was said meanwhile is heard now.  False: a colleague was first."""
        device = await contacts.confirm(work, clinic_id, device_id)
        if device is None:
            return False
        await store.release(work, device.channel, await contacts.indexes_of(work, device))
        return True

    async def take_off(self, work: Work, clinic_id: str, device_id: str) -> None:
        """A nurse takes a contact off: it was never theirs, or is not any more.  What was said there unheard is forgotten."""
        device = await contacts.find_contact(work, clinic_id, device_id)
        await contacts.close_contacts(work, [device], contacts.TAKEN_OFF)
        if not await contacts.contacts_of_index(work, device):
            await store.drop(work, device.channel, await contacts.indexes_of(work, device), contacts.TAKEN_OFF)

    def wake(self) -> None:
        """There is something to do; called after what made it so was committed."""
        self._awake.set()

    async def run(self) -> None:
        """Work off what comes, until cancelled.  Wakes at once for what this process took, and looks for the rest."""
        try:
            while True:
                await self._work_off_or_rest()
        finally:
            saying = [each for each in self._saying if each.cancel()]
            await asyncio.gather(*saying, return_exceptions=True)

    async def _work_off_or_rest(self) -> None:
        try:
            if not await self.work_off():
                await self._rest()
        except Exception as wrong:  # the edge of a background task: the database may be away, and comes back
            log.error("inbox.failed", error=type(wrong).__name__)
            await asyncio.sleep(LOOK_S)

    async def _rest(self) -> None:
        await self.tidy()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), LOOK_S)
        self._awake.clear()

    async def work_off(self) -> int:
        """What is to be done now, a few at a time.  Returns how many were tried."""
        async with self.database.look() as work:
            if not await store.is_work_waiting(work):
                return 0
        async with self.database.work() as work:
            taken = await store.take(work, AT_ONCE)
        await asyncio.gather(*(self._work_one(each) for each in taken))
        return len(taken)

    async def _work_one(self, taken: Taken) -> None:
        try:
            await self._do(taken)
        except Exception as wrong:  # around one of them: one that nobody can work off must not stop the others
            async with self.database.work() as work:
                is_dead = await store.fail(work, taken, type(wrong).__name__)
            log.error("inbound.failed", channel=taken.channel, error=type(wrong).__name__, tries=taken.tries, count=int(is_dead))

    async def _do(self, taken: Taken) -> None:
        channel = self.channel(taken.channel)
        if taken.inbound.act == Act.STATUS:
            async with self.database.work() as work:
                await settle(work, taken.inbound, channel.name)
                await self._learn_names(work, channel, taken.inbound)
                await store.finish(work, taken.id)
            return
        neutral = await self.hearing.hear(channel, taken)
        if neutral:
            saying = asyncio.create_task(self._say(channel, taken, neutral))
            self._saying.add(saying)
            saying.add_done_callback(self._saying.discard)
            await asyncio.wait([saying], timeout=SAYING_S)

    async def _learn_names(self, work: Work, channel: Channel, report: Inbound) -> None:
        """A report may be the first to name a person's number and id together."""
        if report.address and report.aliases:
            person = contacts.Person(channel.name, report.address, report.aliases)
            await contacts.keep_aliases(work, await contacts.contacts_of(work, person), person)

    async def _say(self, channel: Channel, taken: Taken, neutral: Neutral) -> None:
        conversation = self._conversation()
        now = self.database.clock.now()
        try:
            spent = await say(channel, neutral, conversation.library, conversation.gate, now)
            if spent:
                await self.hearing.spend(channel, taken, spent)
        except Exception as wrong:  # around one call to a vendor: nobody knows, and it is not said twice
            log.warning("neutral.unclear", channel=channel.name, error=type(wrong).__name__)

    async def tidy(self) -> None:
        """What waited in vain is told to a nurse: somebody said something, and nobody has heard it."""
        now = self.database.clock.now()
        if self._tidied_at and self._tidied_at <= now < self._tidied_at + TIDY_EVERY:
            return
        self._tidied_at = now
        async with self.database.work() as work:
            await store.forget_old(work)
            for channel, index in await store.give_up_waiting(work):
                for patient in await contacts.patients_at(work, channel, index):
                    await raise_alert(work, patient, "unheard", "same-day", "delivery")
            await self.shelf.forget_old(work)
