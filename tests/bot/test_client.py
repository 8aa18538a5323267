"""Asking the assistant: whatever it does wrong, a patient is answered all the same."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from care.conversation.assistant import NOTHING, AssistantDown, RasaAssistant, Understood
from tests.assistant_process import SECRET, RunningAssistant

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
GOOD = {"acts": [{"act": "greet"}], "intent": {"name": "greet", "confidence": 0.9}, "intents": [], "topics": []}


class Peer:
    """Answers on the loopback interface as it was told to, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[dict[str, str]]()

    async def receive(self, request: web.Request) -> web.Response:
        assert request.headers["X-Karez-Secret"] == SECRET
        self.asked.append(await request.json())
        answer = self.answers.pop(0)
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@asynccontextmanager
async def client_of(peer: Peer) -> AsyncIterator[Callable[..., Awaitable[Understood]]]:
    door = web.Application()
    door.router.add_post("/webhooks/karez/webhook", peer.receive)
    async with TestServer(door) as server:
        client = RasaAssistant(str(server.make_url("")).rstrip("/"), SECRET, timeout_s=2)
        try:
            yield lambda text="salam", now=NOON: client.understand(text, "ug", "conversation", now)
        finally:
            await client.close()


@pytest.mark.parametrize(
    "acts",
    [[], [{}], [{"text": "Take two."}], [{"act": "double_dose"}], [{"act": "greet"}, {"act": "double_dose"}]],
)
async def test_an_act_outside_the_closed_list_is_not_understood(acts: list[dict[str, str]]) -> None:
    async with client_of(Peer(GOOD | {"acts": acts})) as understand:
        assert (await understand()).acts == ("not_understood",)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (web.json_response({"error": "AgentNotReady"}, status=500), "answered 500.*AgentNotReady"),
        (web.Response(text="{", content_type="application/json"), "JSONDecodeError"),
        ([], "outside the contract"),
        ({"acts": None}, "outside the contract"),
        (GOOD | {"topics": [{"id": "fatigue"}]}, "outside the contract"),
    ],
)
async def test_a_failure_says_its_reason(answer: Any, reason: str) -> None:
    async with client_of(Peer(answer)) as understand:
        with pytest.raises(AssistantDown, match=reason):
            await understand()


async def test_after_three_failures_it_is_left_alone_for_ten_seconds() -> None:
    peer = Peer([], [], [], GOOD)
    async with client_of(peer) as understand:
        for _ in range(4):
            with pytest.raises(AssistantDown):
                await understand()
        assert len(peer.asked) == 3

        later = await understand(now=NOON + timedelta(seconds=10))

    assert later.acts == ("greet",)


async def test_nobody_there_is_down_at_once() -> None:
    client = RasaAssistant("http://127.0.0.1:1", SECRET)
    with pytest.raises(AssistantDown, match="ClientConnectorError"):
        await client.understand("salam", "ug", "conversation", NOON)
    await client.close()


async def test_a_long_text_is_cut_to_what_the_connector_takes_and_an_empty_one_is_not_sent() -> None:
    peer = Peer(GOOD)
    async with client_of(peer) as understand:
        await understand("a" * 900)
        assert await understand(" ") == NOTHING

    assert [len(each["text"]) for each in peer.asked] == [500]


@pytest.mark.rasa
async def test_the_real_assistant_is_understood(assistant: RunningAssistant) -> None:
    client = RasaAssistant(assistant.url, assistant.secret)
    understood = await client.understand("恶心想吐怎么办", "zh", "conversation", NOON)
    await client.close()

    assert (understood.acts, understood.intent, understood.topics[0][0]) == (("show_topic",), "ask_topic", "nausea-vomiting")
