"""The way to ask the real assistant."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from care.kit.ids import new_id
from tests.assistant_process import RunningAssistant

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(assistant: RunningAssistant) -> Ask:
    """Send one text; a field of the body is changed by name, `secret` and `body` replace what is sent. (status, answer)."""

    def send(
        text: str, language: str = "zh", secret: str | None = None, body: bytes | None = None, **fields: Any
    ) -> tuple[int, Any]:
        asked = {"conversation": new_id(), "text": text, "language": language, "expecting": "none"} | fields
        headers = {"X-Karez-Secret": assistant.secret if secret is None else secret, "Content-Type": "application/json"}
        sent = body if body is not None else json.dumps(asked).encode()
        request = urllib.request.Request(f"{assistant.url}/webhooks/karez/webhook", sent, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    return send
