"""JSON as it goes over a wire: in letters, not in escapes, which triple an Uyghur text; and none of it is remembered."""

import json
from typing import Any

from pydantic_core import from_json, to_json

_ENCODER = json.JSONEncoder(ensure_ascii=False)  # made once: json.dumps makes one each time it is asked for letters


def write_json(said: Any) -> bytes:
    """Half a letter, which no wire takes, becomes a question mark."""
    try:
        return to_json(said)
    except ValueError:
        return _ENCODER.encode(said).encode(errors="replace")


def read_json(told: bytes | str) -> Any:
    """What somebody tells.  Raises ValueError."""
    try:
        # By itself the library remembers short words for the next time: here they may be a patient's.
        return from_json(told, cache_strings="none")
    except ValueError:
        return json.loads(told)  # slower, but takes UTF-16, a byte order mark, and half a letter
