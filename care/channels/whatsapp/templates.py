"""The forms Meta has approved for this hospital, which alone may go to a person who has not written for 24 hours.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/utility-templates
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from care.channels.base import Said
from care.channels.whatsapp.cutting import cut

Json = dict[str, Any]
PLACE_MOST = 512


class Template(BaseModel):
    """One approved template: what goes into its numbered places, and its buttons from left to right.

    A `listen` button's tap opens the window, so that the recording can follow; a `choice` says what the message's next
    button would have said; a `url` opens the listening page, whose address begins as it was registered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    language: str  # Meta's code: kk, ru, zh_CN.  It says nothing about the script: two scripts are two templates
    body: tuple[Literal["title", "text", "link"], ...] = ()
    buttons: tuple[Literal["listen", "choice", "url"], ...] = ("listen",)
    url: str = ""

    @field_validator("language")
    @classmethod
    def _is_known(cls, code: str) -> str:
        if code.split("_")[0] == "ug":
            raise ValueError("WhatsApp has no templates in Uyghur")
        return code


Templates = dict[str, dict[str, Template]]  # by the message's kind or `*`, then by form (kk-Cyrl) or language (kk)


def find_template(said: Said, templates: Templates) -> Template | None:
    """The one of its kind and form, its language, or of any kind, for which the message has all that it needs."""
    for kind in (said.kind, "*"):
        for form in (said.form, said.form.partition("-")[0]):
            template = templates.get(kind, {}).get(form)
            if template and _fits(template, said):
                return template
    return None


def _fits(template: Template, said: Said) -> bool:
    has_places = all(getattr(said, place).strip() for place in template.body)
    has_link = "url" not in template.buttons or _suffix(template, said) != ""
    return has_places and has_link and template.buttons.count("choice") <= len(said.choices)


def _suffix(template: Template, said: Said) -> str:
    return said.link.removeprefix(template.url) if template.url and said.link.startswith(template.url) else ""


def fill(template: Template, said: Said) -> Json:
    """No sound ever stands in a template; the tap on `listen` opens the window for it."""
    places = [{"type": "text", "text": _place(getattr(said, each))} for each in template.body]
    components: list[Json] = [{"type": "body", "parameters": places}] if places else []
    payloads = iter(said.choices)
    for index, button in enumerate(template.buttons):
        if button == "url":
            kind, value = "url", {"type": "text", "text": _suffix(template, said)}
        else:
            payload = f"listen:{said.key}" if button == "listen" else next(payloads).payload
            kind, value = "quick_reply", {"type": "payload", "payload": payload}
        components.append({"type": "button", "sub_type": kind, "index": str(index), "parameters": [value]})
    named = {"name": template.name, "language": {"code": template.language}, "components": components}
    return {"type": "template", "template": named}


def _place(words: str) -> str:
    """A place of a template takes no new lines, no tabs and no row of spaces."""
    return cut(" ".join(words.split()), PLACE_MOST)
