"""A reviewer's signature under words of a library, for as long as a test lasts."""

from datetime import date
from typing import Any

import pytest

from care.content.library import Library
from care.content.reading import Page
from care.content.review import digest

FAR = date(2027, 11, 30)


class Reviewer:
    """Signs files as they are, in step with their source, and sees them change afterwards."""

    def __init__(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        self.library, self.monkeypatch = library, monkeypatch

    def sign(self, *pages: Page, until: date = FAR) -> None:
        for page in pages:
            source = self.library.source_of(page)
            if source:
                self.set(page, "follows", f"zh@{source.values['revision']}")
            self.set(page, "review", {"by": "reviewer-2", "on": date(2026, 11, 1), "until": until, "of": digest(page)})

    def sign_all(self, language: str, until: date = FAR) -> None:
        self.sign(*self.library.languages[language].signed_pages(), until=until)

    def set(self, page: Page, key: str, value: Any) -> None:
        """As if the file had said so when it was read."""
        self.monkeypatch.setitem(page.values, key, value)
        self.monkeypatch.setattr(self.library, "_proofs", {})
