"""Renders staff pages: words by gettext, direction by language, one place."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.security import cookie_name, set_cookie
from api.state import Door, door_of
from care.content.library import Library
from care.people.words import LOCALES, StaffWords, hour

HERE = Path(__file__).parent
LOCALE_COOKIE = "karez_locale"
pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True), trim_blocks=True)


def locale_of(request: Request, fallback: str = "zh") -> str:
    """The language a member of staff chose on this browser, else the one of their account."""
    chosen = request.query_params.get("lang") or request.cookies.get(cookie_name(door_of(request), LOCALE_COOKIE)) or fallback
    return chosen if chosen in LOCALES else "zh"


def page(request: Request, template: str, status: int = 200, /, back: str = "", **values: Any) -> Response:
    """A staff page.  `?lang=` changes the language and is remembered; `back` is where that leads when no GET shows this page."""
    staff, door = values.get("staff"), door_of(request)
    locale = locale_of(request, staff.locale if staff else "zh")
    body = pages.get_template(template).render(
        path=request.scope["path"],
        demo=door.settings.demo,
        unsigned=_has_unsigned(door.library),
        locale=locale,
        direction=LOCALES[locale][1],
        languages=[(tag, *LOCALES[tag], _in_language(request, tag, back)) for tag in LOCALES],
        **_words(locale, door),
        **values,
    )
    response = HTMLResponse(body, status)
    if "lang" in request.query_params:
        set_cookie(door, response, LOCALE_COOKIE, locale, 31_536_000)
    return response


def _words(locale: str, door: Door) -> dict[str, Any]:
    words = StaffWords(locale, door.database.clock.now())
    said = {"_": words.sentence, "term": words.term, "day": words.day, "near_day": words.near_day, "moment": words.moment}
    return {**said, "hour": hour, "said_problem": words.problem}


def _has_unsigned(library: Library) -> bool:
    """Whether some text would be held back (care/messages/gate.py)."""
    written = [page for pages in library.languages.values() for page in pages.signed_pages()]
    return not all(library.proof_of(page).is_signed for page in written)


def _in_language(request: Request, locale: str, back: str) -> str:
    """The address of the same page in another language: a one-time link or a chosen plan in it is kept."""
    if back:
        return f"{back}{'&' if '?' in back else '?'}lang={locale}"
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    return f"{request.scope['path']}?{urlencode({**kept, 'lang': locale})}"


def problem_page(request: Request, status: int, code: str) -> Response:
    return page(request, "console/problem.html", status, back="/console", code=code)
