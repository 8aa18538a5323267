"""Finds red flags in what a patient wrote: deterministic, in microseconds, without any model."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from care.alarms.rules import SPACED, WHOLE, LanguageRules, Rule, Term

SENTENCE_END = re.compile(r"[.!?;\n؟؛。！？；…]+(?!\d)")
COMMA = re.compile(r"[,،，、]+(?!\d)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
BODY_HEAT = (30.0, 45.0)  # a number outside is no temperature: a dose, an age, a room
NEGATION_AFTER = 2  # words, Uyghur and Kazakh
NEGATION_BEFORE = 2  # characters, Chinese
REACH = {True: 2, False: 5}  # of a word that silences a rule: words (Uyghur, Kazakh), characters (Chinese)


@dataclass(frozen=True)
class Clause:
    """One clause of a message: folded words (ug, kk), or one string (zh), and every piece a term could begin with."""

    words: tuple[str, ...]
    joined: str
    pieces: frozenset[str]
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
    matcher = _find_words if rules.language in SPACED else _find_substring
    for folded, typed in folded_clauses:
        clause = _clause(folded, rules)
        for rule in rules.rules.touched(clause.pieces):
            if rule.flag not in hits and rule.may_hear(clause.pieces) and _hears(rule, rules, clause, matcher):
                hits[rule.flag] = Hit(rule.flag, typed.strip())
    return list(hits.values())


def marks_of(rules: LanguageRules, folded: str) -> list[str]:
    """What the rules know of a sentence without hearing danger in it: denied, past, asked."""
    clause = _clause(folded, rules)
    find = _find_words if rules.language in SPACED else _find_substring
    kinds = {"denied": rules.negations, "past": rules.past, "asked": rules.asking}
    marks = [mark for mark, terms in kinds.items() if any(find(term, clause) for term in terms.touched(clause.pieces))]
    ends = any(ending in word[1:] for ending in rules.negative_endings for word in clause.words)
    return [*marks, "denied"] if ends and "denied" not in marks else marks


def split_clauses(text: str) -> list[str]:
    """The clauses of a message as typed, then its whole sentences: danger is often told in pieces."""
    sentences = split_sentences(text)
    clauses = [piece for sentence in sentences for piece in COMMA.split(sentence) if piece.strip()]
    return clauses + [sentence for sentence in sentences if sentence not in clauses]


def split_sentences(text: str) -> list[str]:
    return [piece for piece in SENTENCE_END.split(text) if piece.strip()]


@lru_cache(maxsize=32)  # a sentence is looked at twice: by rules, and by the net where they are silent
def _clause(folded: str, rules: LanguageRules) -> Clause:
    words = tuple(folded.split())
    joined = "".join(words)
    if rules.language in SPACED:
        near = tuple(rules.near.stems_of(word) for word in words)
        pieces = {word[:end] for word in words for end in range(1, min(len(word), rules.longest) + 1)}
        whole = (word + WHOLE for word in words)
        return Clause(words, joined, frozenset(pieces.union(whole, *near)), near)
    lengths = range(1, rules.longest + 1)
    pieces = {joined[begin : begin + length] for begin in range(len(joined)) for length in lengths}
    return Clause(words, joined, frozenset(pieces))


def _hears(rule: Rule, rules: LanguageRules, clause: Clause, find: Matcher) -> bool:
    spans = [[span for term in group for span in find(term, clause)] for group in rule.groups]
    if not all(spans):
        return False
    found = [span for group in spans for span in group]
    silencers = rule.unless if rule.always else (*rule.unless, *_past_or_asked(clause, rules))
    if any(_is_near(span, found, rules.language) for term in silencers for span in find(term, clause)):
        return False
    if rule.always:
        return True
    said = [[span for span in group if not _denies_itself(span, rules)] for group in spans]
    nots = _negations(said, rules, clause, find)
    return all(any(not _is_negated(span, nots, rules.language) for span in group) for group in said)


def _past_or_asked(clause: Clause, rules: LanguageRules) -> list[Term]:
    return [*rules.past.touched(clause.pieces), *rules.asking.touched(clause.pieces)]


def _is_near(silencer: Span, found: list[Span], language: str) -> bool:
    """Within reach of what was found: people join sentences without a mark, and the other one is about something else."""
    reach = REACH[language in SPACED]
    return any(silencer.begin - span.end <= reach and span.begin - silencer.end <= reach for span in found)


def _denies_itself(span: Span, rules: LanguageRules) -> bool:
    """The word goes on as its own negation: aghri-maydu, "does not hurt"."""
    return bool(span.rest) and any(ending in span.rest for ending in rules.negative_endings)


def _negations(said: list[list[Span]], rules: LanguageRules, clause: Clause, find: Matcher) -> list[Span]:
    """The words for "not" that are not themselves part of the danger."""
    found = [span for group in said for span in group]
    nots = (span for term in rules.negations.touched(clause.pieces) for span in find(term, clause))
    return [span for span in nots if not any(other.begin < span.end and span.begin < other.end for other in found)]


def _is_negated(span: Span, nots: list[Span], language: str) -> bool:
    """A word for "not" stands beside it: after it (ug, kk), before it (zh)."""
    if language in SPACED:
        return any(0 <= negation.begin - span.end < NEGATION_AFTER for negation in nots)
    return any(0 <= span.begin - negation.end < NEGATION_BEFORE for negation in nots)


def _find_words(term: Term, clause: Clause) -> list[Span]:
    if not term.words:
        return _find_number(term, clause)
    if term.words[0] not in clause.pieces:  # most terms end here
        return []
    count = len(term.words)
    starts = range(len(clause.words) - count + 1)
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
    return list(_occurrences(term.words[0], clause.joined)) if term.words[0] in clause.pieces else []


def _occurrences(wanted: str, text: str) -> Iterator[Span]:
    # Not a regular expression: hundreds of terms a clause would compile each anew, and cost three times the assistant's answer.
    at = text.find(wanted)
    while at >= 0:
        yield Span(at, at + len(wanted))
        at = text.find(wanted, at + len(wanted))


def _find_number(term: Term, clause: Clause) -> list[Span]:
    return [Span(at, at + 1) for at, word in enumerate(clause.words) if (found := NUMBER.match(word)) and _fits(found[0], term)]


def _fits(written: str, term: Term) -> bool:
    value = float(written)
    if not BODY_HEAT[0] <= value <= BODY_HEAT[1]:
        return False
    return value >= term.at_least if term.at_least is not None else value <= (term.at_most or 0)
