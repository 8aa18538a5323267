"""Work that can wait lets what patients wait for go first."""

import os
from contextlib import suppress
from pathlib import Path

LEAST = 19
GROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Take the least of the processor, now and for children.

    Linux shares the processor among sessions first (sched_autogroup), and each of our parts has a session of its own: beside
    another session niceness alone changes nothing.  A session that is not ours, as somebody's shell, is left as it was.
    """
    os.nice(LEAST)
    if os.getsid(0) != os.getpid():
        return
    with suppress(OSError):  # no such kernel, or nothing of it may be written here
        GROUP.write_text(str(LEAST))
