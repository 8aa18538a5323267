"""The Taskiq side, one function wide: `dispatch(ids, clock)` hands a batch to whichever worker is free.

Embedded: Taskiq's in-memory broker, in this process, which comes back when the batch is sent.  Regional: NATS
JetStream, any number of workers.  Whatever the engine loses, the row's lease puts back; whatever it brings twice, the
row's owner refuses (facts: engines, section 5).
"""

import asyncio
from collections.abc import Awaitable, Callable

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.receiver import Receiver

from scheduler.dispatch import Dispatcher

STREAM, SUBJECT, DURABLE = "karez", "karez.batches", "karez-workers"
BATCHES_AT_ONCE = 2
ACK_WAIT_S = 60.0  # longer than the slowest batch
OLDEST_BATCH_S = 120.0  # its rows were claimed again long ago
FINISH_WITHIN_S = 15.0
Dispatch = Callable[[list[str], str], Awaitable[None]]


class UnknownEngine(Exception):
    """KAREZ_ENGINE names neither `memory` nor a NATS server."""


def make_broker(engine: str) -> AsyncBroker:
    """The broker a setting names: `memory`, or nats://host:port.  Raises UnknownEngine."""
    if engine == "memory":
        return InMemoryBroker(await_inplace=True)
    if not engine.startswith("nats://"):
        raise UnknownEngine(f"KAREZ_ENGINE is {engine!r}; write `memory` or an address such as nats://127.0.0.1:4222.")
    from nats.js.api import ConsumerConfig, RetentionPolicy, StreamConfig
    from taskiq_nats import PullBasedJetStreamBroker

    return PullBasedJetStreamBroker(
        servers=[engine],
        subject=SUBJECT,
        stream_name=STREAM,
        durable=DURABLE,
        stream_config=StreamConfig(retention=RetentionPolicy.WORK_QUEUE, max_age=OLDEST_BATCH_S),
        consumer_config=ConsumerConfig(durable_name=DURABLE, ack_wait=ACK_WAIT_S),
        pull_consume_timeout=1.0,
    )


def bind(broker: AsyncBroker, dispatcher: Dispatcher) -> Dispatch:
    """Register the one task, and give back the function that sends a batch on its way."""

    async def send_batch(ids: list[str], clock: str) -> int:
        return await dispatcher.send_batch(ids, clock)

    task = broker.register_task(send_batch, task_name="karez.send_batch")

    async def dispatch(ids: list[str], clock: str) -> None:
        await task.kiq(ids, clock)

    return dispatch


async def work_until(broker: AsyncBroker, stopping: asyncio.Event) -> None:
    """Take batches until told to stop; those under way are finished."""
    receiver = Receiver(broker, run_startup=False, max_async_tasks=BATCHES_AT_ONCE, wait_tasks_timeout=FINISH_WITHIN_S)
    await receiver.listen(stopping)
