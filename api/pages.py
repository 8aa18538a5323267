"""Renders staff pages: words by gettext, direction by language, one place."""

from datetime import datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.security import cookie_name
from api.state import door_of
from care.people.clocks import local

HERE = Path(__file__).parent
# Staff languages by their own names; Kazakh staff pages are in Cyrillic.
LOCALES = {"zh": ("中文", "ltr"), "ug": ("ئۇيغۇرچە", "rtl"), "kk": ("Қазақша", "ltr"), "en": ("English", "ltr")}
LOCALE_COOKIE = "karez_locale"
pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True), trim_blocks=True)


@lru_cache
def translations(locale: str) -> NullTranslations:
    """The staff catalogue of a language, compiled in memory from its .po file."""
    path = HERE / "locale" / locale / "karez.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def locale_of(request: Request, fallback: str = "zh") -> str:
    """The language a member of staff chose on this browser."""
    chosen = request.query_params.get("lang") or request.cookies.get(cookie_name(door_of(request), LOCALE_COOKIE)) or fallback
    return chosen if chosen in LOCALES else "zh"


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A staff page.  `?lang=` changes the language and is remembered."""
    locale, door = locale_of(request), door_of(request)
    words = {"_": translations(locale).gettext, "locale": locale, "direction": LOCALES[locale][1], "locales": LOCALES}
    body = pages.get_template(template).render(request=request, demo=door.settings.demo, show=show_moment, **words, **values)
    response = HTMLResponse(body, status)
    if "lang" in request.query_params:
        response.set_cookie(cookie_name(door, LOCALE_COOKIE), locale, max_age=31_536_000, httponly=True, samesite="strict")
    return response


def show_moment(at: datetime, zone: str = "Asia/Shanghai") -> str:
    """A moment on the clinic's clock."""
    return f"{local(at, zone):%m-%d %H:%M}"


def problem_page(request: Request, status: int, code: str) -> Response:
    return page(request, "console/problem.html", status, code=code)
