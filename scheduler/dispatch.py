"""Own, re-check, intend, send, record: the only place that calls a channel."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import uniform

from care.channels.base import Channel, Contact, Said, SendFailed
from care.content.library import Library
from care.kit.database import Database, Work
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages import store
from care.messages.gate import Gate
from care.messages.recheck import Facts, find_skip, gather_facts, is_asked_for, still_wanted, waits_until
from care.messages.replies import REPLY
from care.messages.reply import Reply
from care.messages.service import tell_nurse
from care.messages.store import Try
from care.messages.tables import Message
from care.messages.types import POLICY, Cause, Policy, Skip, State, end_of, unknown_limit
from care.messages.worded import Worded
from care.people.clocks import local
from scheduler.batch import Batch
from scheduler.crash import crash_at
from scheduler.lanes import Lane
from scheduler.outbound import Outbound, takes_whole
from scheduler.places import Places
from scheduler.together import Together

SEND_WITHIN_S = 10.0  # below the lease: a slow call can never outlive its claim
BACKOFF_S = (30, 60, 300, 900)
POISON_REST = timedelta(hours=1)
MARK_AT, MARK_WITHIN_S = 100, 0.05  # outcomes that share a commit, and how long the first of them waits
log = get_log("dispatch")


@dataclass(frozen=True)
class Ready:
    """A message that may touch the wire once its intent is written."""

    attempt: Try
    patient_id: str
    kind: str
    reply: Reply | None  # None: an answer, whose words stand in the conversation


@dataclass(frozen=True)
class Unsent:
    """A message that is not tried now: ended, or waiting until a moment."""

    message: Message
    skip: Skip
    until: datetime | None = None


@dataclass(frozen=True)
class Held:
    """A message that waits here, claimed, for a place in its channel."""

    message: Message
    channel: str


@dataclass(frozen=True)
class Outcome:
    """What came of one send: the channel's own id, or why not (Cause.UNKNOWN: nobody knows)."""

    ready: Ready
    provider_id: str = ""
    cause: Cause | None = None
    again_after: timedelta | None = None


class Dispatcher:
    """Sends batches of claimed messages through the channels.  `senders`: processes that share each vendor's limit."""

    def __init__(
        self,
        database: Database,
        library: Library,
        channels: Mapping[str, Channel],
        gate: Gate,
        senders: int = 1,
        outbound: Outbound | None = None,
    ) -> None:
        self.database, self.library, self.channels, self.gate = database, library, channels, gate
        self.outbound = outbound or Outbound(database, channels, Places())
        self.name = new_id()
        self.lanes = {name: Lane(name, channel.can, senders) for name, channel in channels.items()}
        self._worded = Worded()
        self._outcomes = Together(database, self._record, MARK_AT, MARK_WITHIN_S)

    async def send_batch(self, ids: list[str], clock: str) -> int:
        """Send what is still ours of a batch claimed by `clock`.  Returns how many the channels took."""
        async with self.database.work() as work:
            owned = await store.own(work, self.name, ids, clock)
        crash_at("after_own")
        batch = Batch(owned, self.lanes, self.database.clock)
        while part := await batch.next_part():
            ready = await self._intend(part, batch)
            crash_at("after_intent")
            for each in ready:
                batch.start(self._deliver(each, batch), id(each))
        if batch.is_all_answered:
            self._outcomes.hurry()
        await batch.done()
        if batch.lost:  # their intents stay, and the reaper finds them
            log.error("message.unrecorded", count=len(batch.lost), error=type(batch.lost[0]).__name__)
        return batch.taken

    async def _intend(self, part: list[Try], batch: Batch | None = None) -> list[Ready]:
        """T3 for some messages: re-check, find the words and write the intents, all in one transaction.

        Those that found no place in their channel stay claimed, and go back to the batch.
        """
        async with self.database.work() as work:
            messages = await store.load(work, part)
            facts = await gather_facts(work, messages, self.library.messages)
            decided = [self._decide(message, facts[message.id], work.now, batch) for message in messages]
            for each in decided:
                if isinstance(each, Unsent):
                    await self._keep_back(work, each)
            ready = [each for each in decided if isinstance(each, Ready)]
            intended = await store.intend(work, [each.attempt for each in ready], ends=True)
            for each in ready:
                if each.attempt.message_id not in intended:
                    self.lanes[each.attempt.channel].give_back()
            return [each for each in ready if each.attempt.message_id in intended]

    def _decide(self, message: Message, facts: Facts, now: datetime, batch: Batch | None) -> Ready | Unsent | Held:
        if message.kind == REPLY:
            return self._decide_answer(message, now, batch)
        rules = self.library.messages
        skip = find_skip(message, facts, now, rules)
        if skip:
            return Unsent(message, skip, waits_until(message, facts, skip, now, rules))
        channel = next((name for name in self.channels if name in facts.channels), None)
        if channel is None:
            return Unsent(message, Skip.NO_CHANNEL)
        return self._find_place(message, channel, now, batch) or self._word(message, facts, channel, now)

    def _decide_answer(self, message: Message, now: datetime, batch: Batch | None) -> Ready | Unsent | Held:
        """The patient spoke just now and waits: neither consent to reminders nor the night nor the day's number is asked."""
        channel = str(message.arguments["channel"])
        if message.useful_until <= now or channel not in self.channels:
            return Unsent(message, Skip.TOO_LATE if message.useful_until <= now else Skip.NO_CHANNEL)
        held = self._find_place(message, channel, now, batch)
        return held or Ready(Try(message.id, message.attempt, channel, REPLY), message.patient_id, REPLY, None)

    def _find_place(self, message: Message, channel: str, now: datetime, batch: Batch | None) -> Unsent | Held | None:
        """None: there is a place in its channel, and it is taken."""
        lane, has_come_back = self.lanes[channel], message.why == Skip.CHANNEL_RESTS
        behind_others = lane.has_line(now) and not (has_come_back or message.urgent)
        if not behind_others and lane.take(now):
            return None
        until = lane.put_off_until(now, batch.held(channel) if batch else 0)
        if until or batch is None:
            return Unsent(message, Skip.CHANNEL_RESTS, until or now)
        batch.hold(Try(message.id, message.attempt), channel)
        return Held(message, channel)

    def _word(self, message: Message, facts: Facts, channel: str, now: datetime) -> Ready | Unsent:
        try:
            wanted = still_wanted(message, facts)
            written, reply = self._worded.find(self.library, self.gate, message, facts.patient, now, wanted)
        except Exception as wrong:  # around one dispatch: one row nobody can word must not stop the others
            log.error("message.spoiled", message_id=message.id, error=type(wrong).__name__)
            # Pushed back once, in case a text is being mended; the second time a nurse takes over.
            return Unsent(message, Skip.OUR_BUG, None if message.why == Skip.OUR_BUG else now + POISON_REST)
        if reply is None:
            return Unsent(message, Skip(written.proof.on(local(now, facts.patient.zone).date())))
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

    async def _deliver(self, ready: Ready, batch: Batch) -> None:
        lane = self.lanes[ready.attempt.channel]
        await lane.pace.turn()
        async with lane.sockets:
            rest = lane.stops(self.database.clock)
            outcome = Outcome(ready, cause=Cause.BUSY, again_after=rest) if rest else await self._send(ready)
        crash_at("after_send")
        lane.leave()
        if outcome.cause is None:
            lane.worked()
        elif not rest:
            lane.hear(outcome.cause, outcome.again_after, self.database.clock.now())
        batch.on_the_wire -= 1
        batch.taken += outcome.cause is None
        self._outcomes.put(outcome, partial(self._recorded, batch, id(ready)))
        if batch.is_all_answered:
            self._outcomes.hurry()

    def _recorded(self, batch: Batch, number: int, wrong: BaseException | None) -> None:
        crash_at("after_mark")
        batch.recorded(number, wrong)

    async def _say(self, ready: Ready) -> str:
        """Through an app by its plan, else in one call that takes the reply whole.  Returns the channel's own id."""
        channel, message_id = self.channels[ready.attempt.channel], ready.attempt.message_id
        if ready.reply is None or not takes_whole(channel):
            return await self.outbound.send(self.library, message_id, channel.name, ready.reply)
        said = Said(f"message:{message_id}", ready.reply.text, kind=ready.kind, content=ready.reply.to_json())
        async with asyncio.timeout(SEND_WITHIN_S):
            plan = channel.plan(said, Contact(ready.patient_id), self.database.clock.now())
            return (await channel.send(plan.steps[0])).provider_id

    async def _send(self, ready: Ready) -> Outcome:
        """Call the channel with no transaction open."""
        try:
            provider_id = await self._say(ready)
        except SendFailed as failure:
            log.info("message.refused", message_id=ready.attempt.message_id, cause=failure.cause)
            return Outcome(ready, cause=Cause(failure.cause), again_after=failure.again_after)
        except Exception as wrong:  # around one dispatch: whatever it was, nobody knows whether it was sent
            log.error("message.unclear", message_id=ready.attempt.message_id, error=type(wrong).__name__)
            return Outcome(ready, cause=Cause.UNKNOWN)
        return Outcome(ready, provider_id=provider_id)

    async def _record(self, work: Work, outcomes: list[Outcome]) -> None:
        """T4 for many messages in one transaction."""
        crash_at("before_mark")  # the last statement below may commit
        taken = [(each.ready.attempt, each.provider_id) for each in outcomes if each.cause is None]
        await store.accepted(work, taken, ends=len(taken) == len(outcomes))
        for each in outcomes:
            if each.cause == Cause.UNKNOWN:
                await self._record_unclear(work, each.ready)
            elif each.cause:
                await self._record_refused(work, each, each.cause)

    async def _record_unclear(self, work: Work, ready: Ready) -> None:
        limit = unknown_limit(ready.kind, self.channels[ready.attempt.channel].can.takes_key)
        if await store.unclear(work, ready.attempt, limit):
            await self._tell_nurse(work, ready)

    async def _record_refused(self, work: Work, outcome: Outcome, cause: Cause) -> None:
        ready, policy = outcome.ready, POLICY[cause]
        await store.refused(work, ready.attempt, cause, await self._again_at(work, outcome, policy))
        if policy.close_contact:
            await store.close_contact(work, ready.patient_id, ready.attempt.channel, cause)
        if policy.tell_nurse:
            await self._tell_nurse(work, ready)
        if policy.tell_us:
            log.error("channel.failed", channel=ready.attempt.channel, cause=cause, message_id=ready.attempt.message_id)

    async def _again_at(self, work: Work, outcome: Outcome, policy: Policy) -> datetime | None:
        if policy.replan:
            return work.now
        if not policy.retry:
            return None
        if outcome.again_after:
            return work.now + outcome.again_after
        # Counted, not read from the row's own number: that one also grows while a message waits for a resting channel.
        tries = await store.count_tries(work, outcome.ready.attempt.message_id)
        wait_s = BACKOFF_S[min(tries - 1, len(BACKOFF_S) - 1)] * uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
        return work.now + timedelta(seconds=wait_s)

    async def _tell_nurse(self, work: Work, ready: Ready) -> None:
        await tell_nurse(work, await work.session.get_one(Message, ready.attempt.message_id))
