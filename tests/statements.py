"""SQL that is worked out once a run: each story has a database of its own, and a process in use has one for its whole life."""

from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

_KNOWN: dict[str, tuple[Dialect, dict[Any, Any]]] = {}


def share_statements(engine: AsyncEngine) -> None:
    """Statements are remembered by dialect, and an engine makes its own: here all of a kind have one."""
    own = engine.sync_engine
    own.dialect, remembered = _KNOWN.setdefault(own.dialect.name, (own.dialect, {}))
    own.update_execution_options(compiled_cache=remembered)
