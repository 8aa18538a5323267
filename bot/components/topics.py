"""Ranks the education topics a message may be about, beside its intent."""

from typing import Any

import numpy as np
import scipy.sparse
from joblib import dump, load
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

TOP = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicRanker(IntentClassifier, GraphComponent):
    """Logistic regression over the same sparse features as the intents; labels come from `metadata: {topic: ...}`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 10.0, "max_iter": 200}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._model: LogisticRegression | None = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "TopicRanker":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that carry a topic."""
        examples = [each for each in training_data.training_examples if topic_of(each)]
        self._model = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", solver="lbfgs"
        )
        self._model.fit(features(examples), [topic_of(each) for each in examples])
        with self._storage.write_to(self._resource) as folder:
            dump(self._model, folder / "topics.joblib")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add `topic_ranking`: the three likeliest topics with their confidence."""
        for message in messages:
            message.set("topic_ranking", self._rank(message), add_to_output=True)
        return messages

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        if self._model is None or sentence_features(message) is None:
            return []
        chances = self._model.predict_proba(features([message]))[0]
        best = np.argsort(chances)[::-1][:TOP]
        return [{"id": str(self._model.classes_[at]), "confidence": float(chances[at])} for at in best]

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "TopicRanker":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = load(folder / "topics.joblib")
        return component


def topic_of(example: Message) -> str | None:
    metadata = example.get("metadata") or {}
    return (metadata.get("example") or {}).get("topic")


def sentence_features(message: Message) -> scipy.sparse.spmatrix | None:
    _, found = message.get_sparse_features(TEXT)
    return found.features if found is not None else None


def features(messages: list[Message]) -> scipy.sparse.csr_matrix:
    return scipy.sparse.vstack([sentence_features(each) for each in messages]).tocsr()
