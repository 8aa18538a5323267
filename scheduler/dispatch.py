"""Own, re-check, intend, send, record: the only place that calls a channel."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from random import uniform

from care.channels.base import Channel, Outgoing, SendFailed
from care.content.library import Library
from care.kit.database import Database, Work
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages import store
from care.messages.compose import compose
from care.messages.gate import Gate, pass_gate
from care.messages.recheck import Facts, find_skip, gather_facts, is_asked_for, still_wanted, waits_until
from care.messages.reply import Reply
from care.messages.service import tell_nurse
from care.messages.store import Try
from care.messages.tables import Message
from care.messages.types import POLICY, Cause, Policy, Skip, State, end_of, unknown_limit
from care.people.clocks import local
from scheduler.crash import crash_at
from scheduler.together import Together

BATCH = 100  # messages whose intents share one transaction
SEND_WITHIN_S = 10.0  # below the lease: a slow call can never outlive its claim
BACKOFF_S = (30, 60, 300, 900)
POISON_REST = timedelta(hours=1)
CHANNEL_REST = timedelta(minutes=5)
log = get_log("dispatch")


@dataclass(frozen=True)
class Ready:
    """A message that may touch the wire once its intent is written."""

    attempt: Try
    patient_id: str
    kind: str
    reply: Reply


@dataclass(frozen=True)
class Unsent:
    """A message that is not tried now: ended, or waiting until a moment."""

    message: Message
    skip: Skip
    until: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one send: the channel's own id, or why not (Cause.UNKNOWN: nobody knows)."""

    ready: Ready
    provider_id: str = ""
    cause: Cause | None = None
    again_after: timedelta | None = None


class Dispatcher:
    """Sends batches of claimed messages through the channels."""

    def __init__(self, database: Database, library: Library, channels: Mapping[str, Channel], gate: Gate) -> None:
        self.database, self.library, self.channels, self.gate = database, library, channels, gate
        self.name = new_id()
        self._outcomes = Together(database, self._record)
        self._resting: dict[str, datetime] = {}

    async def send_batch(self, ids: list[str], clock: str) -> int:
        """Send what is still ours of a batch claimed by `clock`.  Returns how many the channels took."""
        async with self.database.work() as work:
            owned = await store.own(work, self.name, ids, clock)
        crash_at("after_own")
        sending: list[asyncio.Task[bool]] = []
        for part in batched(owned, BATCH):
            ready = await self._intend(part)
            crash_at("after_intent")
            sending += [asyncio.create_task(self._deliver(each)) for each in ready]
        done = await asyncio.gather(*sending, return_exceptions=True)
        lost = [each for each in done if isinstance(each, BaseException)]
        if lost:  # their intents stay, and the reaper finds them
            log.error("message.unrecorded", count=len(lost), error=type(lost[0]).__name__)
        return sum(each is True for each in done)

    async def _intend(self, part: tuple[Try, ...]) -> list[Ready]:
        """T3 for some messages: re-check, find the words and write the intents, all in one transaction."""
        async with self.database.work() as work:
            messages = await store.load(work, part)
            facts = await gather_facts(work, messages, self.library.messages)
            decided = [self._decide(message, facts[message.id], work.now) for message in messages]
            for each in decided:
                if isinstance(each, Unsent):
                    await self._keep_back(work, each)
            ready = [each for each in decided if isinstance(each, Ready)]
            intended = await store.intend(work, [each.attempt for each in ready])
            return [each for each in ready if each.attempt.message_id in intended]

    def _decide(self, message: Message, facts: Facts, now: datetime) -> Ready | Unsent:
        rules = self.library.messages
        skip = find_skip(message, facts, now, rules)
        if skip:
            return Unsent(message, skip, waits_until(message, facts, skip, now, rules))
        channel = next((name for name in self.channels if name in facts.channels), None)
        if channel is None:
            return Unsent(message, Skip.NO_CHANNEL)
        if self._resting.get(channel, now) > now:
            return Unsent(message, Skip.CHANNEL_RESTS, self._resting[channel])
        return self._word(message, facts, channel, now)

    def _word(self, message: Message, facts: Facts, channel: str, now: datetime) -> Ready | Unsent:
        try:
            written = compose(self.library, message, facts.patient, now, still_wanted(message, facts))
            today = local(now, facts.patient.zone).date()
            reply = pass_gate(written, self.library, self.gate, today)
        except Exception as wrong:  # around one dispatch: one row nobody can word must not stop the others
            log.error("message.spoiled", message_id=message.id, error=type(wrong).__name__)
            # Pushed back once, in case a text is being mended; the second time a nurse takes over.
            return Unsent(message, Skip.OUR_BUG, None if message.why == Skip.OUR_BUG else now + POISON_REST)
        if reply is None:
            return Unsent(message, Skip(written.proof.on(today)))
        facts.day.said += not is_asked_for(message)  # the next one of this batch counts it
        return Ready(Try(message.id, message.attempt, channel, reply.revision), facts.patient.id, message.kind, reply)

    async def _keep_back(self, work: Work, unsent: Unsent) -> None:
        message, skip = unsent.message, unsent.skip
        if unsent.until:
            await store.put_off(work, message, unsent.until, skip)
            state: State = State.DUE
        else:
            state, needs_nurse = end_of(skip, self.library.messages.of(message.kind))
            if await store.finish_unsent(work, message, state, skip) and needs_nurse:
                await tell_nurse(work, message)
        log.info("message.skipped", message_id=message.id, reason=skip, state=state)

    async def _deliver(self, ready: Ready) -> bool:
        outcome = await self._send(ready)
        crash_at("after_send")
        await self._outcomes.add(outcome)
        crash_at("after_mark")
        return outcome.cause is None

    async def _send(self, ready: Ready) -> Outcome:
        """Call the channel with no transaction open."""
        out = Outgoing(address=ready.patient_id, key=f"message:{ready.attempt.message_id}", content=ready.reply.to_json())
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                receipt = await self.channels[ready.attempt.channel].send(out)
        except SendFailed as failure:
            log.info("message.refused", message_id=ready.attempt.message_id, cause=failure.cause)
            return Outcome(ready, cause=Cause(failure.cause), again_after=failure.again_after)
        except Exception as wrong:  # around one dispatch: whatever it was, nobody knows whether it was sent
            log.error("message.unclear", message_id=ready.attempt.message_id, error=type(wrong).__name__)
            return Outcome(ready, cause=Cause.UNKNOWN)
        return Outcome(ready, provider_id=receipt.provider_id)

    async def _record(self, work: Work, outcomes: list[Outcome]) -> None:
        """T4 for many messages in one transaction."""
        await store.accepted(work, [(each.ready.attempt, each.provider_id) for each in outcomes if each.cause is None])
        for each in outcomes:
            if each.cause == Cause.UNKNOWN:
                await self._record_unclear(work, each.ready)
            elif each.cause:
                await self._record_refused(work, each, each.cause)
        crash_at("before_mark")

    async def _record_unclear(self, work: Work, ready: Ready) -> None:
        limit = unknown_limit(ready.kind, self.channels[ready.attempt.channel].can.takes_key)
        if await store.unclear(work, ready.attempt, limit):
            await self._tell_nurse(work, ready)

    async def _record_refused(self, work: Work, outcome: Outcome, cause: Cause) -> None:
        ready, policy = outcome.ready, POLICY[cause]
        await store.refused(work, ready.attempt, cause, self._again_at(work.now, outcome, policy))
        if policy.close_contact:
            await store.close_contact(work, ready.patient_id, ready.attempt.channel, cause)
        if policy.tell_nurse:
            await self._tell_nurse(work, ready)
        if policy.stop_channel:
            self._resting[ready.attempt.channel] = work.now + CHANNEL_REST
        if policy.tell_us:
            log.error("channel.failed", channel=ready.attempt.channel, cause=cause, message_id=ready.attempt.message_id)

    def _again_at(self, now: datetime, outcome: Outcome, policy: Policy) -> datetime | None:
        if policy.replan:
            return now
        if not policy.retry:
            return None
        wait_s = BACKOFF_S[min(outcome.ready.attempt.attempt - 1, len(BACKOFF_S) - 1)] * uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
        return now + (outcome.again_after or timedelta(seconds=wait_s))

    async def _tell_nurse(self, work: Work, ready: Ready) -> None:
        await tell_nurse(work, await work.session.get_one(Message, ready.attempt.message_id))
