"""Patients who talk: with the assistant listening, and while it is down."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from care.conversation.assistant import RasaAssistant
from care.conversation.turn import Conversation
from care.messages.gate import Gate
from tests.assistant_process import PATIENCE_S, RunningAssistant
from tests.conversation.talk import Talk
from tests.ports import free_port
from tests.ward import Ward

Meet = Callable[..., Awaitable[Talk]]


@pytest.fixture
def url(sqlite: str) -> str:
    """What a turn says does not depend on the database; what two turns at once do is told in test_two_at_once.py."""
    return sqlite


@pytest.fixture
async def meet(ward: Ward, assistant: RunningAssistant) -> AsyncIterator[Meet]:
    """A patient whose words the real assistant reads: `await meet("zh-Hans")`."""
    async with _meeting(ward, RasaAssistant(assistant.url, assistant.secret, PATIENCE_S)) as meet:
        yield meet


@pytest.fixture
async def meet_alone(ward: Ward) -> AsyncIterator[Meet]:
    """A patient who writes while the assistant is down."""
    async with _meeting(ward, RasaAssistant(f"http://127.0.0.1:{free_port()}", "nobody")) as meet:
        yield meet


@asynccontextmanager
async def _meeting(ward: Ward, bot: RasaAssistant) -> AsyncIterator[Meet]:
    conversation = Conversation(ward.database, ward.library, bot, gate=Gate(demo=True))

    async def meet(form: str, name: str = "Gul", consents: bool = True) -> Talk:
        talk = Talk(ward, conversation, await ward.patient(name, form=form))
        if consents:
            await talk.consents("symptoms", True)
        return talk

    yield meet
    await bot.close()
