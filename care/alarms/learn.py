"""Teaches the net from content/: what must be heard, and every harmless sentence the project knows.

A net is made once from its words and kept in var/, so that processes start without learning.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from care.alarms.match import find_flags, marks_of, split_clauses
from care.alarms.net import Net, train
from care.alarms.rules import LanguageRules
from care.content.library import LanguagePages, Library
from care.content.shape import META
from care.kit.kept import keep, kept, names
from care.kit.settings import ROOT
from care.languages.ngrams import Ngrams
from care.languages.reading import canonical

VERSION = "3"  # raise it when nets are made in another way: saved ones are then left unread
WHERE = ROOT / "var" / f"alarms-{VERSION}"
ENOUGH = 0.7  # of the sentences there are now: nets of the last teaching made from fewer hear danger where there is none
EVERY = 6  # of the questions of a topic: five thousand harmless sentences a language teach no more than one thousand


def nets_of(library: Library, rules: dict[str, LanguageRules], where: Path = WHERE) -> dict[str, Net]:
    """One net a language: made from these words, else those of the last teaching, as with the assistant; else learnt now."""
    return load(where, fingerprint(library)) or _of_the_last_teaching(library, where) or learn(library, rules)


def _of_the_last_teaching(library: Library, where: Path) -> dict[str, Net] | None:
    """A net of a folder that was cut, by hand or by a failed import, is worse than the seconds it takes to learn."""
    before = (load(where, name) for name in names(where))
    return next((nets for nets in before if nets and _are_enough(nets, library)), None)


def _are_enough(nets: dict[str, Net], library: Library) -> bool:
    counted = {language: ENOUGH * _count(pages) for language, pages in library.languages.items()}
    return all(language in nets and nets[language].taught >= least for language, least in counted.items())


def _count(pages: LanguagePages) -> int:
    return sum(len(entry["examples"]) for entry in pages.alarms.values["flags"].values()) + len(list(_harmless(pages)))


def learn(library: Library, rules: dict[str, LanguageRules]) -> dict[str, Net]:
    return {language: _learn(language, pages, rules[language]) for language, pages in library.languages.items()}


def _learn(language: str, pages: LanguagePages, rules: LanguageRules) -> Net:
    flags: dict[str, Any] = pages.alarms.values["flags"]
    told = [(flag, canonical(str(said), language)) for flag, entry in flags.items() for said in entry["examples"]]
    silent = (canonical(said, language) for said in _harmless(pages) if not _raises(said, rules))
    return train(
        language,
        [(flag, folded, marks_of(rules, folded)) for flag, folded in told],
        [(folded, marks_of(rules, folded)) for folded in silent if folded],
    )


def _harmless(pages: LanguagePages) -> Iterator[str]:
    """What must not be heard, and what patients say all day."""
    for entry in pages.alarms.values["flags"].values():
        yield from map(str, entry.get("not") or [])
    for page in pages.topics.values():
        yield from map(str, (page.values.get("questions") or [])[::EVERY])
    for intent, samples in pages.intents.values.items():
        groups = samples.values() if isinstance(samples, dict) else [samples]
        yield from (str(said) for group in groups for said in group) if intent not in META else ()


def _raises(said: str, rules: LanguageRules) -> bool:
    """A harmless sentence in which the rules hear danger teaches nothing: one of the two is mistaken."""
    return bool(find_flags(rules, [(canonical(clause, rules.language), clause) for clause in split_clauses(said)]))


def fingerprint(library: Library) -> str:
    """Changes when anything changes that a net is made from."""
    digest = hashlib.sha256()
    for language, pages in sorted(library.languages.items()):
        samples = [page.values.get("questions") for page in pages.topics.values()]
        digest.update(repr((language, pages.alarms.values, pages.intents.values, samples)).encode())
    return digest.hexdigest()[:16]


def save(nets: dict[str, Net], where: Path, made_from: str) -> None:
    """Keep nets in a file, for processes that start later."""
    keep(where, made_from, [[net.language, net.weights, net.bias, net.kinds.as_json(), net.taught] for net in nets.values()])


def load(where: Path, made_from: str) -> dict[str, Net] | None:
    """Kept nets.  None when there are none of that name or they cannot be read."""
    try:
        saved = kept(where, made_from) or []
        rows = [(language, weights, bias, Ngrams(**kinds), taught) for language, weights, bias, kinds, taught in saved]
        return {row[0]: Net(*row) for row in rows} or None
    except (TypeError, ValueError):
        return None
