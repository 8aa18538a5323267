"""Decides when the assistant had better say that it did not understand."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CautiousFallback(FallbackClassifier):
    """A wrong greeting costs a smile, a wrong stop costs a patient their reminders: each intent `needs` its own certainty."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**FallbackClassifier.get_default_config(), "needs": {}}

    def _should_fallback(self, message: Message) -> bool:
        guess = message.get(INTENT)
        unsure = guess["confidence"] < self.component_config["needs"].get(guess["name"], 0.0)
        return unsure or super()._should_fallback(message)
