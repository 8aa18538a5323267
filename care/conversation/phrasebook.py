"""Understands the sample sentences word for word: those the assistant was not taught yet, and all of them while it is down."""

from functools import lru_cache

from care.content.library import Library
from care.content.training import Sample, sample_key
from care.conversation.assistant import Understood
from care.languages.fold import fold

LONGEST_STOP = 60  # characters; what is longer is no single word, and folding it in every language would cost a turn
STOP = "stop_messages"


class Phrasebook:
    """Every sample sentence of the content, by its canonical key."""

    def __init__(self, library: Library, taught: frozenset[Sample] | None = None) -> None:
        """`taught`: what the assistant was taught; None when nobody knows, and then nothing counts as newer."""
        self._intents: dict[tuple[str, str], str] = {}
        self._topics: dict[tuple[str, str], str] = {}
        self._stops: set[tuple[str, str]] = set()
        self._languages = tuple(library.languages)
        for language, pages in library.languages.items():
            for intent, samples in pages.intents.values.items():
                if isinstance(samples, list):
                    self._learn(self._intents, language, intent, samples)
            self._stops |= {(language, fold(str(sample), language)) for sample in pages.intents.values.get(STOP, [])}
            for topic_id, page in pages.topics.items():
                self._learn(self._topics, language, topic_id, page.values.get("questions", []))
        self._newer = frozenset() if taught is None else frozenset(self._not_in(taught))

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, library: Library, taught: frozenset[Sample] | None = None) -> "Phrasebook":
        """The one of a library: folding eleven thousand sentences takes a second."""
        return cls(library, taught)

    @staticmethod
    def _learn(where: dict[tuple[str, str], str], language: str, meaning: str, samples: list[str]) -> None:
        for sample in samples:
            where.setdefault((language, sample_key(str(sample), language)), meaning)

    def _not_in(self, taught: frozenset[Sample]) -> set[tuple[str, str]]:
        """Keys that mean something the assistant was not taught: new sentences, and old ones under another topic."""
        topics = {key for key, topic in self._topics.items() if ("ask_topic", topic, key[1]) not in taught}
        return topics | {key for key, intent in self._intents.items() if (intent, None, key[1]) not in taught}

    def intent(self, canonical: str, language: str) -> str | None:
        """The intent of a sentence known word for word; None for any other."""
        return self._intents.get((language, canonical))

    def is_stop(self, text: str) -> bool:
        """Whether the whole message is a word for "stop" in any language of ours, whatever language it seems to be.

        Too short to tell its language by, and the one word that must never be lost.
        """
        return len(text) <= LONGEST_STOP and any((language, fold(text, language)) in self._stops for language in self._languages)

    @property
    def untaught(self) -> int:
        """How many sentences came after the assistant's last teaching."""
        return len(self._newer)

    def newer(self, canonical: str, language: str) -> Understood | None:
        """As the assistant will answer after its next teaching, for sentences that came after its last one."""
        return self.understand(canonical, language) if (language, canonical) in self._newer else None

    def understand(self, canonical: str, language: str) -> Understood | None:
        """As the assistant answers, for known sentences only."""
        topic = self._topics.get((language, canonical))
        intent = "ask_topic" if topic else self.intent(canonical, language)
        if intent is None:
            return None
        act = {"ask_topic": "show_topic", "ask_next": "next_visit"}.get(intent, intent)
        return Understood(acts=(act,), intent=intent, confidence=1.0, topics=((topic, 1.0),) if topic else ())
