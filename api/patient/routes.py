"""/v1: linking, consent, the conversation and its sound."""

import asyncio
import hashlib
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from sse_starlette.sse import EventSourceResponse

from api.patient.shapes import ChatRequest, ConsentRequest, ConsentView, FormView, Linked, LinkRequest, Messages, PurposeView
from api.patient.stream import LOOK_S, Unheard, stream
from api.patient.views import audio_of_text, form_view, message_views, shown
from api.security import (
    PATIENT_COOKIE,
    LinkedPhone,
    PatientId,
    RecalledPhone,
    TheDoor,
    client_address,
    linked_phone,
    set_cookie,
)
from api.state import Door
from care.conversation.context import Heard
from care.conversation.record import lines_after, not_yet_known_to_have_arrived
from care.kit.ids import new_id
from care.languages.table import form
from care.messages.service import mark_delivered
from care.people import consent
from care.people.linking import DEVICE_LIFE, CodeRefused, NotAsSeen, Phone, link
from care.people.patients import NotFound
from care.people.tables import Patient

router = APIRouter(prefix="/v1")
LineId = Annotated[int, Query(ge=0, le=2**63 - 1)]  # what a database can hold
# What the web app says itself; headings of topics are here so that it can tell them from the text between them.
WEB_WORDS = ("web-", "button-stop", "button-menu", "topic-call-", "voice-", "demo-notice", "consent-thanks")
CONSENT_PHRASE = {"reminders": "consent-reminders", "symptoms": "consent-symptoms", "voice": "consent-voice"}
CONSENT_PHRASE |= {"family": "consent-family", "cross-border": "consent-cross-border"}


@router.get("/forms")
async def forms(door: TheDoor) -> list[FormView]:
    """The languages and scripts a patient may choose."""
    return [form_view(form(tag)) for tag in door.library.forms]


@router.get("/words/{tag}")
async def words(tag: str, door: TheDoor) -> dict[str, str]:
    """The web app's own words in one form."""
    if tag not in door.library.forms:
        raise NotFound(tag)
    number = str(door.library.numbers(door.settings.region)["ambulance"]["number"])
    found = door.library.words(tag, WEB_WORDS)
    filled = {key: text.replace("${emergency_number}", number) for key, text in found.items()}
    return {key: shown(text, form(tag)) for key, text in filled.items()} | {"emergency-number": number}


@router.post("/link", response_model=Linked)
async def link_device(asked: LinkRequest, request: Request, door: TheDoor) -> Any:
    """Use a linking code once.  A refusal says why: wrong, expired, used or too-many-tries."""
    if asked.form not in door.library.forms:
        raise NotFound(asked.form)
    refused: CodeRefused | None = None
    async with door.database.work() as work:
        try:
            linked = await link(work, asked.code, client_address(request))
            patient = await work.session.get_one(Patient, linked.patient_id)
            patient.form = asked.form
        except CodeRefused as reason:
            refused = reason  # the failed try is committed with the work
    if refused:
        error = {"code": f"code-{refused.reason}", "message": f"The code was refused: {refused.reason}.", "field": "code"}
        return JSONResponse({"error": error}, 429 if refused.reason == "too-many-tries" else 400)
    response = JSONResponse({"token": linked.token, "form": form_view(form(asked.form)).model_dump()})
    set_cookie(door, response, PATIENT_COOKIE, linked.token, int(DEVICE_LIFE.total_seconds()))
    return response


@router.get("/consents", response_model=ConsentView)
async def consents(patient_id: PatientId, door: TheDoor) -> ConsentView:
    """Each purpose in the patient's language, read and spoken, with what they said before; nothing is ticked for them."""
    async with door.database.look() as work:
        patient = await work.session.get_one(Patient, patient_id)
        said = await consent.current(work, patient_id)
    phrases = ["consent-intro", *(CONSENT_PHRASE[purpose] for purpose in consent.PURPOSES)]
    texts = [door.library.phrase(patient.form, key) for key in phrases]
    intro, *sounds = await asyncio.gather(*(audio_of_text(door, text) for text in texts))
    purposes = [
        PurposeView(purpose=purpose, text=text.text, given=said[purpose], audio=audio)
        for purpose, text, audio in zip(consent.PURPOSES, texts[1:], sounds, strict=True)
    ]
    return ConsentView(intro=texts[0].text, intro_audio=intro, purposes=purposes)


@router.post("/consents", status_code=204)
async def give_consent(asked: ConsentRequest, patient_id: PatientId, door: TheDoor) -> Response:
    """Give or withdraw one purpose; effective from the next message on."""
    async with door.database.work() as work:
        patient = await work.session.get_one(Patient, patient_id)
        wording = door.library.phrase(patient.form, CONSENT_PHRASE[asked.purpose]).text
        await consent.record(work, patient, asked.purpose, asked.given, hashlib.sha256(wording.encode()).hexdigest(), "web")
    return Response(status_code=204)


@router.post("/chat/messages", response_model=Messages)
async def say(asked: ChatRequest, request: Request, response: Response, phone: RecalledPhone, door: TheDoor) -> Any:
    """One turn.  The same key again gets the same answer."""
    if asked.text is None and asked.payload is None:
        error = {"code": "nothing-said", "message": "Send `text` or `payload`.", "field": "text"}
        return JSONResponse({"error": error}, 422)
    heard = Heard(key=asked.key or new_id(), text=asked.text, payload=asked.payload)
    return await _answer(request, response, door, phone, heard)


async def _answer(request: Request, response: Response, door: Door, phone: Phone, heard: Heard) -> Messages:
    """What is said to it.  A phone that is not as it was is looked up again: nothing was written then.  Raises Unlinked."""
    try:
        lines = await door.conversation.turn(phone.patient_id, heard, phone)
    except NotAsSeen:
        phone = await linked_phone(request, response, door)
        lines = await door.conversation.turn(phone.patient_id, heard, phone)
    return Messages(messages=await message_views(door, lines, phone.audio))


@router.get("/chat/messages", response_model=Messages)
async def read(phone: LinkedPhone, door: TheDoor, after: LineId = 0) -> Messages:
    """Lines after an id, or the last ones.  What a phone does not ask for again, it has."""
    async with door.database.look() as work:
        lines = await lines_after(work, phone.patient_id, after)
    await note_arrival(door, phone.patient_id, after)
    return Messages(messages=await message_views(door, lines, phone.audio))


@router.get("/chat/events")
async def events(
    request: Request,
    phone: LinkedPhone,
    door: TheDoor,
    after: LineId = 0,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**63 - 1)] = None,
) -> EventSourceResponse:
    """The same lines as they come; a browser that lost the line says itself which one it saw last."""
    seen = last_event_id or after
    await note_arrival(door, phone.patient_id, seen)
    closing = anyio.Event()
    lines = stream(request, door, unheard_of(request), phone, seen, closing)
    return EventSourceResponse(lines, ping=15, shutdown_event=closing, shutdown_grace_period=2 * LOOK_S)


def unheard_of(request: Request) -> Unheard:
    unheard: Unheard = request.app.state.unheard
    return unheard


async def note_arrival(door: Door, patient_id: str, seen: int) -> None:
    """Sending a line proves nothing on a poor network; that a phone goes on from it does."""
    if not seen:
        return
    async with door.database.look() as work:
        arrived = await not_yet_known_to_have_arrived(work, patient_id, seen)
    if arrived:
        async with door.database.work() as work:
            await mark_delivered(work, arrived)


@router.get("/audio/{name}")
async def audio(name: str, phone: LinkedPhone, door: TheDoor) -> FileResponse:
    """A stored sound, in ranges if the player asks; its name is the hash of its content, so it never changes.

    Only a linked phone gets it: who knows the words of a message could work out its name.
    """
    await door.speaker.store.finish(name)
    path = door.speaker.store.find(name)
    if path is None:
        raise NotFound(name)
    kind = "audio/ogg" if name.endswith(".opus") else "audio/mpeg"
    return FileResponse(path, media_type=kind, headers={"cache-control": "private, max-age=31536000, immutable"})


@router.post("/stop", response_model=Messages)
async def stop(request: Request, response: Response, phone: RecalledPhone, door: TheDoor) -> Messages:
    """Stop everything at once: no words needed."""
    return await _answer(request, response, door, phone, Heard(key=new_id(), payload="stop"))
