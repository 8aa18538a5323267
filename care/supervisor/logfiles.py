"""Log files that never fill the disk: a large one is set aside while its process goes on writing, and old ones go."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

LARGEST = 20 * 1024 * 1024  # bytes of one file
KEPT = 5  # files set aside a process: with the one being written about 120 MB


def turn_over(log: Path, largest: int = LARGEST, kept: int = KEPT) -> bool:
    """Set a file aside as `<name>.1` once it is large; those before it move on, and the last goes.

    The process holds its file open to append, so the file is copied and emptied, never renamed: what is written between the
    two is lost, a few lines at most.
    """
    if not log.exists() or log.stat().st_size < largest:
        return False
    aside = [log.with_name(f"{log.name}.{number}") for number in range(1, kept + 1)]
    for newer, older in reversed(list(pairwise(aside))):
        if newer.exists():
            os.replace(newer, older)
    shutil.copy2(log, aside[0])
    os.truncate(log, 0)
    return True
