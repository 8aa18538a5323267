"""The forms nobody writes: each is made from the authored script of its language by rule."""

from collections.abc import Callable, Mapping
from typing import Any

from care.languages.transliterate import kazakh_arabic, uyghur_latin

Exceptions = Mapping[str, Any]  # words whose spelling a rule would get wrong: content/<language>/arabic.yml
WRITERS: dict[str, Callable[[str, Exceptions], str]] = {
    "kk-Arab": lambda authored, exceptions: kazakh_arabic(authored, exceptions),
    "ug-Latn": lambda authored, exceptions: uyghur_latin(authored),
}
WITH_EXCEPTIONS = frozenset({"kk-Arab"})


def write_in(tag: str, authored: str, exceptions: Exceptions | None = None) -> str:
    """A text in one form.  Of a form without a rule it is what was written."""
    return WRITERS[tag](authored, exceptions or {}) if tag in WRITERS else authored
