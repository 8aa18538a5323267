"""One text: its fields beside the source's, checked and shown as it is typed, and saved."""

import asyncio
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.pages import page
from api.security import POLICY, TheDoor
from api.state import Door
from api.studio.room import Editor, desk_of, number, typed
from care.content.reading import Page
from care.content.types import Problem
from care.languages.table import authored_form, form
from care.people.clocks import local
from care.people.staff import SignedIn
from care.studio.desk import Desk, fingerprint
from care.studio.drafts import begin, edition_of, lock, merge, save
from care.studio.fields import Field, fields_of, with_fields
from care.studio.history import Line, compare, steps
from care.studio.pages import page_of, revision_of
from care.studio.preview import preview
from care.studio.proofreading import proofread
from care.studio.recordings import recordings_of, spoken_digest
from care.studio.side import source_beside
from care.studio.tables import Draft
from care.studio.types import Conflict, NoSuchText, Unreadable

router = APIRouter()
SIGNED_FOR = timedelta(days=365)  # proposed; whoever signs chooses the day
SAID = "said."  # begins the name of a field of the text among those of the form
# The page alone plays what was just recorded and not sent yet.
LISTENING = {"content-security-policy": POLICY.replace("media-src 'self'", "media-src 'self' blob:")}


@router.get("/text/{language}/{place:path}")
async def text_page(language: str, place: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """The text as it was saved last, begun from what is in service when nobody works on it."""
    async with desk_of(door, staff) as desk:
        draft = await begin(desk, language, place)
        facts = await _facts(desk, door, draft)
    return await _show(request, door, staff, facts | {"published": "published" in request.query_params})


async def _facts(desk: Desk, door: Door, draft: Draft) -> dict[str, Any]:
    """Everything the page shows of the newest edition."""
    saved = (await edition_of(desk, draft)).text
    read = page_of(draft.language, draft.place, saved)
    spoken = await desk.in_service(draft.language, draft.place)
    return {
        "draft": draft,
        "text": saved,
        "fields": fields_of(read, saved),
        "is_source": revision_of(read) > 0,
        "is_raised": spoken is not None and revision_of(read) > revision_of(page_of(draft.language, draft.place, spoken)),
        "on_disk": _on_disk(desk, draft, saved),
        "revision": read.values.get("revision") or read.values.get("follows"),
        "beside": await source_beside(desk, draft.language, draft.place, saved),
        "steps": (await steps(desk, draft.id))[:8],
        "recordings": await recordings_of(desk, draft),
        "words": _words(door, read),
    }


def _on_disk(desk: Desk, draft: Draft, saved: str) -> list[Line]:
    """What differs in the file, if somebody changed it there since the draft was begun; else nothing."""
    file = desk.file(draft.language, draft.place)
    if file is None or fingerprint(file) in (draft.base, fingerprint(saved)):
        return []
    return [line for line in compare(file, saved) if line.sign != " "]


def _words(door: Door, read: Page) -> str:
    """The digest a recording of these words would have; "" for what is not recorded as a whole."""
    try:
        return spoken_digest(read, "", number_of(door)) if read.file.endswith(".md") else ""
    except NoSuchText:
        return ""


def number_of(door: Door) -> str:
    return str(door.library.numbers(door.settings.region)["ambulance"]["number"])


async def _show(request: Request, door: Door, staff: SignedIn, facts: dict[str, Any], status: int = 200) -> Response:
    draft, beside = facts["draft"], facts["beside"]
    # Outside the unit of work and of everybody's turn: a long file takes a second.
    facts.setdefault("problems", await asyncio.to_thread(_problems, door, draft, facts["text"], facts["fields"]))
    answer = page(
        request,
        "studio/text.html",
        status,
        back=f"/studio/text/{draft.language}/{draft.place}",
        staff=staff,
        zone=staff.zone,
        writing=authored_form(draft.language),
        theirs=authored_form(beside.language) if beside else None,
        notes=_notes(door, draft.place),
        proposed_day=local(door.database.clock.now(), staff.zone).date() + SIGNED_FOR,
        **facts,
    )
    answer.headers.update(LISTENING)
    return answer


def _notes(door: Door, place: str) -> dict[str, str]:
    """What the catalogue says of a phrase to whoever writes it."""
    return {key: str(said["where"]) for key, said in door.library.catalogue.values.items()} if place == "phrases.yml" else {}


@router.post("/draft/{draft_id}/save")
async def save_text(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """Keep what was typed.  Somebody who saved meanwhile is not overwritten: both texts are shown."""
    said = await typed(request)
    ticks = {"meaning_changed": bool(said.get("meaning_changed")), "follows_now": bool(said.get("follows_now"))}
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        action = merge if said.get("seen_file") else save
        try:
            text = await text_typed(desk, draft, said)
            done = await action(desk, draft_id, number(said, "seen"), text, **ticks)
        except Unreadable as wrong:
            return await _show(request, door, staff, await _as_typed(desk, door, draft, said, wrong), 422)
    if isinstance(done, Conflict):
        return page(
            request,
            "studio/conflict.html",
            409,
            back=address(draft),
            staff=staff,
            draft=draft,
            conflict=done,
            lines=list(compare(done.theirs, done.ours)),
            writing=authored_form(draft.language),
        )
    return RedirectResponse(address(draft), 303)


async def _as_typed(desk: Desk, door: Door, draft: Draft, said: dict[str, str], wrong: Unreadable) -> dict[str, Any]:
    """The page with what was typed still in it, and what keeps it from being saved."""
    facts = await _facts(desk, door, draft)
    fields = [replace(each, value=said.get(SAID + each.name, each.value)) for each in facts["fields"]]
    return facts | {"fields": fields, "problems": [_problem(each, "") for each in wrong.problems]}


def address(draft: Draft) -> str:
    return f"/studio/text/{draft.language}/{draft.place}"


async def text_typed(desk: Desk, draft: Draft, said: dict[str, str]) -> str:
    """The file with the form's fields in it."""
    fields = {name.removeprefix(SAID): value for name, value in said.items() if name.startswith(SAID)}
    return with_fields(draft.language, draft.place, (await edition_of(desk, draft)).text, fields)


@router.post("/draft/{draft_id}/look")
async def look(draft_id: str, request: Request, door: TheDoor, staff: Editor) -> Response:
    """What is wrong with unsaved words, and how a patient would see them."""
    said = await typed(request)
    async with desk_of(door, staff) as desk:
        draft = await lock(desk, draft_id)
        try:
            text = await text_typed(desk, draft, said)
            read = page_of(draft.language, draft.place, text)
        except Unreadable as wrong:
            return JSONResponse({"problems": [_problem(each, "") for each in wrong.problems], "shown": []})
    problems = await asyncio.to_thread(_problems, door, draft, text, fields_of(read, text))
    return JSONResponse({"problems": problems, "shown": _shown(door, draft, read)})


def _problems(door: Door, draft: Draft, text: str, fields: list[Field]) -> list[dict[str, Any]]:
    found = proofread(door.library, draft.language, draft.place, text)
    read = page_of(draft.language, draft.place, text)
    return [_problem(each, _field_at(read, fields, each.line)) for each in (*found.found, *found.warnings)]


def _field_at(read: Page, fields: list[Field], line: int) -> str:
    """The field that holds a line of the file; "" for the lines of the header that nobody types."""
    places = [(at, place) for place, at in (*read.lines.items(), ("body", read.line("body"))) if at <= line]
    above = max(places, default=(0, ""))[1]
    return next((field.name for field in fields if above == field.name or above.startswith(f"{field.name}.")), "")


def _problem(each: Problem, field: str) -> dict[str, Any]:
    return {**asdict(each), "field": field}


def _shown(door: Door, draft: Draft, read: Page) -> list[dict[str, Any]]:
    """The bubbles of the patient's own page, one for each form of the language."""
    bubbles = []
    for reply in preview(door.library, draft.language, draft.place, read, number_of(door)):
        writing = form(reply.form)
        bubbles.append(
            {
                "tag": writing.tag,
                "name": writing.endonym,
                "language": writing.language,
                "direction": writing.direction,
                "text": reply.text,
                "act": reply.act,
                "said_by": "karez",
                "buttons": [],
            }
        )
    return bubbles
