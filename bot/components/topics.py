"""Ranks the education topics a message may be about, beside its intent."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message

from components.linear import LinearClassifier

TOP = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicRanker(LinearClassifier):
    """Over the same features as the intents; labels come from `metadata: {topic: ...}`."""

    @staticmethod
    def label_of(example: Message) -> str | None:
        metadata = example.get("metadata") or {}
        return (metadata.get("intent") or {}).get("topic")

    def process(self, messages: list[Message]) -> list[Message]:
        """Add `topic_ranking`: the three likeliest topics with their confidence."""
        for message in messages:
            ranking = [{"id": topic, "confidence": sure} for topic, sure in self.rank(message)[:TOP]]
            message.set("topic_ranking", ranking, add_to_output=True)
        return messages
