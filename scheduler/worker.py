"""The Taskiq side, one function wide: `dispatch(ids, clock)` hands a batch to whichever worker is free.

Embedded: Taskiq's in-memory broker, in this process.  Regional: NATS JetStream, any number of workers.  Whatever the
engine loses, the row's lease puts back (facts: engines, section 5).
"""

from collections.abc import Awaitable, Callable

from taskiq import AsyncBroker, InMemoryBroker

from scheduler.dispatch import Dispatcher

STREAM, SUBJECT, DURABLE = "karez", "karez.batches", "karez-workers"
Dispatch = Callable[[list[str], str], Awaitable[None]]


def make_broker(engine: str) -> AsyncBroker:
    """The broker a setting names: `memory`, or nats://host:port."""
    if engine == "memory":
        return InMemoryBroker(await_inplace=True)
    from taskiq_nats import PullBasedJetStreamBroker

    return PullBasedJetStreamBroker(servers=[engine], subject=SUBJECT, stream_name=STREAM, durable=DURABLE)


def bind(broker: AsyncBroker, dispatcher: Dispatcher | None) -> Dispatch:
    """Register the one task, and give back the function that sends a batch on its way."""

    async def send_batch(ids: list[str], clock: str) -> int:
        if dispatcher is None:
            raise RuntimeError("this process only claims; a worker process sends")
        return await dispatcher.send_batch(ids, clock)

    task = broker.register_task(send_batch, task_name="karez.send_batch")

    async def dispatch(ids: list[str], clock: str) -> None:
        await task.kiq(ids, clock)

    return dispatch
