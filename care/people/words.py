"""The words of staff, on pages and on paper: sentences by gettext, codes by their names, days and hours as people write them."""

import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import Protocol

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from care.kit.settings import ROOT
from care.people.clocks import local

LOCALE = ROOT / "api" / "locale"
# Staff languages by their own names; Kazakh staff pages are in Cyrillic.
# house: letters - names of languages in themselves
LOCALES = {"zh": ("中文", "ltr"), "ug": ("ئۇيغۇرچە", "rtl"), "kk": ("Қазақша", "ltr"), "en": ("English", "ltr")}
FIRST_STRONG, POP = "\u2068", "\u2069"
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


class Coded(Protocol):
    """What a catalogue has a sentence for, and what fills it in."""

    @property
    def code(self) -> str: ...

    @property
    def names(self) -> dict[str, str]: ...


class Unnamed(NullTranslations):
    """Where a catalogue ends: a code it does not know has no name.  In English a name may be the code itself: today."""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@lru_cache
def catalogue(locale: str) -> NullTranslations:
    """The staff catalogue of a language, compiled in memory from its .po file."""
    compiled = BytesIO()
    with (LOCALE / locale / "karez.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(Unnamed())
    return translations


class StaffWords:
    """One reader's words at one moment."""

    def __init__(self, locale: str, now: datetime) -> None:
        self.now, self.locale, self.direction = now, locale, LOCALES[locale][1]
        self.catalogue = catalogue(locale)

    def sentence(self, english: str, **names: object) -> Markup:
        """A sentence of a page, written in English where it is asked for."""
        return self._fill(self.catalogue.gettext(english), names)

    def term(self, kind: str, code: str, **names: object) -> Markup:
        """The name of a code, such as term("flag", "ask-nurse").  A code nobody named reads "other", never the code itself."""
        return self._fill(self.catalogue.pgettext(kind, code) or self.catalogue.pgettext("any", "other"), names)

    def problem(self, problem: Coded) -> Markup:
        """What a nurse has to mend, with its days as people write them."""
        return self.term("problem", problem.code, **{name: self._readable(value) for name, value in problem.names.items()})

    def _readable(self, value: str) -> object:
        try:
            return self.day(date.fromisoformat(value))
        except ValueError:
            return value

    def day(self, day: date) -> Markup:
        """A day of any year."""
        return self.term("date", "day-year", year=day.year, month=self.term("month", str(day.month)), day=day.day)

    def near_day(self, day: date, zone: str) -> Markup:
        """A day as said around it: today, yesterday, or day and month; of another year with its year."""
        today = local(self.now, zone).date()
        away = (day - today) // timedelta(days=1)
        if away in NEAR_DAYS:
            return self.term("date", NEAR_DAYS[away])
        if day.year != today.year:
            return self.day(day)
        return self.term("date", "day", month=self.term("month", str(day.month)), day=day.day)

    def moment(self, at: datetime, zone: str) -> Markup:
        """A moment on a clock; the page says which one."""
        return self.term("date", "moment", day=self.near_day(local(at, zone).date(), zone), hour=hour(at, zone))

    def _fill(self, words: str, names: dict[str, object]) -> Markup:
        """Each name stands isolated: digits and names of another script keep their place in right-to-left text."""
        # Words of ours are in the page's direction already; isolated once more, "today 12:31" would guess left to right.
        fitted = {name: value if isinstance(value, Markup) else self.isolate(str(value)) for name, value in names.items()}
        return self._escape(words).format(**fitted)

    def isolate(self, said: str) -> Markup:
        """Somebody's words, or digits, as they stand among ours."""
        return Markup("<bdi>{}</bdi>").format(said)

    def _escape(self, words: str) -> Markup:
        return escape(words)


class PlainWords(StaffWords):
    """The same for a terminal and for files: no marks of a page, and invisible ones only where writing changes its direction."""

    def isolate(self, said: str) -> Markup:
        is_plain = self.direction == "ltr" and not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in said)
        return Markup(said if is_plain else f"{FIRST_STRONG}{said}{POP}")  # noqa: S704 - plain text, shown by no browser

    def _escape(self, words: str) -> Markup:
        return Plain(words)


class Plain(Markup):
    """Words that are ready, for no browser: nothing in them is escaped."""

    def format(self, *args: object, **names: object) -> "Plain":
        return Plain(str.format(str(self), *args, **names))


def hour(at: datetime, zone: str) -> str:
    return f"{local(at, zone):%H:%M}"
