"""A withdrawal and an intent that begin at the same moment, many times over."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import batched

from care.messages.tables import Attempt, Message
from care.people import consent
from care.people.tables import Patient
from tests.faults.history import Tries, tries_of
from tests.ward import Script, Ward, side_by_side

AT_ONCE, PER_BATCH = 20, 4


@dataclass
class Race:
    """What came of it: `sent_after` must stay empty, and both orders must have happened often."""

    ward: Ward
    dice: random.Random
    script: Script = field(default_factory=Script)
    window_s: float = 0.2  # sendings and withdrawals are spread over it
    order: Counter[str] = field(default_factory=Counter)
    sent_after: list[str] = field(default_factory=list)

    async def run(self, times: int) -> "Race":
        patients = [await self.ward.patient(f"Gul {number}", channel="script") for number in range(AT_ONCE)]
        for _ in range(times // AT_ONCE):
            await self._round(patients)
        return self

    async def _round(self, patients: list[Patient]) -> None:
        async with self.ward.database.work() as work:
            for each in patients:
                await consent.record(work, each, "reminders", True, "w", "script")
        reminders = {await self.ward.due(each): each.id for each in patients}
        clock = self.ward.metronome(self.script)
        ids = await clock._claim()
        sending = asyncio.ensure_future(side_by_side(*(self._send(list(part), clock.name) for part in batched(ids, PER_BATCH))))
        withdrawing = side_by_side(*(self._withdraw(each) for each in patients))
        tried, _ = await withdrawing, await sending
        await self._judge(reminders, dict(tried))

    async def _send(self, ids: list[str], clock: str) -> None:
        await asyncio.sleep(self.dice.random() * self.window_s)  # the intent is the first thing a sending does
        await self.ward.dispatcher(self.script).send_batch(ids, clock)

    async def _withdraw(self, patient: Patient) -> tuple[str, Tries]:
        await asyncio.sleep(self.dice.random() * self.window_s)
        async with self.ward.database.work() as work:
            await consent.record(work, patient, "reminders", False, "w", "script")
            return patient.id, await tries_of(work, patient.id)

    async def _judge(self, reminders: dict[str, str], tried: dict[str, Tries]) -> None:
        """The withdrawal saw the intent, or the message was cleared and never touched the wire."""
        wire = {each.key.removeprefix("message:") for each in self.script.got}
        attempts = {(each.message_id, each.number) for each in await self.ward.all(Attempt)}
        ends = {each.id: each.state for each in await self.ward.all(Message)}
        for message, patient in reminders.items():
            intended_first = (message, 1) in tried[patient]
            self.order["intent first" if intended_first else "withdrawal first"] += 1
            untouched = message not in wire and (message, 1) not in attempts and ends[message] == "cleared"
            if not intended_first and not untouched:
                self.sent_after.append(message)
