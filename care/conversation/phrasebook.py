"""Understands the sample sentences word for word: what still works when the assistant is down."""

from functools import lru_cache

from care.content.library import Library
from care.conversation.assistant import Understood
from care.languages.fold import fold

LONGEST_STOP = 60  # characters; what is longer is no single word, and folding it in every language would cost a turn


class Phrasebook:
    """Every sample sentence of the content, by its folded key."""

    def __init__(self, library: Library) -> None:
        self._intents: dict[tuple[str, str], str] = {}
        self._topics: dict[tuple[str, str], str] = {}
        self._languages = tuple(library.languages)
        for language, pages in library.languages.items():
            for intent, samples in pages.intents.values.items():
                if isinstance(samples, list):
                    self._learn(self._intents, language, intent, samples)
            for topic_id, page in pages.topics.items():
                self._learn(self._topics, language, topic_id, page.values.get("questions", []))

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, library: Library) -> "Phrasebook":
        """The one of a library: folding eleven thousand sentences takes a second."""
        return cls(library)

    @staticmethod
    def _learn(where: dict[tuple[str, str], str], language: str, meaning: str, samples: list[str]) -> None:
        for sample in samples:
            where.setdefault((language, fold(str(sample), language)), meaning)

    def intent(self, canonical: str, language: str) -> str | None:
        """The intent of a sentence known word for word; None for any other."""
        return self._intents.get((language, canonical))

    def is_stop(self, text: str) -> bool:
        """Whether the whole message is a word for "stop" in any language of ours, whatever language it seems to be.

        Too short to tell its language by, and the one word that must never be lost.
        """
        return len(text) <= LONGEST_STOP and any(
            self.intent(fold(text, language), language) == "stop_messages" for language in self._languages
        )

    def understand(self, canonical: str, language: str) -> Understood | None:
        """As the assistant answers, for known sentences only."""
        topic = self._topics.get((language, canonical))
        intent = "ask_topic" if topic else self.intent(canonical, language)
        if intent is None:
            return None
        act = {"ask_topic": "show_topic", "ask_next": "next_visit"}.get(intent, intent)
        return Understood(acts=(act,), intent=intent, confidence=1.0, topics=((topic, 1.0),) if topic else ())
