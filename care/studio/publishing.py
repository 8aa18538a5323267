"""Publishing: signed drafts come into service, when the content as a whole is right with them, and everywhere at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from care.kit.database import Database, Work
from care.kit.settings import Settings
from care.people import audit
from care.people.staff import SignedIn
from care.studio.checking import check_content
from care.studio.desk import Desk, fingerprint, keeper, open_desk
from care.studio.drafts import edition_of, lock, note
from care.studio.folders import remove, written_of
from care.studio.overlay import Overlay, announce, build, entry_of, newest_release, place_of, read_overlay, with_more
from care.studio.pages import page_of
from care.studio.recordings import key_of, recordings_of, topic_digests
from care.studio.tables import Draft, Edition, NewTopic, Publication, Recording
from care.studio.types import CannotPublish, Did, DiskFailed, FileChanged, NotHeard, Seen, State, TooBusy, WrongState

TRIES = 3


@dataclass(frozen=True)
class Plan:
    """What is to be published, and the release it was planned on."""

    after: int
    drafts: list[tuple[Draft, Edition]]
    recordings: list[Recording]
    overlay: Overlay


async def publish(
    database: Database, settings: Settings, who: SignedIn, drafts: Mapping[str, int], recordings: Sequence[str] = ()
) -> int:
    """Bring signed drafts (id: edition that was seen) and heard recordings into service.  Returns the number of the release.

    A dose that changes in three languages is published in one go.  The check takes seconds and holds up nobody's turn.
    Raises CannotPublish, FileChanged, WrongState, Seen, NotHeard, NoSuchText, NotAllowed, DiskFailed, TooBusy; then what
    was in service stays.
    """
    for _ in range(TRIES):
        async with database.look() as work:
            plan = await _plan(await open_desk(work, who, written_of(settings.content)), settings, drafts, recordings)
        folder = await asyncio.to_thread(_try, settings, plan)
        async with database.work() as work:
            desk = await open_desk(work, who, written_of(settings.content))
            await keeper(work, holds=True)
            if await newest_release(work) == plan.after:
                return await _write(desk, plan, folder.parent.name, drafts)
    raise TooBusy


async def _plan(desk: Desk, settings: Settings, drafts: Mapping[str, int], recordings: Sequence[str]) -> Plan:
    chosen = [await _signed(desk, draft_id, seen) for draft_id, seen in drafts.items()]
    changed = [f"content/{each.language}/{each.place}" for each, edition in chosen if _has_changed(desk, each, edition)]
    if changed:
        raise FileChanged(changed)
    heard = [await _heard(desk, each) for each in recordings]
    for draft, edition in chosen:
        heard += [each for each in await _spoken(desk, draft, edition) if each.id not in recordings]
    topics = [topic for draft, _ in chosen if (topic := await desk.work.session.get(NewTopic, key_of(draft)))]
    now = await read_overlay(desk.work, settings.content)
    more = with_more(
        now,
        {f"{draft.language}/{draft.place}": edition.text for draft, edition in chosen},
        {each.id: entry_of(each) for each in topics if each.exported_in is None},
        {place_of(each): each.sound for each in reversed(heard)},
    )
    return Plan(await newest_release(desk.work), chosen, heard, more)


async def _signed(desk: Desk, draft_id: str, seen: int) -> tuple[Draft, Edition]:
    draft = await lock(desk, draft_id)
    if draft.state != State.SIGNED:
        raise WrongState(draft.state, (State.SIGNED,))
    if draft.edition != seen:
        raise Seen(draft.edition)
    return draft, await edition_of(desk, draft)


def _has_changed(desk: Desk, draft: Draft, edition: Edition) -> bool:
    """Whether somebody changed the file since this draft was begun, to something else than the draft itself says."""
    return fingerprint(desk.file(draft.language, draft.place)) not in (draft.base, fingerprint(edition.text))


async def _heard(desk: Desk, recording_id: str) -> Recording:
    mine = select(Recording).where(Recording.id == recording_id, Recording.clinic_id == desk.clinic_id)
    row: Recording | None = await desk.work.session.scalar(mine.where(Recording.removed_at.is_(None)))
    if row is None or row.heard_by is None:
        raise NotHeard(recording_id)
    return row


async def _spoken(desk: Desk, draft: Draft, edition: Edition) -> list[Recording]:
    """The recordings of exactly these words that a second person heard, the newest first."""
    if not draft.place.endswith(".md"):
        return []
    digests = topic_digests(desk, page_of(draft.language, draft.place, edition.text))
    mine = await recordings_of(desk, draft)
    return [each for each in mine if each.words in digests and each.heard_by and not each.published_in]


def _try(settings: Settings, plan: Plan) -> Path:
    """The folder as it would be, if all of it is right.  Every process finds it made when it looks."""
    try:
        folder = build(settings.home, settings.content, plan.overlay)
    except OSError as wrong:
        raise DiskFailed(wrong.strerror or type(wrong).__name__) from wrong
    problems = check_content(folder)[1]
    if problems:
        if folder != settings.content:
            remove(folder)
        raise CannotPublish(problems)
    return folder


async def _write(desk: Desk, plan: Plan, content: str, drafts: Mapping[str, int]) -> int:
    """The rows, if what was checked is what stands there still."""
    held = {draft_id: (await _signed(desk, draft_id, seen))[0] for draft_id, seen in drafts.items()}
    release = await announce(desk.work, "published", content, desk.who.staff_id)
    for draft, edition in plan.drafts:
        row = held[draft.id]
        desk.work.session.add(_publication(row, edition, release))
        row.state = State.PUBLISHED
        await note(desk, row, Did.PUBLISHED)
    for recording in plan.recordings:
        (await desk.work.session.get_one(Recording, recording.id)).published_in = release
    await _audit(desk.work, desk.who, release, len(plan.drafts) + len(plan.recordings))
    return release


def _publication(draft: Draft, edition: Edition, release: int) -> Publication:
    return Publication(
        clinic_id=draft.clinic_id,
        release_id=release,
        language=draft.language,
        place=draft.place,
        text=edition.text,
        words=edition.words,
        base=draft.base,
    )


async def _audit(work: Work, who: SignedIn, release: int, count: int) -> None:
    await audit.note(work, who.clinic_id, who.staff_id, "content.published", release=release, count=count)
