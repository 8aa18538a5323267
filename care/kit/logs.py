"""Structured logs that cannot name a person: an allow-list of keys, everything else is dropped."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# Ids, reasons and counts only.  Language, script and clock are proxies for ethnicity (design, decision 3): never here.
ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "part",
        "id",
        "message_id",
        "patient_id",
        "clinic_id",
        "staff_id",
        "plan_id",
        "alert_id",
        "occurrence_id",
        "request_id",
        "channel",
        "state",
        "outcome",
        "cause",
        "reason",
        "kind",
        "tier",
        "flag",
        "act",
        "count",
        "claimed",
        "sent",
        "failed",
        "missed",
        "retried",
        "tick",
        "seconds",
        "ms",
        "port",
        "pid",
        "process",
        "version",
        "revision",
        "path",
        "file",
        "line",
        "status",
        "method",
        "route",
        "error",
        "tries",
        "step",
    }
)


def keep_allowed(logger: Any, method: str, entry: MutableMapping[str, Any]) -> dict[str, Any]:
    """Drop every key that is not on the list, and say how many were dropped."""
    kept = {key: value for key, value in entry.items() if key in ALLOWED}
    dropped = len(entry) - len(kept)
    if dropped:
        kept["count_dropped"] = dropped
    return kept


class Frames(logging.Formatter):
    """How libraries' errors are logged: where and which, never their words, which may quote a row or a patient."""

    def formatException(self, ei: Any) -> str:
        told, wrong = [], ei[1]
        while wrong is not None:
            told.append("".join(traceback.format_tb(wrong.__traceback__)) + type(wrong).__name__)
            wrong = wrong.__cause__ or (None if wrong.__suppress_context__ else wrong.__context__)
        return "\n".join(reversed(told))


def set_up_logs(as_json: bool) -> None:
    """Configure structlog for this process: readable on a terminal, JSON elsewhere."""
    last: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Frames("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[to_stderr], level=logging.WARNING)
    for chatty in ("httpx", "telegram", "aiohttp.access", "apscheduler", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_log(name: str) -> Any:
    """A module's own log."""
    # Not .bind(): modules ask for it while they are imported, before set_up_logs, and would keep a logger without the list.
    return structlog.get_logger(part=name)
