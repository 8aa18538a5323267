"""What every page of the studio needs: somebody who may enter, a desk, and plain sentences for what was refused."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from api.pages import page
from api.security import Forbidden, TheDoor, signed_in_staff
from api.state import Door
from care.kit.database import Work
from care.people.staff import SignedIn
from care.studio.desk import Desk, open_desk
from care.studio.folders import written_of
from care.studio.types import (
    MAY_WRITE,
    BadDay,
    BadSound,
    CannotPublish,
    FileChanged,
    NoSuchText,
    NotAllowed,
    Refused,
    Unreadable,
    WrongState,
)

LONGEST_NUMBER = 10  # digits: more than any text has editions
NOT_THERE, NOT_YOURS, NOT_NOW, NOT_RIGHT = 404, 403, 409, 422
STATUS: dict[type[Refused], int] = {
    NoSuchText: NOT_THERE,
    NotAllowed: NOT_YOURS,
    BadDay: NOT_RIGHT,
    BadSound: NOT_RIGHT,
    CannotPublish: NOT_RIGHT,
    Unreadable: NOT_RIGHT,
}


def _hyphened(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


async def at_the_desk(
    request: Request, door: TheDoor, staff: Annotated[SignedIn, Depends(signed_in_staff)]
) -> AsyncIterator[SignedIn]:
    """Somebody who may write the texts of this server; nurses and other clinics have no business here."""
    try:
        if staff.role not in MAY_WRITE:
            raise Forbidden
        request.state.staff = staff
        async with door.database.look() as work:
            await desk_in(door, work, staff)  # here, because teaching, clips and unsaved words ask for no draft
        yield staff
    finally:
        await request.close()  # the file that was sent with a form


Editor = Annotated[SignedIn, Depends(at_the_desk)]


@asynccontextmanager
async def desk_of(door: Door, staff: SignedIn) -> AsyncIterator[Desk]:
    """One action: committed when the block ends well."""
    async with door.database.work() as work:
        yield await desk_in(door, work, staff)


async def desk_in(door: Door, work: Work, staff: SignedIn) -> Desk:
    return await open_desk(work, staff, written_of(door.settings.content))


REASONS = {
    BadSound: ("not-audio", "too-big", "too-long", "too-short", "silent"),
    NotAllowed: ("role", "clinic"),
}
REFUSALS = [
    f"{_hyphened(kind.__name__)}{reason and ':'}{reason}"
    for kind in Refused.__subclasses__()
    for reason in REASONS.get(kind, ("",))
]


def code_of(refused: Refused) -> str:
    """The name of a refusal, as `term("refused", code)` takes it: `seen`, `bad-sound:too-long`."""
    name = _hyphened(type(refused).__name__)
    return f"{name}:{refused.reason}" if isinstance(refused, BadSound | NotAllowed) else name


def details(refused: Refused) -> Mapping[str, Any]:
    """What a page can show beside the sentence."""
    problems = refused.problems if isinstance(refused, CannotPublish | Unreadable) else []
    files = refused.files if isinstance(refused, FileChanged) else []
    state = refused.state if isinstance(refused, WrongState) else ""
    return {"code": code_of(refused), "problems": problems, "files": files, "state": state}


def refused_page(request: Request, refused: Refused, staff: SignedIn | None = None) -> Response:
    """Nothing was changed; the way back leads to where the person was."""
    back = request.headers.get("referer", "")
    here = f"{request.url.scheme}://{request.url.netloc}/studio"
    address = back.removeprefix(here.removesuffix("/studio")) if back.startswith(here) else "/studio"
    status = STATUS.get(type(refused), NOT_NOW)
    return page(request, "studio/refused.html", status, back=address, staff=staff, address=address, **details(refused))


def add_refusals(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refused_page(request, error, getattr(request.state, "staff", None))


def number(said: Mapping[str, str], name: str) -> int:
    """A whole number of a form of ours.  Raises NoSuchText for anything else: no edition has such a number."""
    given = said.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < LONGEST_NUMBER):
        raise NoSuchText(name)
    return int(given)


async def typed(request: Request) -> dict[str, str]:
    """What was typed into a form of the studio.  Read after the sign-in was checked: a stranger's megabytes are not."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}
