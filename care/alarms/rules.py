"""Reads the alarm rules of each language and folds them the way patients' words are folded."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from care.alarms.spelling import NearMiss
from care.content.reading import Page
from care.content.types import Problems
from care.languages.fold import fold
from care.languages.table import is_spaced

NUMBER = re.compile(r"^(>=|<=)\s*(\d+(?:\.\d+)?)$")
NO_WORDS: frozenset[str] = frozenset()
WHOLE = "$"  # ends a term's word that is the whole word, not its beginning
PARTS = re.compile(rf"(?<={re.escape(WHOLE)})\s+")


@dataclass(frozen=True)
class Term:
    """One alternative of a group: word beginnings in a row, a substring (Chinese), or a bound on a number."""

    words: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Rule:
    """Every group must be found in one clause."""

    flag: str
    groups: tuple[tuple[Term, ...], ...]
    unless: tuple[Term, ...]
    always: bool
    starts: tuple[frozenset[str], ...]  # the first words of each group; empty where a number may stand

    def may_hear(self, pieces: Set[str]) -> bool:
        """Whether each group can be found at all among the pieces of a clause: most rules cannot, and this tells it at once."""
        return not any(start and start.isdisjoint(pieces) for start in self.starts)

    @property
    def rarest(self) -> frozenset[str]:
        """The first words of its shortest group: without one of them it cannot be heard.  Empty: of numbers alone."""
        return min((start for start in self.starts if start), key=len, default=NO_WORDS)


class Index[Entry]:
    """Terms or rules by the words they can begin with: a clause touches a handful of them, and must not ask all the others."""

    def __init__(self, entries: Iterable[tuple[Iterable[str], Entry]]) -> None:
        self.entries: list[Entry] = []
        self._by_word: dict[str, list[int]] = {}
        self._always: list[int] = []
        for place, (words, entry) in enumerate(entries):
            self.entries.append(entry)
            at = [self._by_word.setdefault(word, []) for word in words] or [self._always]
            for places in at:
                places.append(place)

    def touched(self, pieces: Set[str]) -> list[Entry]:
        """Entries that may be found among the pieces of a clause, in their order."""
        found = {place for word in self._by_word.keys() & pieces for place in self._by_word[word]}
        return [self.entries[place] for place in sorted(found.union(self._always))]


@dataclass(frozen=True, eq=False)
class LanguageRules:
    """All rules of one language with its words for "not", "long ago" and "what if"."""

    language: str
    rules: Index[Rule]
    negations: Index[Term]
    past: Index[Term]
    asking: Index[Term]
    longest: int  # characters of the longest word a term begins with
    negative_endings: tuple[str, ...]  # what turns a word into its own negation (ug, kk)
    near: NearMiss  # long words of the rules, found with one slip of the finger


def read_rules(language: str, page: Page, known_flags: set[str], problems: Problems) -> LanguageRules:
    """Compile content/<language>/alarms.yml.  What cannot be read becomes problems."""
    rules: list[Rule] = []
    flags = page.values.get("flags") or {}
    for flag in sorted(known_flags - flags.keys()):
        problems.add(page.file, 1, f"no rule for {flag}", "add it under flags: every alarm must be heard in every language")
    for flag, entry in flags.items():
        try:
            rules += [_rule(language, flag, raw) for raw in entry["rules"]]
        except (KeyError, TypeError, ValueError) as wrong:
            problems.add(
                page.file, page.line("flags"), f"{flag}: rules cannot be read ({wrong})", "see the other languages' file"
            )
    words = {name: _index(_terms(language, page.values.get(name) or [])) for name in ("negations", "past", "asking")}
    longest = max(map(len, _first_words(rules, words.values())), default=0)
    endings = tuple(fold(str(ending), language) for ending in page.values.get("negative_endings") or [])
    near = NearMiss(_stems(rules) if is_spaced(language) else (), endings)
    by_word = Index((rule.rarest, rule) for rule in rules)
    return LanguageRules(language, by_word, longest=longest, negative_endings=endings, near=near, **words)


def _index(terms: tuple[Term, ...]) -> Index[Term]:
    return Index((term.words[:1], term) for term in terms)


def _first_words(rules: list[Rule], others: Iterable[Index[Term]]) -> Iterator[str]:
    """What any term begins with."""
    groups = [group for rule in rules for group in (*rule.groups, rule.unless)]
    terms = (*groups, *(other.entries for other in others))
    yield from (term.words[0] for group in terms for term in group if term.words)


def _stems(rules: list[Rule]) -> Iterator[str]:
    """What danger is told with.  Not the words of `unless`: a slip must not silence a rule."""
    for rule in rules:
        yield from (word for group in rule.groups for term in group for word in term.words if not word.endswith(WHOLE))


def _rule(language: str, flag: str, raw: dict[str, Any]) -> Rule:
    groups = tuple(_terms(language, group) for group in raw["all"])
    if not groups or not all(groups):
        raise ValueError("a group without words")
    starts = tuple(
        frozenset(term.words[0] for term in group) if all(term.words for term in group) else NO_WORDS for group in groups
    )
    return Rule(flag, groups, _terms(language, raw.get("unless") or []), bool(raw.get("always", False)), starts)


def _terms(language: str, written: list[Any]) -> tuple[Term, ...]:
    terms = (_term(language, str(each)) for each in written)
    return tuple(term for term in terms if term.words or term.at_least is not None or term.at_most is not None)


@lru_cache(maxsize=65_536)  # aliases repeat the same words under many flags
def _term(language: str, written: str) -> Term:
    bound = NUMBER.match(written.strip())
    if bound:
        limit = float(bound[2])
        return Term(at_least=limit) if bound[1] == ">=" else Term(at_most=limit)
    if not is_spaced(language):  # matched by substring
        return Term(tuple(filter(None, ["".join(fold(written, language).split())])))
    if WHOLE not in written:
        return Term(tuple(fold(written, language).split()))
    parts = ((fold(part, language).split(), part.endswith(WHOLE)) for part in PARTS.split(written))
    return Term(tuple(word + (WHOLE if is_whole and word is words[-1] else "") for words, is_whole in parts for word in words))
