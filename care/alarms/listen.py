"""Hears red flags in a patient's message: the door the conversation knocks at first."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from care.alarms.learn import nets_of
from care.alarms.match import find_flags, marks_of, split_clauses, split_sentences
from care.alarms.net import Net
from care.alarms.rules import LanguageRules, read_rules
from care.content.library import Library
from care.content.shapes import TIERS
from care.content.types import ContentBroken, Problems
from care.languages.identify import LETTER, SCRIPTS
from care.languages.reading import Reading, canonical
from care.languages.table import languages_in

# Likelihood from which the net speaks: in what it was not taught, fewer than one harmless sentence in a hundred reaches it.
SUSPICIOUS = 0.87
# How much of another script makes a message mixed: people put the hospital's word into a sentence of their own
# ("مېنىڭ 发烧 39"), but CT and PICC are no Uyghur.
MIXED_FROM = {"Han": 2, "Arab": 2, "Cyrl": 2, "Latn": 5}


@dataclass(frozen=True)
class RedFlag:
    """A danger heard: its id, its tier, the patient's words it was heard in, and who heard it (`rule` or `net`)."""

    id: str
    tier: str
    evidence: str
    source: str = "rule"


class Listener:
    """All alarm rules of all languages, ready to match, and beside them the net for what no rule was written for."""

    def __init__(self, tiers: dict[str, str], rules: dict[str, LanguageRules], nets: dict[str, Net] | None = None) -> None:
        self.tiers = tiers
        self.rules = rules
        self.nets = nets or {}

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, library: Library) -> "Listener":
        """The one of a library, compiled once.  Raises ContentBroken when a flag has no readable rule in a language."""
        rules = rules_of(library)
        return cls({flag: str(entry["tier"]) for flag, entry in library.alarms.items()}, rules, nets_of(library, rules))

    def hear(self, text: str, reading: Reading) -> list[RedFlag]:
        """Every red flag in the message, the most dangerous tier first.  Where rules are silent the net may speak."""
        if not LETTER.search(text):
            return []  # a number alone may be anything: the conversation asks back
        found: dict[str, RedFlag] = {}
        languages = self._languages(text, reading)
        for language in languages:
            clauses = [(canonical(clause, language), clause) for clause in split_clauses(text)]
            for hit in find_flags(self.rules[language], clauses):
                found.setdefault(hit.flag, RedFlag(hit.flag, self.tiers[hit.flag], hit.evidence))
        if not found:
            found.update((flag.id, flag) for language in languages for flag in self._suspect(text, language))
        return sorted(found.values(), key=lambda flag: TIERS.index(flag.tier))

    def _suspect(self, text: str, language: str) -> Iterator[RedFlag]:
        """What the net makes of each sentence."""
        net = self.nets.get(language)
        if net is None:
            return
        for sentence in split_sentences(text):
            folded = canonical(sentence, language)
            suspicion = net.suspect(folded, marks_of(self.rules[language], folded), SUSPICIOUS)
            if suspicion and suspicion.flag in self.tiers:
                yield RedFlag(suspicion.flag, self.tiers[suspicion.flag], sentence.strip(), "net")

    def _languages(self, text: str, reading: Reading) -> list[str]:
        # Scripts two languages share are read with the rules of both, unless the language is certain.
        by_script = (reading.language, *languages_in(reading.script)) if languages_in(reading.script) else tuple(self.rules)
        likely = (reading.language,) if reading.certain and reading.language in self.rules else by_script
        return [language for language in dict.fromkeys((*likely, *_mixed_in(text, reading))) if language in self.rules]


def rules_of(library: Library) -> dict[str, LanguageRules]:
    """The rules of every language.  Raises ContentBroken when a flag has no readable rule in one."""
    problems, flags = Problems(), set(library.alarms)
    rules = {language: read_rules(language, pages.alarms, flags, problems) for language, pages in library.languages.items()}
    if problems.found:
        raise ContentBroken(problems.found)
    return rules


def _mixed_in(text: str, reading: Reading) -> list[str]:
    """The languages of scripts that stand beside the leading one."""
    leading = "Han" if reading.script in ("Hans", "Hant") else reading.script
    others = {script: pattern for script, pattern in SCRIPTS.items() if script != leading and pattern.search(text)}
    return [
        language
        for script, pattern in others.items()
        if len(pattern.findall(text)) >= MIXED_FROM[script]
        for language in languages_in(script)
    ]
