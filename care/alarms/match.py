"""Finds red flags in what a patient wrote: deterministic, in microseconds, without any model."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from care.alarms.rules import WHOLE, LanguageRules, Rule, Term
from care.languages.table import is_spaced

SENTENCE_END = re.compile(r"(?:(?<!\.)\.(?!\.)|[!?;؟؛。！？；])+(?!\s*\d)")
PART_END = re.compile(r"[.!?;\n؟؛。！？；…]+(?!\d)")
COMMA = re.compile(r"[,،，、]+(?!\d)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
BODY_HEAT = (30.0, 45.0)  # a number outside is no temperature: a dose, an age, a room
NEGATION_AFTER = 2  # words, Uyghur and Kazakh
NEGATION_BEFORE = 2  # characters, Chinese
REACH = {True: 2, False: 5}  # of a word that silences a rule: words (Uyghur, Kazakh), characters (Chinese)


@dataclass(frozen=True)
class Clause:
    """One clause of a message: folded words (ug, kk), or one string (zh), and where each piece stands a term could begin with."""

    words: tuple[str, ...]
    joined: str
    pieces: Mapping[str, Sequence[int]]
    near: tuple[dict[str, str], ...] = ()  # for each word the stems it begins with but for one slip, and the rest of it


@dataclass(frozen=True)
class Hit:
    """A red flag found, with the clause it was found in."""

    flag: str
    evidence: str


@dataclass(frozen=True)
class Span:
    """Where a term was found: positions of words (ug, kk) or characters (zh), end excluded."""

    begin: int
    end: int
    rest: str = ""  # what follows the stem in the last word: there stands the "not" of Uyghur and Kazakh verbs


Matcher = Callable[[Term, Clause], list[Span]]


def find_flags(rules: LanguageRules, folded_clauses: list[tuple[str, str]]) -> list[Hit]:
    """Every flag heard, each once.  `folded_clauses` holds (folded clause, clause as typed)."""
    hits: dict[str, Hit] = {}
    matcher = _find_words if is_spaced(rules.language) else _find_substring
    for folded, typed in folded_clauses:
        clause = _clause(folded, rules)
        for rule in rules.rules.touched(clause.pieces.keys()):
            if rule.flag not in hits and rule.may_hear(clause.pieces.keys()) and _hears(rule, rules, clause, matcher):
                hits[rule.flag] = Hit(rule.flag, typed.strip())
    return list(hits.values())


def marks_of(rules: LanguageRules, folded: str) -> list[str]:
    """What the rules know of a sentence without hearing danger in it: denied, past, asked."""
    clause = _clause(folded, rules)
    find = _find_words if is_spaced(rules.language) else _find_substring
    kinds = {"denied": rules.negations, "past": rules.past, "asked": rules.asking}
    marks = [mark for mark, terms in kinds.items() if any(find(term, clause) for term in terms.touched(clause.pieces.keys()))]
    ends = any(ending in word[1:] for ending in rules.negative_endings for word in clause.words)
    return [*marks, "denied"] if ends and "denied" not in marks else marks


def split_clauses(text: str) -> list[str]:
    """The clauses of a message as typed, then its parts, then sentences that a line, dots or a number may have broken.

    Danger is often told in pieces; and the past of the next sentence must not reach it.
    """
    parts = [piece for piece in PART_END.split(text) if piece.strip()]
    clauses = [piece for part in parts for piece in COMMA.split(part) if piece.strip()]
    return list(dict.fromkeys((*clauses, *parts, *split_sentences(text))))


def split_sentences(text: str) -> list[str]:
    return [piece for piece in SENTENCE_END.split(text) if piece.strip()]


@lru_cache(maxsize=32)  # a sentence is looked at twice: by rules, and by the net where they are silent
def _clause(folded: str, rules: LanguageRules) -> Clause:
    words = tuple(folded.split())
    joined = "".join(words)
    pieces: dict[str, list[int]] = {}
    if not is_spaced(rules.language):
        for begin in range(len(joined)):
            for length in range(1, min(rules.longest, len(joined) - begin) + 1):
                pieces.setdefault(joined[begin : begin + length], []).append(begin)
        return Clause(words, joined, pieces)
    near = tuple(rules.near.stems_of(word) for word in words)
    for at, word in enumerate(words):
        begun = {word[:end] for end in range(1, min(len(word), rules.longest) + 1)}
        for piece in begun.union(near[at], (word + WHOLE,)):
            pieces.setdefault(piece, []).append(at)
    return Clause(words, joined, pieces, near)


def _hears(rule: Rule, rules: LanguageRules, clause: Clause, find: Matcher) -> bool:
    spans = [[span for term in group for span in find(term, clause)] for group in rule.groups]
    if not all(spans):
        return False
    silencers = rule.unless if rule.always else (*rule.unless, *_past_or_asked(clause, rules))
    if _is_silenced([span for term in silencers for span in find(term, clause)], spans, rules.language):
        return False
    if rule.always:
        return True
    said = [[span for span in group if not _denies_itself(span, rules)] for group in spans]
    nots = _negated_places(said, rules, clause, find)
    at = "end" if is_spaced(rules.language) else "begin"
    return all(any(getattr(span, at) not in nots for span in group) for group in said)


def _past_or_asked(clause: Clause, rules: LanguageRules) -> list[Term]:
    return [*rules.past.touched(clause.pieces.keys()), *rules.asking.touched(clause.pieces.keys())]


def _is_silenced(silencers: list[Span], spans: list[list[Span]], language: str) -> bool:
    """One stands within reach of what was found: people join sentences without a mark, and the other is about something else."""
    if not silencers:
        return False
    reach = REACH[is_spaced(language)]
    near = {at for group in spans for span in group for at in range(span.begin - reach - 1, span.end + reach + 1)}
    return any(at in near for span in silencers for at in range(span.begin, span.end))


def _denies_itself(span: Span, rules: LanguageRules) -> bool:
    """The word goes on as its own negation: aghri-maydu, "does not hurt"."""
    return bool(span.rest) and any(ending in span.rest for ending in rules.negative_endings)


def _negated_places(said: list[list[Span]], rules: LanguageRules, clause: Clause, find: Matcher) -> set[int]:
    """Where what was found is denied when it ends there (ug, kk) or begins there (zh).

    A word for "not" stands beside it, after it or before it, and is not itself part of the danger.
    """
    taken = {at for group in said for span in group for at in range(span.begin, span.end)}
    nots = (span for term in rules.negations.touched(clause.pieces.keys()) for span in find(term, clause))
    free = (span for span in nots if taken.isdisjoint(range(span.begin, span.end)))
    if is_spaced(rules.language):
        return {span.begin - gap for span in free for gap in range(NEGATION_AFTER)}
    return {span.end + gap for span in free for gap in range(NEGATION_BEFORE)}


def _find_words(term: Term, clause: Clause) -> list[Span]:
    if not term.words:
        return _find_number(term, clause)
    count = len(term.words)
    starts = (at for at in clause.pieces.get(term.words[0], ()) if at + count <= len(clause.words))
    rests = ((at, [_rest(stem, at + place, clause) for place, stem in enumerate(term.words)]) for at in starts)
    return [Span(at, at + count, found[-1] or "") for at, found in rests if None not in found]


def _rest(stem: str, at: int, clause: Clause) -> str | None:
    """What follows the stem in the word at this place; None when the word does not begin with it."""
    word = clause.words[at]
    if stem.endswith(WHOLE):
        return "" if word == stem[:-1] else None
    return word[len(stem) :] if word.startswith(stem) else clause.near[at].get(stem)


def _find_substring(term: Term, clause: Clause) -> list[Span]:
    if not term.words:
        return [Span(match.start(), match.end()) for match in NUMBER.finditer(clause.joined) if _fits(match[0], term)]
    wanted = term.words[0]
    return [Span(at, at + len(wanted)) for at in clause.pieces.get(wanted, ())]


def _find_number(term: Term, clause: Clause) -> list[Span]:
    return [Span(at, at + 1) for at, word in enumerate(clause.words) if (found := NUMBER.match(word)) and _fits(found[0], term)]


def _fits(written: str, term: Term) -> bool:
    value = float(written)
    if not BODY_HEAT[0] <= value <= BODY_HEAT[1]:
        return False
    return value >= term.at_least if term.at_least is not None else value <= (term.at_most or 0)
