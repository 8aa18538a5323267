"""Hears red flags in a patient's message: the door the conversation knocks at first."""

from dataclasses import dataclass

from care.alarms.match import find_flags, split_clauses
from care.alarms.rules import LanguageRules, read_rules
from care.content.library import Library
from care.content.types import ContentBroken, Problems
from care.languages.fold import fold
from care.languages.identify import SCRIPTS
from care.languages.normalise import normalise
from care.languages.numerals import digits_from_words
from care.languages.reading import Reading

# Scripts two languages share are read with the rules of both, unless the language is certain.
SCRIPT_LANGUAGES = {"Arab": ("ug", "kk"), "Latn": ("ug",), "Cyrl": ("kk",), "Hans": ("zh",), "Hant": ("zh",)}
# How much of another script makes a message mixed: people put the hospital's word into a sentence of their own
# ("مېنىڭ 发烧 39"), but CT and PICC are no Uyghur.
MIXED_FROM = {"Han": (2, ("zh",)), "Arab": (2, ("ug", "kk")), "Cyrl": (2, ("kk",)), "Latn": (5, ("ug",))}


@dataclass(frozen=True)
class RedFlag:
    """A danger heard: its id, its tier, and the patient's words it was heard in."""

    id: str
    tier: str
    evidence: str


class Listener:
    """All alarm rules of all languages, ready to match."""

    def __init__(self, tiers: dict[str, str], rules: dict[str, LanguageRules]) -> None:
        self.tiers = tiers
        self.rules = rules

    @classmethod
    def load(cls, library: Library) -> "Listener":
        """Compile the rules of the library.  Raises ContentBroken when a flag has no readable rule in a language."""
        tiers = {flag: str(entry["tier"]) for flag, entry in library.alarms.items()}
        problems = Problems()
        rules = {
            language: read_rules(language, pages.alarms, set(tiers), problems) for language, pages in library.languages.items()
        }
        if problems.found:
            raise ContentBroken(problems.found)
        return cls(tiers, rules)

    def hear(self, text: str, reading: Reading) -> list[RedFlag]:
        """Every red flag in the message, the most dangerous tier first."""
        found: dict[str, RedFlag] = {}
        for language in self._languages(text, reading):
            clauses = [(_key(clause, language), clause) for clause in split_clauses(text)]
            for hit in find_flags(self.rules[language], clauses):
                found.setdefault(hit.flag, RedFlag(hit.flag, self.tiers[hit.flag], hit.evidence))
        order = ("emergency", "urgent-1h", "same-day")
        return sorted(found.values(), key=lambda flag: order.index(flag.tier))

    def _languages(self, text: str, reading: Reading) -> list[str]:
        by_script = SCRIPT_LANGUAGES.get(reading.script, tuple(self.rules))
        likely = (reading.language,) if reading.certain and reading.language in self.rules else by_script
        return [language for language in dict.fromkeys((*likely, *_mixed_in(text, reading))) if language in self.rules]


def _mixed_in(text: str, reading: Reading) -> list[str]:
    """The languages of scripts that stand beside the leading one."""
    leading = "Han" if reading.script in ("Hans", "Hant") else reading.script
    others = {script: pattern for script, pattern in SCRIPTS.items() if script != leading and pattern.search(text)}
    return [
        language
        for script, pattern in others.items()
        if len(pattern.findall(text)) >= MIXED_FROM[script][0]
        for language in MIXED_FROM[script][1]
    ]


def _key(clause: str, language: str) -> str:
    return fold(digits_from_words(normalise(clause, language), language), language)
