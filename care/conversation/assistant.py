"""Asks the assistant what a patient means.  Whatever it does wrong is AssistantDown here, never an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp

# The acts of bot/domain.yml, both ways (tests/house).
ACT_NAMES = frozenset(
    [
        *("greet", "thank", "help", "show_topic", "report_symptom", "dose_taken", "dose_missed", "dose_snooze", "next_visit"),
        *("change_appointment", "talk_to_nurse", "stop_messages", "resume_messages", "change_language", "audio_on", "audio_off"),
        *("medicine_advice", "out_of_scope", "not_understood"),
    ]
)
FAILURES = 3  # in a row, then the assistant is left alone for a while
LEFT_ALONE = timedelta(seconds=10)
LONGEST = 500  # characters the connector takes; alarms have read all of a longer text before


class AssistantDown(Exception):
    """The assistant cannot be asked now; the rules and the menu answer instead."""


@dataclass(frozen=True)
class Understood:
    """What the assistant made of a message: acts to carry out, and the topics it may be about, likeliest first."""

    acts: tuple[str, ...]
    intent: str
    confidence: float
    topics: tuple[tuple[str, float], ...]


NOTHING = Understood(acts=("not_understood",), intent="out_of_scope", confidence=0.0, topics=())


class Understander(Protocol):
    async def understand(self, text: str, language: str, conversation: str, now: datetime) -> Understood:
        """What a canonical text means.  Raises AssistantDown."""

    async def close(self) -> None:
        """Let go of connections."""


class RasaAssistant:
    """The assistant behind its connector on the loopback interface."""

    def __init__(self, url: str, secret: str, timeout_s: float = 2.0) -> None:
        self._url = f"{url}/webhooks/karez/webhook"
        self._headers = {"X-Karez-Secret": secret}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None
        self._failures = 0
        self._ask_again_at: datetime | None = None

    async def understand(self, text: str, language: str, conversation: str, now: datetime) -> Understood:
        """Ask once.  After FAILURES in a row nobody is asked for LEFT_ALONE, so that patients do not wait in vain."""
        if not text.strip():
            return NOTHING
        if self._ask_again_at and now < self._ask_again_at:
            raise AssistantDown(f"left alone after {self._failures} failures")
        try:
            answer = await self._post({"text": text[:LONGEST], "language": language, "conversation": conversation})
            understood = read_answer(answer)
        except AssistantDown:
            self._count_failure(now)
            raise
        self._failures, self._ask_again_at = 0, None
        return understood

    def _count_failure(self, now: datetime) -> None:
        self._failures += 1
        self._ask_again_at = now + LEFT_ALONE if self._failures >= FAILURES else None

    async def _post(self, asked: dict[str, str]) -> Any:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        try:
            async with self._http.post(self._url, json=asked) as reply:
                if reply.status != 200:
                    raise AssistantDown(f"answered {reply.status}: {(await reply.text())[:100]}")
                return await reply.json()
        except TimeoutError as wrong:
            raise AssistantDown(f"no answer within {self._timeout.total} s") from wrong
        except (aiohttp.ClientError, ValueError) as wrong:
            raise AssistantDown(type(wrong).__name__) from wrong

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


def read_answer(answer: Any) -> Understood:
    """The answer of the contract; anything outside the closed list of acts means not understood.

    Raises AssistantDown when it is no answer of the contract at all.
    """
    try:
        acts = tuple(str(each.get("act")) for each in answer["acts"])
        intent, confidence = str(answer["intent"]["name"]), float(answer["intent"]["confidence"])
        topics = tuple((str(each["id"]), float(each["confidence"])) for each in answer["topics"])
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise AssistantDown(f"answered outside the contract: {type(wrong).__name__}") from wrong
    known = bool(acts) and ACT_NAMES.issuperset(acts)
    return Understood(acts if known else ("not_understood",), intent, confidence, topics)
