"""The assistant may say one of a closed list of acts: its domain, its rules, its thresholds and care agree on every name.

Why: an act that care does not know is a patient who gets no answer; an intent without a rule is a question nobody hears.
Mend: add the act in bot/domain.yml, bot/rules/rules.yml, care/conversation/assistant.py and care/conversation/acts.py.
Design: decision 1.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from care.conversation.acts import ACTS
from care.conversation.assistant import ACT_NAMES
from tests.house.house import Finding, Source, judge, source

DOMAIN, RULES, CONFIG = "bot/domain.yml", "bot/rules/rules.yml", "bot/config.yml"
FALLBACK = "nlu_fallback"


def place(written: Source, name: str) -> int:
    """The line that names something, so that a finding leads there."""
    return next((number for number, line in enumerate(written.lines, 1) if name in line), 1)


def said(domain: Mapping[str, Any]) -> dict[str, str]:
    """Response -> act, for responses that are one payload with an act and no words."""
    acts = {}
    for response, variations in domain["responses"].items():
        only = variations[0].get("custom") if len(variations) == 1 and set(variations[0]) == {"custom"} else None
        acts[response] = str((only or {}).get("act", ""))
    return acts


def strange_responses(domain: Source, acts: set[str]) -> Iterator[Finding]:
    """Responses that are no single act of the list, and acts no response says."""
    found = said(yaml.safe_load(domain.text))
    for response, act in found.items():
        if act not in acts:
            yield Finding(domain.file, place(domain, response), f"{response} is no single act that care knows: {act or 'words'}")
    for act in sorted(acts - set(found.values())):
        yield Finding(domain.file, place(domain, "responses:"), f"no response says the act {act}")


def unruled(rules: Source, domain: Mapping[str, Any]) -> Iterator[Finding]:
    """Intents with no rule or two, and rules that lead to a response the domain lacks."""
    steps = [rule["steps"] for rule in yaml.safe_load(rules.text)["rules"]]
    intents = [step["intent"] for each in steps for step in each if "intent" in step]
    for intent in [*domain["intents"], FALLBACK]:
        if intents.count(intent) != 1:
            yield Finding(rules.file, place(rules, f"intent: {intent}"), f"{intents.count(intent)} rules for the intent {intent}")
    for action in sorted({step["action"] for each in steps for step in each if "action" in step} - set(domain["responses"])):
        yield Finding(rules.file, place(rules, action), f"{action} is no response of the domain")


def strange_settings(config: Source, domain: Mapping[str, Any]) -> Iterator[Finding]:
    """Intents and responses that only the configuration knows."""
    settings = yaml.safe_load(config.text)
    for step in settings["pipeline"]:
        for intent in sorted(set(step.get("needs", {})) - set(domain["intents"])):
            yield Finding(config.file, place(config, f"{intent}:"), f"asks more certainty for {intent}, which is no intent")
    for policy in settings["policies"]:
        name = policy.get("core_fallback_action_name")
        if name not in domain["responses"]:
            yield Finding(config.file, place(config, str(name)), f"falls back to {name}, which is no response")


def test_acts_are_a_closed_list() -> None:
    domain = yaml.safe_load(source(DOMAIN).text)
    found = [*strange_responses(source(DOMAIN), set(ACTS)), *unruled(source(RULES), domain)]
    found += strange_settings(source(CONFIG), domain)
    for act in sorted(set(ACTS) ^ set(ACT_NAMES)):
        found.append(Finding("care/conversation/assistant.py", 1, f"ACT_NAMES and ACTS differ on {act}"))

    judge(__doc__, found)


def test_an_act_nobody_knows_and_an_intent_without_a_rule_are_found() -> None:
    written = "intents:\n  - greet\n  - pray\nresponses:\n  utter_greet:\n    - custom: {act: greet}\n"
    written += "  utter_pray:\n    - text: words\n"
    rules = "rules:\n- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_hello\n"
    rules += "- rule: x\n  steps:\n  - intent: nlu_fallback\n"
    config = "pipeline:\n- name: x\n  needs:\n    dance: 0.7\npolicies:\n- core_fallback_action_name: utter_gone\n"
    domain = yaml.safe_load(written)

    assert [str(each) for each in strange_responses(Source(DOMAIN, written), {"greet", "thank"})] == [
        f"{DOMAIN}:7: utter_pray is no single act that care knows: words",
        f"{DOMAIN}:4: no response says the act thank",
    ]
    assert [each.what for each in unruled(Source(RULES, rules), domain)] == [
        "0 rules for the intent pray",
        "utter_hello is no response of the domain",
    ]
    assert [each.line for each in strange_settings(Source(CONFIG, config), domain)] == [4, 6]
