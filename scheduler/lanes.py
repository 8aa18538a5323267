"""What each channel can take now: so many messages on the wire, so many a second, and nothing while it rests."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from typing import Any

from care.channels.base import Abilities
from care.kit.clock import Clock, stopwatch_s
from care.kit.logs import get_log
from care.messages.types import POLICY, Cause

PART = 128  # messages whose intents share one transaction; so many may wait behind full sockets, never more
OF_LIMIT = 0.95  # of what a vendor says it takes: its clock and ours count differently
AHEAD_S = 1.0  # of sending whose intents may be written: as long as a transaction takes on a busy machine
HOLD_S = 2.0  # whoever can go within this waits here, whoever cannot goes back to their row
IN_LINE_S = 7.0  # from the intent to the wire: with all that a sending may take (outbound.py) it stays below the lease
BUSY_REST = timedelta(seconds=1)  # where the vendor does not say
CHANNEL_REST = timedelta(minutes=5)  # after a failure that somebody has to mend
TRIPS = 10  # failures in a row that close a channel
REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)
TRIAL = timedelta(seconds=10)  # as long as one send may take
log = get_log("lanes")


class Pace:
    """So many a second, evenly, as they go on the wire; `None`: as many as are asked for."""

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self.most_ahead = max(1, int(per_second * AHEAD_S)) if per_second else 0
        self.ahead = 0  # have a place, and are not on the wire yet
        self._next_s = 0.0

    def wait_s(self, count: int) -> float:
        """Seconds until `count` may follow; half of those who may be ahead, if that is less."""
        if not self.per_second:
            return 0.0
        missing = min(count, max(1, self.most_ahead // 2)) - (self.most_ahead - self.ahead)
        return max(0.0, missing / self.per_second)

    @property
    def is_full(self) -> bool:
        return self.per_second is not None and self.ahead >= self.most_ahead

    async def turn(self) -> None:
        """Until it is one's turn on the wire.  Whoever is late sends no faster: each second belongs to so many."""
        if self.per_second:
            now_s = stopwatch_s()
            at_s = max(now_s, self._next_s)
            self._next_s = at_s + 1 / self.per_second
            if at_s > now_s:
                await asyncio.sleep(at_s - now_s)
        self.ahead -= 1


class Lane:
    """One channel as this process sends through it.  `senders`: processes among which a vendor's limit is divided."""

    def __init__(self, name: str, can: Abilities, senders: int = 1) -> None:
        self.name, self.size = name, can.sockets
        self._busy: set[asyncio.Task[None]] = set()
        self._next_on_wire: deque[Coroutine[Any, Any, None]] = deque()
        self.pace = Pace(can.per_second * OF_LIMIT / senders if can.per_second else None)
        self._takes_s = 0.0  # a socket for one message, of late
        self.intended = 0  # taken here and not answered: on the wire, or one part behind it
        self.rests_until: datetime | None = None
        self._rests_until_s = 0.0
        self._failures, self._rest = 0, timedelta()
        self._half_open = self._on_trial = False
        self._line_ends: datetime | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def behind(self) -> int:
        """How many may wait behind full sockets: one part, or of a slow vendor those whose turn comes before their lease ends."""
        if self._takes_s * PART <= self.size * IN_LINE_S:
            return PART
        return max(1, int(self.size * IN_LINE_S / self._takes_s))

    @property
    def room(self) -> int:
        return self.size + self.behind - self.intended

    def has_room(self, count: int) -> bool:
        return self.room >= min(count, self.behind)

    def took(self, seconds: float) -> None:
        """A message was on the wire for so long."""
        self._takes_s += (seconds - self._takes_s) / 8 if self._takes_s else seconds

    def rests_s(self, now: datetime) -> float:
        """Seconds it still rests, on whichever clock is over first: one of them may stand still or have jumped."""
        if self.rests_until is None:
            return 0.0
        return max(0.0, min((self.rests_until - now).total_seconds(), self._rests_until_s - stopwatch_s()))

    def is_busy(self, now: datetime) -> bool:
        return self.intended > 0 or self.rests_s(now) > 0 or self.pace.wait_s(PART) > 0

    def ready_in_s(self, count: int, now: datetime) -> float:
        """Seconds until `count` may be taken, as far as that is a matter of time; endless when sockets have to come free."""
        return max(self.rests_s(now), self.pace.wait_s(count)) if self.has_room(count) else inf

    def puts_off(self, now: datetime) -> bool:
        """Whether whoever waits for a place is better given a moment to come again: it rests for longer than one waits."""
        return not self._on_trial and self.rests_s(now) > HOLD_S

    def start(self, sending: Coroutine[Any, Any, None]) -> None:
        """Through the next free socket.  What sockets do one after the other is one task: making one for each takes longer."""
        self._next_on_wire.append(sending)
        if len(self._busy) < self.size:
            task = asyncio.create_task(self._send_on())
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _send_on(self) -> None:
        while self._next_on_wire:
            await self._next_on_wire.popleft()

    def take(self, now: datetime) -> bool:
        """A place for one message.  Of a channel that failed one message tries first whether it works again."""
        if self.room < 1 or self.rests_s(now) > 0 or self.pace.is_full:
            return False
        self.rests_until = None
        if self._half_open:
            self._half_open, self._on_trial = False, True
            self._rest_for(TRIAL, now)
        self.intended += 1
        self.pace.ahead += 1
        return True

    def give_back(self) -> None:
        """The message turned out to be somebody else's."""
        self.leave()
        self.pace.ahead -= 1
        self.learned_nothing()

    def learned_nothing(self) -> None:
        """A message that is off the wire said nothing of the channel: if it was the trial, the next one is."""
        if self._on_trial and not self.intended:
            self._half_open, self._on_trial, self.rests_until = True, False, None

    def has_line(self, now: datetime) -> bool:
        """Others were given moments to come again: whoever comes for the first time goes behind them."""
        return self._line_ends is not None and self._line_ends > now

    def put_off_until(self, now: datetime, ahead: int) -> datetime | None:
        """When a message that found no place should come again, `ahead` of it waiting here; None: it may wait here too.

        Those who come again are given moments one after the other, so that each row is written once and not every second.
        """
        if self._on_trial:
            return None
        free_at = max(now + timedelta(seconds=self.rests_s(now)), self._line_ends or now)
        apart = timedelta(seconds=1 / self.pace.per_second) if self.pace.per_second else timedelta()
        at = free_at + (1 if self.has_line(now) else ahead + 1) * apart
        if at <= now + timedelta(seconds=HOLD_S):
            return None
        self._line_ends = at
        return at

    def stops(self, clock: Clock) -> timedelta | None:
        """For how long a message is not sent whose intent was written before the channel began to rest; None: it is sent."""
        if self.rests_until is None or self._on_trial:
            return None
        rest_s = self.rests_s(clock.now())
        return timedelta(seconds=rest_s) if rest_s > 0 else None

    def leave(self) -> None:
        """One message less: its socket is free."""
        self.intended -= 1
        for count, coming in self._waiting:
            if self.has_room(count) and not coming.done():
                coming.set_result(None)

    def hear(self, cause: Cause, again_after: timedelta | None, now: datetime, of_one: bool = False) -> None:
        """What a send that was not taken says of the channel.  `of_one`: nothing, for the limit is one person's."""
        policy = POLICY[cause]
        if of_one:
            self.learned_nothing()
        elif policy.pause_channel:
            self._rest_for(again_after or BUSY_REST, now)
        elif policy.stop_channel:
            self._close(now, CHANNEL_REST)
        elif policy.counts_against_channel:
            self._failed(now)
        else:
            self.worked()

    def _rest_for(self, rest: timedelta, now: datetime) -> None:
        """From now on, or for as long as it was to rest anyway."""
        if rest.total_seconds() > self.rests_s(now):
            self.rests_until, self._rests_until_s = now + rest, stopwatch_s() + rest.total_seconds()

    def _failed(self, now: datetime) -> None:
        self._failures += 1
        if self._on_trial or (self._failures >= TRIPS and not self._half_open):
            self._close(now, min(self._rest * 2 or REST, LONGEST_REST))

    def _close(self, now: datetime, rest: timedelta) -> None:
        self._half_open, self._on_trial, self._rest = True, False, rest
        self._rest_for(rest, now)
        log.error("channel.closed", channel=self.name, seconds=rest.total_seconds(), count=self._failures)

    def worked(self) -> None:
        """A message was taken, or refused for a reason of its own: the channel is there."""
        if self._half_open:  # sent before it was closed
            return
        self._failures, self._rest = 0, timedelta()
        if self._on_trial:
            self._on_trial, self.rests_until = False, None
            log.info("channel.opened", channel=self.name)

    def wait(self, count: int, coming: asyncio.Future[None]) -> None:
        self._waiting.append((count, coming))

    def forget(self, coming: asyncio.Future[None]) -> None:
        self._waiting = [each for each in self._waiting if each[1] is not coming]


async def any_room(lanes: Iterable[Lane], count: int, within_s: float) -> None:
    """Until one of them has room for `count`, or some seconds are over."""
    coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    some = list(lanes)
    for lane in some:
        lane.wait(count, coming)
    with suppress(TimeoutError):
        await asyncio.wait_for(coming, within_s)
    for lane in some:
        lane.forget(coming)
