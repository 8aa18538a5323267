"""JSON as it goes over a wire: in letters, not in escapes, which triple an Uyghur text."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False)  # made once: json.dumps makes one each time it is asked for letters


def to_json_bytes(said: Any) -> bytes:
    """Half a letter, which no wire takes, becomes a question mark."""
    return _ENCODER.encode(said).encode(errors="replace")
