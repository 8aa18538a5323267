"""Own, re-check, intend, send, record: the only place that calls a channel."""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from random import uniform

from care.channels.base import Channel, Outgoing, SendFailed
from care.content.library import Library
from care.kit.database import Database, Work
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages import store
from care.messages.compose import compose
from care.messages.gate import pass_gate
from care.messages.recheck import find_skip, quiet_until
from care.messages.reply import Reply
from care.messages.service import tell_nurse
from care.messages.tables import Message
from care.messages.types import POLICY, SKIPPED, Cause, Skip
from care.people.clocks import local
from care.people.tables import Patient

BATCH = 50  # messages whose intents share one transaction
SEND_WITHIN_S = 10.0  # below the lease: a slow call can never outlive its claim
BACKOFF_S = (30, 60, 300, 900)
log = get_log("dispatch")


@dataclass(frozen=True)
class Ready:
    """An intent that is written down and may touch the wire."""

    message_id: str
    attempt: int
    address: str
    reply: Reply


class Dispatcher:
    """Sends batches of claimed messages through one channel."""

    def __init__(self, database: Database, library: Library, channel: Channel, demo: bool) -> None:
        self.database, self.library, self.channel, self.demo = database, library, channel, demo
        self.name = new_id()

    async def send_batch(self, ids: list[str], clock: str) -> int:
        """Send what is still ours of a batch claimed by `clock`.  Returns how many the channel took."""
        sent = 0
        for begin in range(0, len(ids), BATCH):
            ready = await self._intend(ids[begin : begin + BATCH], clock)
            crash_at("after_intent")
            taken = await asyncio.gather(*(self._send(each) for each in ready))
            sent += sum(taken)
        return sent

    async def _intend(self, ids: list[str], clock: str) -> list[Ready]:
        async with self.database.work() as work:
            mine = await store.own(work, self.name, ids, clock)
            messages = await store.load(work, [message_id for message_id, _ in mine])
            ready = [await self._prepare(work, message) for message in messages]
            crash_at("before_intent")
            return [each for each in ready if each]

    async def _prepare(self, work: Work, message: Message) -> Ready | None:
        """Re-check, find the words and write the intent, all in one transaction."""
        patient = await work.session.get_one(Patient, message.patient_id)
        skip = await find_skip(work, message, patient)
        if skip:
            return await self._skip(work, message, skip)
        wait = quiet_until(message, local(work.now, patient.zone))
        if wait:
            await store.put_off(work, message, work.now + wait, "quiet-hours")
            return None
        reply = pass_gate(compose(self.library, message, patient, work.now), self.library, self.demo)
        if reply is None:
            return await self._skip(work, message, Skip.UNREVIEWED)
        if not await store.intend(work, message, self.channel.name, reply.revision):
            return None
        return Ready(message.id, message.attempt, patient.id, reply)

    async def _skip(self, work: Work, message: Message, skip: Skip) -> None:
        state, needs_nurse = SKIPPED[skip]
        if await store.finish_unsent(work, message, state, skip) and needs_nurse:
            await tell_nurse(work, message)
        log.info("message.skipped", message_id=message.id, reason=skip, state=state)

    async def _send(self, ready: Ready) -> bool:
        """Call the channel with no transaction open, and record what came of it."""
        out = Outgoing(address=ready.address, key=f"message:{ready.message_id}", content=ready.reply.to_json())
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                receipt = await self.channel.send(out)
            crash_at("after_send")
        except SendFailed as failure:
            await self._refused(ready, failure)
            return False
        except Exception as wrong:  # around one dispatch: whatever it was, nobody knows whether it was sent
            log.error("message.unclear", message_id=ready.message_id, error=type(wrong).__name__)
            await self._unclear(ready)
            return False
        async with self.database.work() as work:
            await store.accepted(work, ready.message_id, ready.attempt, receipt.provider_id)
            crash_at("before_mark")
        return True

    async def _refused(self, ready: Ready, failure: SendFailed) -> None:
        policy = POLICY[Cause(failure.cause)]
        async with self.database.work() as work:
            backoff = BACKOFF_S[min(ready.attempt - 1, len(BACKOFF_S) - 1)] * uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
            wait = failure.again_after or timedelta(seconds=backoff)
            await store.refused(work, ready.message_id, ready.attempt, failure.cause, work.now + wait if policy.retry else None)
            if policy.tell_nurse:
                await tell_nurse(work, await work.session.get_one(Message, ready.message_id))
        log.info("message.refused", message_id=ready.message_id, cause=failure.cause)

    async def _unclear(self, ready: Ready) -> None:
        async with self.database.work() as work:
            if await store.unclear(work, ready.message_id, ready.attempt):
                await tell_nurse(work, await work.session.get_one(Message, ready.message_id))


def crash_at(step: str) -> None:
    """Kill points of the failure tests: die here as power loss would, when KAREZ_CRASH_AT names this step."""
    if os.environ.get("KAREZ_CRASH_AT") == step:
        os._exit(137)
