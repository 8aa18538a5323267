"""The language table: every form a text can have.  A new language begins with a line here and a folder in content/."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Form:
    """A language in a script.  Direction belongs to the script, not to the language."""

    tag: str
    language: str
    script: str
    direction: Direction
    endonym: str  # the form's name in itself, written by hand: locale data names it wrongly (facts: language, section 14)
    authored: bool  # its texts are written by people; the others are generated from the authored form
    offered: bool = True  # patients may choose it
    spaced: bool = True  # its words are parted by spaces


class UnknownForm(KeyError):
    """A tag that is not in the table."""

    def __str__(self) -> str:
        return f"unknown language form {self.args[0]}: use one of {', '.join(FORMS)}"


# house: letters 4 - each language by its own name, whatever language the page is in
_ALL = (
    Form("ug-Arab", "ug", "Arab", "rtl", "ئۇيغۇرچە", authored=True),
    Form("ug-Latn", "ug", "Latn", "ltr", "Uyghurche", authored=False),
    Form("kk-Cyrl", "kk", "Cyrl", "ltr", "Қазақша", authored=True),
    Form("kk-Arab", "kk", "Arab", "rtl", "قازاقشا", authored=False),
    Form("zh-Hans", "zh", "Hans", "ltr", "中文", authored=True, spaced=False),
)
FORMS: dict[str, Form] = {each.tag: each for each in _ALL}


def form(tag: str) -> Form:
    """The form of a tag.  Raises UnknownForm."""
    try:
        return FORMS[tag]
    except KeyError:
        raise UnknownForm(tag) from None


def languages() -> list[str]:
    """Every language of the table; each has a folder in content/."""
    return sorted({each.language for each in FORMS.values()})


def authored_form(language: str) -> Form:
    """The form people write a language in.  Raises UnknownForm."""
    for each in FORMS.values():
        if each.language == language and each.authored:
            return each
    raise UnknownForm(language)


@cache
def languages_in(script: str) -> tuple[str, ...]:
    """The languages that have a form in a script; the characters of Hong Kong and Taiwan are read as Chinese too."""
    wanted = "Hans" if script in ("Hant", "Han") else script
    return tuple(dict.fromkeys(each.language for each in FORMS.values() if each.script == wanted))


@cache
def is_spaced(language: str) -> bool:
    """Whether words of a language begin and end at spaces; texts of the others are matched piece by piece."""
    return all(each.spaced for each in FORMS.values() if each.language == language)
