"""Which language a patient asks for, named in whatever language they write."""

from dataclasses import replace
from string import Template

from care.conversation.context import Turn
from care.languages.normalise import normalise
from care.languages.table import FORMS, form
from care.messages.reply import Button, Reply


def language_buttons(turn: Turn) -> tuple[Button, ...]:
    """Every form by its own name, whatever language the page is in."""
    return tuple(Button(FORMS[tag].endonym, f"form:{tag}") for tag in turn.library.forms)


def form_named(turn: Turn) -> str | None:
    """The form whose own name was typed and nothing else."""
    typed = normalise(turn.text).strip(" .!?،。！؟")
    return next((tag for tag in turn.library.forms if normalise(FORMS[tag].endonym) == typed), None)


def form_meant(turn: Turn) -> str | None:
    """The form they ask for: "in Uyghur please", "Kazakh in the old letters".  None when none or several are named.

    Their present language counts for nothing beside another one: "I cannot read Chinese, Uyghur please".
    """
    names, now = turn.library.language_names, form(turn.form)
    languages = _named(turn, names["languages"])
    wanted = [each for each in languages if each != now.language] or languages
    scripts = _named(turn, names["scripts"])
    if len(wanted) > 1 or len(scripts) > 1 or not (wanted or scripts):
        return None
    language = wanted[0] if wanted else now.language
    if scripts:
        return next(
            (tag for tag in turn.library.forms if (FORMS[tag].language, FORMS[tag].script) == (language, scripts[0])), None
        )
    first = str(names["first"][turn.region].get(language, ""))
    return first if language != now.language and first in turn.library.forms else None


def _named(turn: Turn, names: dict[str, list[str]]) -> list[str]:
    said = normalise(turn.text)
    return [name for name, words in names.items() if any(normalise(word) in said for word in words)]


def word_for_strangers(turn: Turn) -> Reply:
    """In the patient's own form first, then a line of the languages many read here; and the choice of ours."""
    said = turn.say("text-other-language", "not_understood", (*language_buttons(turn), turn.button("button-nurse", "nurse")))
    lines = turn.library.language_names["strangers"].values()
    more = [Template(line).safe_substitute(emergency_number=turn.emergency_number) for line in lines]
    return replace(said, text="\n".join([said.text, *more]))
