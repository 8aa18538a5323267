"""What the studio published becomes files again: `karez content export --studio`.  From then on the file is the text."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select, update

from care.content.types import ContentBroken
from care.content.writing import save_all
from care.kit.database import Database, Work
from care.speech.recorded import EXTENSIONS
from care.studio.checking import check_content
from care.studio.desk import fingerprint, keeper
from care.studio.overlay import SOUND, Overlay, announce, has_text, list_topics, place_of, read_overlay, sounds_of
from care.studio.tables import Draft, NewTopic, Publication, Recording
from care.studio.types import FileChanged

Prefer = Literal["", "studio", "files"]


@dataclass(frozen=True)
class Exported:
    """Files that were written, and those whose own words were preferred; by their place below content/."""

    written: list[str]
    dropped: list[str]


async def export(database: Database, written: Path, home: Path, prefer: Prefer = "") -> Exported:
    """Write everything into content/, all or nothing, and mark it.

    A file that was changed in content/ after its draft began is a conflict: FileChanged names each, unless `prefer` says
    whose words count.  Raises ContentBroken when the files would not be right afterwards, OSError when they cannot be written.
    """
    async with database.look() as work:
        overlay, open_ones = await read_overlay(work), await _open(work)
    theirs = [place for place, each in open_ones.items() if _clashes(written, place, each)]
    if theirs and not prefer:
        raise FileChanged([f"content/{place}" for place in theirs])
    dropped = theirs if prefer == "files" else []
    kept = _without(overlay, dropped)
    await asyncio.to_thread(_write, written, home, kept)
    async with database.work() as work:
        await _mark(work, kept, dropped, open_ones)
    return Exported(sorted([*kept.texts, *kept.sounds]), sorted(dropped))


async def _open(work: Work) -> dict[str, Publication]:
    mine = select(Publication).where(Publication.clinic_id == await keeper(work))
    mine = mine.where(Publication.exported_in.is_(None), Publication.dropped_in.is_(None)).order_by(Publication.id)
    return {f"{each.language}/{each.place}": each for each in await work.session.scalars(mine)}


async def clashes(work: Work, written: Path) -> list[str]:
    """Files that were changed in content/ although the studio published other words for them, by their place below it."""
    return sorted(place for place, each in (await _open(work)).items() if _clashes(written, place, each))


def _clashes(written: Path, place: str, publication: Publication) -> bool:
    path = written / place
    file = path.read_text(encoding="utf-8") if path.is_file() else None
    return fingerprint(file) not in (publication.base, fingerprint(publication.text))


def _without(overlay: Overlay, dropped: list[str]) -> Overlay:
    texts = {place: text for place, text in overlay.texts.items() if place not in dropped}
    topics = {topic_id: entry for topic_id, entry in overlay.topics.items() if has_text(topic_id, texts)}
    return Overlay(texts, topics, overlay.sounds)


def _write(written: Path, home: Path, overlay: Overlay) -> None:
    with tempfile.TemporaryDirectory(dir=home, prefix="export-") as folder:
        whole = Path(shutil.copytree(written, Path(folder) / written.name))
        overlay.lay(whole, sounds_of(home))
        problems = check_content(whole)[1]
    if problems:
        raise ContentBroken(problems)
    files = {written / place: text.encode() for place, text in overlay.texts.items()}
    if overlay.topics:
        listed = (written / "topics.yml").read_text(encoding="utf-8")
        files[written / "topics.yml"] = list_topics(listed, overlay.topics).encode()
    for place, sound in overlay.sounds.items():
        file = sounds_of(home) / f"{sound}.{SOUND}"
        if file.is_file():
            files[written / f"{place}.{SOUND}"] = file.read_bytes()
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
    save_all(files)
    _remove_older(written, overlay)


def _remove_older(written: Path, overlay: Overlay) -> None:
    """A recording of the same words in another form would be found first."""
    for place in overlay.sounds:
        for extension in set(EXTENSIONS) - {SOUND}:
            (written / f"{place}.{extension}").unlink(missing_ok=True)


async def _mark(work: Work, overlay: Overlay, dropped: list[str], open_ones: dict[str, Publication]) -> None:
    """Only what was read: somebody may have published more meanwhile."""
    if not (overlay or dropped):
        return
    release = await announce(work, "exported")
    for place, newest in open_ones.items():
        await _close(work, newest, "dropped_in" if place in dropped else "exported_in", release)
        if place not in dropped:
            await _rebase(work, newest)
    unexported = select(Recording).where(Recording.exported_in.is_(None), Recording.published_in.is_not(None))
    for recording in await work.session.scalars(unexported):
        if place_of(recording) in overlay.sounds:
            recording.exported_in = release
    for topic_id in overlay.topics:
        (await work.session.get_one(NewTopic, topic_id)).exported_in = release


async def _close(work: Work, newest: Publication, column: str, release: int) -> None:
    """This publication and those before it speak no longer."""
    mine = update(Publication).where(Publication.clinic_id == newest.clinic_id, Publication.id <= newest.id)
    mine = mine.where(Publication.language == newest.language, Publication.place == newest.place)
    mine = mine.where(Publication.exported_in.is_(None), Publication.dropped_in.is_(None))
    await work.session.execute(mine.values({column: release}))


async def _rebase(work: Work, publication: Publication) -> None:
    """The file is what the draft was published as: who writes on began from it."""
    mine = update(Draft).where(Draft.clinic_id == publication.clinic_id, Draft.language == publication.language)
    mine = mine.where(Draft.place == publication.place, Draft.base == publication.base)
    await work.session.execute(mine.values(base=fingerprint(publication.text)))
