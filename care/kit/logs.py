"""Structured logs that cannot name a person: an allow-list of keys, everything else is dropped."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Ids, reasons and counts only.  Language, script and clock are proxies for ethnicity (design, decision 3): never here.
ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
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
    for chatty in ("httpx", "telegram", "aiohttp.access", "apscheduler", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_log(name: str) -> Any:
    return structlog.get_logger().bind(logger=name)
