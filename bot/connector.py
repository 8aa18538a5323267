"""The only door of the assistant: canonical text in, acts out, a failure reported as a failure.

Rasa's own REST channel answers 200 with an empty list when something inside breaks, trusts whoever calls, and reads
a leading slash as an intent; this one does none of that.
"""

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

LONGEST = 1_000
LANGUAGES = ("ug", "kk", "zh")
TOP = 3
log = logging.getLogger(__name__)


class Refused(Exception):
    """The request is not of the contract; says what is wrong with it."""


class KarezConnector(InputChannel):
    """POST /webhooks/karez/webhook with header X-Karez-Secret."""

    @classmethod
    def name(cls) -> str:
        return "karez"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "KarezConnector":
        secret = os.environ.get("KAREZ_BOT_SECRET", "")
        if len(secret) < 32:
            raise SystemExit("KAREZ_BOT_SECRET must hold at least 32 characters; `karez up` sets it.")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("karez_webhook", "karez_webhook")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            ready = bool(agent and agent.is_ready())
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.headers.get("X-Karez-Secret", "").encode(), self._secret):
                return response.json({"error": "wrong secret"}, status=401)
            try:
                asked = read_request(request.json)
            except Refused as wrong:
                return response.json({"error": str(wrong)}, status=400)
            return await self._answer(request.app.ctx.agent, asked)

        return routes

    async def _answer(self, agent: Any, asked: dict[str, str]) -> HTTPResponse:
        try:
            return response.json(await understand(agent, asked))
        except Exception as wrong:  # the edge: whatever breaks inside must be seen as broken outside
            log.error("assistant failed: %s", type(wrong).__name__)
            return response.json({"error": type(wrong).__name__}, status=500)


def read_request(body: Any) -> dict[str, str]:
    """The fields of the contract.  Raises Refused."""
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    wanted = ("conversation", "text", "language")
    missing = [name for name in wanted if not isinstance(body.get(name), str) or not body[name].strip()]
    if missing:
        raise Refused("missing or empty: " + ", ".join(missing))
    if body["language"] not in LANGUAGES:
        raise Refused("language must be one of " + ", ".join(LANGUAGES))
    if len(body["text"]) > LONGEST:
        raise Refused("text is longer than %d characters" % LONGEST)
    # A leading slash would be read as an intent: what a patient types is never a command.
    return {name: body[name].strip().lstrip("/ ") or "?" for name in wanted}


async def understand(agent: Any, asked: dict[str, str]) -> dict[str, Any]:
    """One message through the model.  The tracker is dropped afterwards: rules are single-turn and memory stays flat."""
    collected = CollectingOutputChannel()
    message = UserMessage(asked["text"], collected, asked["conversation"], input_channel="karez")
    # Rasa has no public way to forget a conversation; kept ones make the 300th message ten times as slow as the first.
    kept = agent.tracker_store._tracker_store.store
    try:
        await agent.handle_message(message)
        tracker = await agent.tracker_store.retrieve(asked["conversation"])
        parsed = tracker.latest_message.parse_data
    finally:
        kept.pop(asked["conversation"], None)
    return {
        "acts": [each["custom"] for each in collected.messages if "custom" in each],
        "intent": {"name": parsed["intent"]["name"], "confidence": parsed["intent"]["confidence"]},
        "intents": [{"name": each["name"], "confidence": each["confidence"]} for each in parsed["intent_ranking"][:TOP]],
        "topics": parsed.get("topic_ranking", []),
    }
