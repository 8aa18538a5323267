"""The only door of the assistant: canonical text in, acts out, a failure reported as a failure.

Rasa's own REST channel answers 200 with an empty list when something inside breaks, trusts whoever calls, and reads
a leading slash as an intent; this one does none of that.
"""

import hmac
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from surroundings import read_secret

LONGEST = 500  # characters; what a patient means stands in less, and nothing longer need enter the cage
LANGUAGE = re.compile("[a-z]{2,3}")  # care decides which ones there are; here none is treated in a way of its own
EXPECTING = ("none", "dose", "reason", "language")
TOP = 3
FALLBACK = "nlu_fallback"
log = logging.getLogger(__name__)


class Refused(Exception):
    """The request is not of the contract; says what is wrong with it."""


class NoAct(Exception):
    """Rasa swallowed an error inside and answered nothing."""


class KarezConnector(InputChannel):
    """POST /webhooks/karez/webhook with header X-Karez-Secret; GET /webhooks/karez/health without."""

    @classmethod
    def name(cls) -> str:
        return "karez"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "KarezConnector":
        return cls(read_secret())

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
            return await answer(getattr(request.app.ctx, "agent", None), request.body)

        return routes


async def answer(agent: Any, body: bytes) -> HTTPResponse:
    """What the assistant says to one request body; a bad request is a 400, a failure inside a 500."""
    try:
        return response.json(await understand(agent, read_request(body)))
    except Refused as wrong:
        return response.json({"error": str(wrong)}, status=400)
    except Exception as wrong:  # the edge: whatever breaks inside must be seen as broken outside
        log.error("assistant failed: %s", type(wrong).__name__)  # its message may quote the patient
        return response.json({"error": type(wrong).__name__}, status=500)


def read_request(body: bytes) -> str:
    """The text to understand.  Raises Refused unless the body keeps to the contract.

    `expecting` is checked and changes nothing: in cross-validation the wrong `taken` was most often a symptom told while
    a dose was awaited, so waiting for a dose must not make the assistant readier to hear one.
    """
    try:
        asked = json.loads(body)
    except ValueError:
        raise Refused("the body must be JSON") from None
    if not isinstance(asked, dict):
        raise Refused("the body must be a JSON object")
    wanted = ("conversation", "text", "language")
    missing = [name for name in wanted if not isinstance(asked.get(name), str) or not asked[name].strip()]
    if missing:
        raise Refused("missing or empty: " + ", ".join(missing))
    if not LANGUAGE.fullmatch(asked["language"]):
        raise Refused("language must be a tag such as ug")
    if asked.get("expecting", EXPECTING[0]) not in EXPECTING:
        raise Refused("expecting must be one of " + ", ".join(EXPECTING))
    if len(asked["text"]) > LONGEST:
        raise Refused("text is longer than %d characters" % LONGEST)
    # Rasa would read a leading slash as an intent: what a patient types is never a command.
    return asked["text"].lstrip("/ \t\r\n").rstrip() or "?"


async def understand(agent: Any, text: str) -> dict[str, Any]:
    """One message through the model.

    Rules are single-turn, so every message has a tracker of its own, dropped afterwards: message 500 of a conversation
    costs what message 5 does (kept trackers: 74-126 ms at the 300th), two at once never meet, and no text is kept.
    """
    collected, once = CollectingOutputChannel(), uuid.uuid4().hex
    kept = agent.tracker_store._tracker_store.store  # Rasa has no public way to forget a conversation
    try:
        await agent.handle_message(UserMessage(text, collected, once, input_channel="karez"))
        parsed = (await agent.tracker_store.retrieve(once)).latest_message.parse_data
    finally:
        kept.pop(once, None)
    if not collected.messages:
        raise NoAct
    ranking = [each for each in parsed["intent_ranking"] if each["name"] != FALLBACK]
    return {
        # Whatever is no act of the contract becomes an empty one, which nobody carries out.
        "acts": [each.get("custom", {}) for each in collected.messages],
        "intent": ranking[0],
        "intents": ranking[:TOP],
        "topics": parsed["topic_ranking"],
    }
