"""Python starts with this in every process the tests start: what it writes as its log is written into a folder besides.

The folder is that of `KAREZ_TEST_LOGS`; see tests/collecting.py.
"""

import atexit
import os
import sys
from pathlib import Path
from typing import Any


class Copied:
    """The stream, and each of its words in a file too."""

    def __init__(self, stream: Any, file: Path) -> None:
        self._stream, self._copy = stream, file.open("a", encoding="utf-8", buffering=1)
        atexit.register(self._copy.close)

    def write(self, words: str) -> int:
        if not self._copy.closed:
            self._copy.write(words)
        return int(self._stream.write(words))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def listen(folder: Path) -> None:
    _, *typed = sys.orig_argv
    name = "-".join(typed[typed.index("-m") + 1 :][:2]) if "-m" in typed else "python"
    file = folder / f"{name.replace('/', '.')[:60]}-{os.getpid()}.log"
    try:
        file.write_text(f"\0{os.environ.get('PYTEST_CURRENT_TEST', '')}\n", encoding="utf-8")
        sys.stderr = Copied(sys.stderr, file)
    except OSError:
        pass  # the folder is gone with the tests; the process still does its work


if os.environ.get("KAREZ_TEST_LOGS"):
    listen(Path(os.environ["KAREZ_TEST_LOGS"]))
