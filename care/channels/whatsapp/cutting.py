"""Cuts words to what Meta takes, which counts an emoji as two."""

import re

from care.kit.cutting import fits_in_utf16, in_utf16

# Where a text may be cut: at a space, or behind a mark, for Chinese has no spaces.
SEAM = re.compile(r"\s+|(?<=[。！？；，、])")


def split(text: str, most: int) -> list[str]:
    """Pieces of at most `most` units, cut between words where there are any; spaces at the cuts are dropped."""
    pieces, rest = [], text.strip()
    while not fits_in_utf16(rest, most):
        head = _head(rest, most)
        seams = [found.start() for found in SEAM.finditer(head + rest[len(head)]) if found.start() <= len(head)]
        # Half a piece at least: otherwise it is one long word, which is broken.
        at = seams[-1] if seams and seams[-1] > len(head) // 2 else len(head)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest] if rest else pieces


def cut(text: str, most: int) -> str:
    return text if fits_in_utf16(text, most) else f"{_head(text, most - 1).rstrip()}…"


def _head(text: str, most: int) -> str:
    """As much of the beginning as fits."""
    head = text[:most]
    while in_utf16(head) > most:
        head = head[: len(head) - (in_utf16(head) - most + 1) // 2]
    return head
