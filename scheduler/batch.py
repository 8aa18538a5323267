"""One batch on its way: which of its messages wait for which channel, which are on the wire, and when all is written down."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence

from care.kit.clock import Clock, stopwatch_s
from scheduler.lanes import PART, Lane, any_room

LOOK_AGAIN_S = 1.0  # however busy the channels in use are, others may be free
NOT_LOOKED_AT = ""


class Batch:
    """Hands out parts that have a place in their channel, so that no intent is written long before its message can go."""

    def __init__(self, ids: Sequence[str], lanes: Mapping[str, Lane], clock: Clock) -> None:
        self.lanes, self.clock = lanes, clock
        self.waiting: dict[str, deque[str]] = {NOT_LOOKED_AT: deque(ids)}
        self.on_the_wire = self.taken = 0
        self.lost: list[BaseException] = []
        self._unrecorded: set[int] = set()
        self._all_recorded = asyncio.Event()

    async def next_part(self) -> list[str]:
        """The next messages to look at, once there is a place for them; empty when none are left."""
        begun_s = stopwatch_s()
        while any(self.waiting.values()):
            waits = {name: self._ready_in_s(name) for name, some in self.waiting.items() if some}
            name = min(waits, key=lambda each: waits[each])
            if waits[name] <= 0:
                return self._take(name)
            if NOT_LOOKED_AT in waits and stopwatch_s() - begun_s > LOOK_AGAIN_S:
                return self._take(NOT_LOOKED_AT)
            await any_room(self.lanes.values(), min(map(self._need, waits)), min(waits[name], LOOK_AGAIN_S))
        return []

    def hold(self, each: str, channel: str) -> None:
        """It found no place in its channel, and waits here."""
        self.waiting.setdefault(channel, deque()).append(each)

    def held(self, channel: str) -> int:
        """How many wait here for a channel."""
        return len(self.waiting.get(channel, ()))

    def started(self, number: int) -> None:
        """A message is on its way to the wire."""
        self._unrecorded.add(number)
        self.on_the_wire += 1

    def recorded(self, number: int, wrong: BaseException | None) -> None:
        if wrong:
            self.lost.append(wrong)
        self._unrecorded.discard(number)
        if not self._unrecorded:
            self._all_recorded.set()

    async def done(self) -> None:
        """Until everything that was started is written down."""
        while self._unrecorded:
            self._all_recorded.clear()
            await self._all_recorded.wait()

    @property
    def is_all_answered(self) -> bool:
        return not self.on_the_wire and not any(self.waiting.values())

    def _ready_in_s(self, name: str) -> float:
        need, now = self._need(name), self.clock.now()
        if name != NOT_LOOKED_AT:
            lane = self.lanes[name]
            # It failed again while they waited: nobody else's message may wait behind theirs for minutes.
            return 0.0 if lane.puts_off(now) else lane.ready_in_s(need, now)
        busy = [lane for lane in self.lanes.values() if lane.is_busy(now)]
        return min((lane.ready_in_s(need, now) for lane in busy), default=0.0)

    def _need(self, name: str) -> int:
        most = PART if name == NOT_LOOKED_AT else self.lanes[name].behind
        return min(most, len(self.waiting[name]))

    def _take(self, name: str) -> list[str]:
        some = self.waiting[name]
        return [some.popleft() for _ in range(self._need(name))]
