"""The only place where a domain error becomes a status code: a page for the console, JSON for everything else."""

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from api.pages import problem_page
from api.security import HEADERS, Forbidden, NotSignedIn, Unlinked
from care.kit.logs import get_log
from care.people.linking import NotAsSeen
from care.people.patients import NotFound

log = get_log("api")
CODES = {404: "not-found", 405: "wrong-method", 413: "too-large"}


def add_errors(app: FastAPI) -> None:
    """One handler an error."""

    @app.exception_handler(NotFound)
    async def not_found(request: Request, error: Exception) -> Response:
        return _answer(request, 404, "not-found", "There is no such record.")

    @app.exception_handler(NotAsSeen)  # twice in one request: it is being taken off
    @app.exception_handler(Unlinked)
    async def unlinked(request: Request, error: Exception) -> Response:
        return _answer(request, 401, "unlinked", "This device is not linked to a patient. Link it with a code.")

    @app.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, error: Exception) -> Response:
        return Response(status_code=303, headers={"location": "/console/sign-in"})

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Exception) -> Response:
        return _answer(request, 403, "forbidden", "This request did not come from our own page. Reload the page and try again.")

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
        field = ".".join(str(part) for part in first.get("loc", ())[1:])
        return _answer(request, 422, "invalid", str(first.get("msg", "The request cannot be read.")), field)

    @app.exception_handler(DataError)
    async def unreadable(request: Request, error: Exception) -> Response:
        return _answer(request, 422, "invalid", "The request holds something no record can hold.")

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "refused")
        return _answer(request, error.status_code, code, error.detail, headers=error.headers)

    add_breakdowns(app)


def add_breakdowns(app: FastAPI) -> None:
    """What nobody who asked could help."""

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    async def away(request: Request, error: Exception) -> Response:
        """The database is gone, busy or its disk is full.  Nothing was stored: whoever asks again with its key is safe."""
        log.error("database.away", error=type(error).__name__, route=getattr(request.scope.get("route"), "path", ""))
        said = "Nothing can be stored just now. Send it again in a moment."
        return _answer(request, 503, "away", said, headers={"retry-after": "5"})

    @app.exception_handler(Exception)  # the edge: whatever broke, the answer is one of ours and tells nothing of it
    async def broken(request: Request, error: Exception) -> Response:
        log.error("request.failed", error=type(error).__name__, route=getattr(request.scope.get("route"), "path", ""))
        # This answer is given outside the guard, so it brings the guard's headers itself.
        return _answer(request, 500, "our-fault", "Something broke on our side. Please try again.", headers=HEADERS)


def _answer(
    request: Request, status: int, code: str, message: str, field: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    if request.url.path.startswith(("/console", "/studio")):
        answer = problem_page(request, status, code)
    else:
        answer = JSONResponse({"error": {"code": code, "message": message, "field": field}}, status)
    answer.headers.update(headers or {})
    return answer
