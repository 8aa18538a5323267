"""Leaves the garbage collector aside where what is made is kept: it would look through all of it again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000  # objects made before the young ones are looked through: thousands of messages are under way at one minute


@contextmanager
def all_is_kept() -> Iterator[None]:
    """For some seconds of reading.  What is dropped meanwhile in a ring is found afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle_memory() -> None:
    """What a process has read at its start stays: it is not looked through again.  That took a third of a sender's time.

    Call it once all has been read, and again after a new edition of the words; it takes about a third of a second.  Objects
    that are let go of are freed at once as before; only rings among what was kept are found at the next call.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
