"""What the assistant may say, compared with what care can carry out: the same closed list, both ways."""

from typing import Any

import yaml

from care.conversation.acts import ACTS
from care.conversation.assistant import ACT_NAMES
from care.kit.settings import ROOT

BOT = ROOT / "bot"
SAMPLED_ELSEWHERE = {"ask_topic"}  # the questions of the topics are its samples


def read(name: str) -> Any:
    return yaml.safe_load((BOT / name).read_text(encoding="utf-8"))


def test_the_acts_of_the_assistant_are_the_acts_of_care() -> None:
    said = [variation["custom"]["act"] for each in read("domain.yml")["responses"].values() for variation in each]

    assert sorted(said) == sorted(ACT_NAMES) == sorted(ACTS)


def test_an_answer_is_one_payload_and_never_a_text() -> None:
    for variations in read("domain.yml")["responses"].values():
        assert [list(each) for each in variations] == [["custom"]]


def test_each_intent_leads_to_one_act() -> None:
    domain, rules = read("domain.yml"), read("rules/rules.yml")["rules"]
    steps = {rule["steps"][0]["intent"]: [step["action"] for step in rule["steps"][1:]] for rule in rules}

    assert set(steps) == {*domain["intents"], "nlu_fallback"}
    assert sorted(steps.values()) == sorted([name] for name in domain["responses"])


def test_every_language_has_samples_of_every_intent() -> None:
    intents = set(read("domain.yml")["intents"]) - SAMPLED_ELSEWHERE

    for language in ("zh", "ug", "kk"):
        sampled = set(yaml.safe_load((ROOT / "content" / language / "intents.yml").read_text(encoding="utf-8")))
        assert sampled - {"review", "revision", "follows"} == intents
