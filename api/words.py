"""The words of staff pages: sentences by gettext, codes by their names, days and hours as people write them."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from care.people.clocks import local

LOCALE = Path(__file__).parent / "locale"
# Staff languages by their own names; Kazakh staff pages are in Cyrillic.
# house: letters - names of languages in themselves
LOCALES = {"zh": ("中文", "ltr"), "ug": ("ئۇيغۇرچە", "rtl"), "kk": ("Қазақша", "ltr"), "en": ("English", "ltr")}
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


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
        self.now, self.catalogue = now, catalogue(locale)

    def sentence(self, english: str, **names: object) -> Markup:
        """A sentence of a page, written in English where it is asked for."""
        return _fill(self.catalogue.gettext(english), names)

    def term(self, kind: str, code: str, **names: object) -> Markup:
        """The name of a code, such as term("flag", "ask-nurse").  A code nobody named reads "other", never the code itself."""
        return _fill(self.catalogue.pgettext(kind, code) or self.catalogue.pgettext("any", "other"), names)

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


def hour(at: datetime, zone: str) -> str:
    return f"{local(at, zone):%H:%M}"


def _fill(words: str, names: dict[str, object]) -> Markup:
    """Each name stands isolated: digits and names of another script keep their place in right-to-left text."""
    return escape(words).format(**{name: _isolate(value) for name, value in names.items()})


def _isolate(value: object) -> Markup:
    # Words of ours are in the page's direction already; isolated once more, "today 12:31" would guess left to right.
    return value if isinstance(value, Markup) else Markup("<bdi>{}</bdi>").format(value)
