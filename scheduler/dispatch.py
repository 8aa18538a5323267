"""Re-check, intend, send, record: the only place that calls a channel."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import uniform
from typing import NamedTuple

from care.channels.base import Channel, SendFailed, Unheard
from care.content.library import Library
from care.kit.clock import stopwatch_s
from care.kit.database import Database, Work
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.kit.together import Together
from care.messages import store
from care.messages.facts import Due, is_asked_for, read_due
from care.messages.gate import Gate
from care.messages.recheck import find_skip, still_wanted, waits_until
from care.messages.replies import REPLY
from care.messages.service import CONTACT_LOST, UNDELIVERED, end_contact, has_other_way, tell_nurse
from care.messages.store import Try
from care.messages.types import POLICY, Cause, Policy, Skip, State, end_of, unknown_limit
from care.messages.worded import Found, Worded, about
from care.people.clocks import local
from scheduler.batch import Batch
from scheduler.crash import crash_at
from scheduler.lanes import BUSY_REST, IN_LINE_S, Lane
from scheduler.outbound import Outbound
from scheduler.places import Places
from scheduler.ways import Ways, find_ways

SEND_WITHIN_S = 10.0  # below the lease: a slow call can never outlive its claim
BACKOFF_S = (30, 60, 300, 900)
POISON_REST = timedelta(hours=1)
MARK_AT, MARK_WITHIN_S = 100, 0.05  # outcomes that share a commit, and how long the first of them waits
log = get_log("dispatch")


class Ready(NamedTuple):
    """A message that may touch the wire once its intent is written."""

    attempt: Try
    patient_id: str
    kind: str
    since_s: float  # on the clock that cannot jump, before its lease begins
    found: Found | None = None  # None: an answer, whose words stand in the conversation
    about: str = ""  # the occurrence its buttons name


@dataclass(frozen=True)
class Unsent:
    """A message that is not tried now: ended, or waiting until a moment."""

    due: Due
    skip: Skip
    until: datetime | None = None

    @property
    def attempt(self) -> Try:
        return Try(self.due.id, self.due.attempt)


class Held:
    """A message that waits in its batch, claimed, for a place in its channel."""


HELD = Held()


class Outcome(NamedTuple):
    """What came of one send: the channel's own id, or why not (Cause.UNKNOWN: nobody knows)."""

    ready: Ready
    provider_id: str = ""
    cause: Cause | None = None
    again_after: timedelta | None = None
    of_one: bool = False  # the limit is this person's


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
        batch = Batch(ids, self.lanes, self.database.clock)
        while part := await batch.next_part():
            ready = await self._intend(part, clock, batch)
            crash_at("after_intent")
            for each in ready:
                batch.started(id(each))
                self.lanes[each.attempt.channel].start(self._deliver(each, batch))
        if batch.is_all_answered:
            self._outcomes.hurry()
        await batch.done()
        if batch.lost:  # their intents stay, and the reaper finds them
            log.error("message.unrecorded", count=len(batch.lost), error=type(batch.lost[0]).__name__)
        return batch.taken

    async def _intend(self, part: list[str], clock: str, batch: Batch | None = None) -> list[Ready]:
        """T3 for some messages: take those that are still the clock's, re-check, find the words and write the intents.

        All in one transaction: a batch delivered twice finds nothing left to take.  Those that found no place in their channel
        stay claimed, and go back to the batch.
        """
        async with self.database.work() as work:
            some = await read_due(work, part, clock, self.library.messages)
            ways = await find_ways(work, some, self.channels, self.outbound.places)
            decided = [self._decide(due, work.now, batch, ways) for due in some]
            await self._keep_back(work, [each for each in decided if isinstance(each, Unsent)])
            ready = [each for each in decided if isinstance(each, Ready)]
            intended = await store.intend(work, self.name, [each.attempt for each in ready], ends=True)
            for each in ready:
                if each.attempt.message_id not in intended:
                    self.lanes[each.attempt.channel].give_back()
            return [each for each in ready if each.attempt.message_id in intended]

    def _decide(self, due: Due, now: datetime, batch: Batch | None, ways: Ways) -> Ready | Unsent | Held:
        if due.kind == REPLY:
            return self._decide_answer(due, now, batch)
        rules = self.library.messages
        if skip := find_skip(due, now, rules):
            return Unsent(due, skip, waits_until(due, skip, now, rules))
        channel = next((name for name in ways.get(due.id, self.channels) if name in due.channels), None)
        if channel is None:
            return Unsent(due, Skip.SHUT)
        return self._find_place(due, channel, now, batch) or self._word(due, channel, now)

    def _decide_answer(self, due: Due, now: datetime, batch: Batch | None) -> Ready | Unsent | Held:
        """The patient spoke just now and waits: neither consent to reminders nor the night nor the day's number is asked."""
        channel = str(due.arguments["channel"])
        if due.useful_until <= now or channel not in self.channels:
            return Unsent(due, Skip.TOO_LATE if due.useful_until <= now else Skip.NO_CHANNEL)
        if channel in due.shut:  # it goes where the patient spoke or nowhere
            return Unsent(due, Skip.SHUT)
        held = self._find_place(due, channel, now, batch)
        return held or Ready(Try(due.id, due.attempt, channel, REPLY), due.patient_id, REPLY, stopwatch_s())

    def _find_place(self, due: Due, channel: str, now: datetime, batch: Batch | None) -> Unsent | Held | None:
        """None: there is a place in its channel, and it is taken."""
        lane, has_come_back = self.lanes[channel], due.why == Skip.CHANNEL_RESTS
        behind_others = lane.has_line(now) and not (has_come_back or due.urgent)
        if not behind_others and lane.take(now):
            return None
        until = lane.put_off_until(now, batch.held(channel) if batch else 0)
        if until or batch is None:
            return Unsent(due, Skip.CHANNEL_RESTS, until or now)
        batch.hold(due.id, channel)
        return HELD

    def _word(self, due: Due, channel: str, now: datetime) -> Ready | Unsent:
        try:
            wanted = still_wanted(due)
            found = self._worded.find(self.library, self.gate, due, now, wanted)
        except Exception as wrong:  # around one dispatch: one row nobody can word must not stop the others
            log.error("message.spoiled", message_id=due.id, error=type(wrong).__name__)
            # Pushed back once, in case a text is being mended; the second time a nurse takes over.
            return Unsent(due, Skip.OUR_BUG, None if due.why == Skip.OUR_BUG else now + POISON_REST)
        if found.passed is None:
            return Unsent(due, Skip(found.written.proof.on(local(now, due.zone).date())))
        due.day.said += not is_asked_for(due)  # the next one of this batch counts it
        tried = Try(due.id, due.attempt, channel, found.passed.revision)
        return Ready(tried, due.patient_id, due.kind, stopwatch_s(), found, about(due, wanted))

    async def _keep_back(self, work: Work, unsent: list[Unsent]) -> None:
        await store.put_off(work, [(each.attempt, each.until, each.skip) for each in unsent if each.until])
        for each in unsent:
            state = State.DUE if each.until else await self._end(work, each)
            log.info("message.skipped", message_id=each.due.id, reason=each.skip, state=state)

    async def _end(self, work: Work, unsent: Unsent) -> State:
        state, needs_nurse = end_of(unsent.skip, self.library.messages.of(unsent.due.kind))
        if await store.finish_unsent(work, unsent.attempt, state, unsent.skip) and needs_nurse:
            await tell_nurse(work, unsent.due.patient_id)
        return state

    async def _deliver(self, ready: Ready, batch: Batch) -> None:
        lane = self.lanes[ready.attempt.channel]
        await lane.pace.turn()
        rest, begun_s = self._rest_of(ready, lane), stopwatch_s()
        outcome = Outcome(ready, cause=Cause.BUSY, again_after=rest) if rest else await self._send(ready)
        crash_at("after_send")
        lane.leave()
        if rest:
            lane.learned_nothing()
        else:
            lane.took(stopwatch_s() - begun_s)
            self._hear(outcome, lane)
        batch.on_the_wire -= 1
        batch.taken += outcome.cause is None
        self._outcomes.put(outcome, partial(self._recorded, batch, id(ready)))
        if batch.is_all_answered:
            self._outcomes.hurry()

    def _hear(self, outcome: Outcome, lane: Lane) -> None:
        """What came of a send, said to its channel."""
        if outcome.cause is None:
            lane.worked()
        else:
            lane.hear(outcome.cause, outcome.again_after, self.database.clock.now(), outcome.of_one)

    def _rest_of(self, ready: Ready, lane: Lane) -> timedelta | None:
        """For how long it goes back to its row, untried; None: it is sent.

        It stood in line so long that its lease could end while it is on the wire: another clock would give it up, tell a
        nurse, and it would arrive all the same.
        """
        if stopwatch_s() - ready.since_s > IN_LINE_S:
            return lane.stops(self.database.clock) or BUSY_REST
        return lane.stops(self.database.clock)

    def _recorded(self, batch: Batch, number: int, wrong: BaseException | None) -> None:
        crash_at("after_mark")
        batch.recorded(number, wrong)

    async def _say(self, ready: Ready) -> str:
        """Through an app by its plan, else in one call that takes the reply whole.  Returns the channel's own id."""
        channel, message_id, found = self.channels[ready.attempt.channel], ready.attempt.message_id, ready.found
        if found is None or not isinstance(channel, Unheard):
            reply = found.about(ready.about) if found else None
            return await self.outbound.send(self.library, message_id, channel.name, reply)
        step = channel.whole(ready.patient_id, f"message:{message_id}", found.content(ready.about))
        async with asyncio.timeout(SEND_WITHIN_S):
            return (await channel.send(step)).provider_id

    async def _send(self, ready: Ready) -> Outcome:
        """Call the channel with no transaction open."""
        try:
            provider_id = await self._say(ready)
        except SendFailed as failure:
            log.info("message.refused", message_id=ready.attempt.message_id, cause=failure.cause)
            return Outcome(ready, cause=Cause(failure.cause), again_after=failure.again_after, of_one=failure.of_one)
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
            await tell_nurse(work, ready.patient_id)

    async def _record_refused(self, work: Work, outcome: Outcome, cause: Cause) -> None:
        ready, policy = outcome.ready, POLICY[cause]
        again_at = await self._again_at(work, outcome, policy)
        await store.refused(work, ready.attempt, cause, again_at)
        is_over = await end_contact(work, ready.patient_id, ready.attempt, cause)
        if policy.tell_nurse and (is_over or not again_at):
            await tell_nurse(work, ready.patient_id, CONTACT_LOST if again_at else UNDELIVERED)
        if policy.tell_us:
            log.error("channel.failed", channel=ready.attempt.channel, cause=cause, message_id=ready.attempt.message_id)

    async def _has_other_way(self, work: Work, ready: Ready) -> bool:
        """An answer goes where the patient spoke or nowhere."""
        return ready.kind != REPLY and await has_other_way(work, ready.patient_id, ready.attempt.channel)

    async def _again_at(self, work: Work, outcome: Outcome, policy: Policy) -> datetime | None:
        if policy.replan:
            return work.now
        if not policy.retry:
            return work.now if policy.moves_on and await self._has_other_way(work, outcome.ready) else None
        if outcome.again_after:
            return work.now + outcome.again_after
        # Counted, not read from the row's own number: that one also grows while a message waits for a resting channel.
        tries = await store.count_tries(work, outcome.ready.attempt.message_id)
        wait_s = BACKOFF_S[min(tries - 1, len(BACKOFF_S) - 1)] * uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
        return work.now + timedelta(seconds=wait_s)
