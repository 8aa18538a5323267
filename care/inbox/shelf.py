"""Voice messages and pictures of patients: files in the home folder, sealed with the patient's key, for a nurse to open."""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from care.channels.base import Media
from care.inbox.tables import Attachment
from care.kit.database import Work, insert_new
from care.kit.ids import new_id
from care.people.patients import NotFound
from care.people.tables import Patient
from care.people.vault import Vault
from care.speech.encode import decode, encode
from care.speech.voices import CannotSpeak

LARGEST = 16 * 1024 * 1024
LONGEST_S = 600.0
KEPT_FOR = timedelta(days=30)  # as long as raw sound may lie (facts: trust, section 10)
SEALED_AS = "attachment.file"
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}


class NotMedia(Exception):
    """Not what it was said to be, or larger than anybody may send."""


@dataclass(frozen=True)
class Ready:
    """A file as a nurse's browser plays or shows it."""

    kind: str
    content: bytes
    media_type: str
    seconds: int | None = None


async def make_ready(kind: str, media: Media) -> Ready:
    """Sound becomes MP3, whatever an app recorded; of a picture the first bytes are believed, not its name.  Raises NotMedia."""
    if len(media.content) > LARGEST:
        raise NotMedia("too-large")
    if kind == "picture":
        found = next((name for begin, name in PICTURES.items() if media.content.startswith(begin)), _webp(media.content))
        if found is None:
            raise NotMedia("no-picture")
        return Ready(kind, media.content, found)
    try:
        content, seconds = await asyncio.to_thread(_as_mp3, media.content)
    except (ValueError, CannotSpeak) as wrong:
        raise NotMedia("no-sound") from wrong
    return Ready(kind, content, "audio/mpeg", round(seconds))


def _webp(content: bytes) -> str | None:
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _as_mp3(file: bytes) -> tuple[bytes, float]:
    heard = decode(file, LONGEST_S)
    if not heard.samples:
        raise ValueError("silent")
    return encode(heard, "mp3"), heard.seconds


class Shelf:
    """One folder of sealed files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, work: Work, patient: Patient, line_key: str, ready: Ready) -> str:
        """Keep a file for a line of the conversation, once.  Returns its id."""
        mine = select(Attachment.id).where(Attachment.patient_id == patient.id, Attachment.line_key == line_key)
        known = await work.session.scalar(mine)
        if known:
            return known
        id_ = new_id()
        sealed = await Vault(work).seal_bytes(patient.id, f"{SEALED_AS}.{id_}", ready.content)
        await asyncio.to_thread(self._write, id_, sealed)  # first the file: a row without one would promise too much
        row: dict[str, Any] = {
            "id": id_,
            "clinic_id": patient.clinic_id,
            "patient_id": patient.id,
            "line_key": line_key,
            "kind": ready.kind,
        }
        row |= {"media_type": ready.media_type, "seconds": ready.seconds, "received_at": work.now}
        await insert_new(work, Attachment, [row], Attachment.id)
        return id_

    async def open(self, work: Work, clinic_id: str, attachment_id: str) -> tuple[Attachment, bytes]:
        """A file of this clinic's patient; else NotFound, also when its time is over."""
        row = await work.session.get(Attachment, attachment_id)
        path = self._path(attachment_id) if row else self.folder
        if row is None or row.clinic_id != clinic_id or row.forgotten_at or not path.is_file():
            raise NotFound(attachment_id)
        sealed = await asyncio.to_thread(path.read_bytes)
        return row, await Vault(work).open_bytes(row.patient_id, f"{SEALED_AS}.{row.id}", sealed)

    async def forget_old(self, work: Work) -> None:
        """Files whose time is over are deleted; the line that says something came stays."""
        old = select(Attachment.id).where(Attachment.received_at < work.now - KEPT_FOR, Attachment.forgotten_at.is_(None))
        ids = list(await work.session.scalars(old))
        self.remove(ids)
        if ids:
            await work.session.execute(update(Attachment).where(Attachment.id.in_(ids)).values(forgotten_at=work.now))

    @staticmethod
    async def forget_of(work: Work, patient_id: str) -> list[str]:
        """Everything of one patient, whatever its age.  Returns the ids, for `remove` once this is committed."""
        mine = update(Attachment).where(Attachment.patient_id == patient_id, Attachment.forgotten_at.is_(None))
        return list(await work.session.scalars(mine.values(forgotten_at=work.now).returning(Attachment.id)))

    def remove(self, ids: Iterable[str]) -> None:
        for each in ids:
            self._path(each).unlink(missing_ok=True)

    def _path(self, attachment_id: str) -> Path:
        return self.folder / f"{attachment_id}.sealed"

    def _write(self, attachment_id: str, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f".{attachment_id}.new"
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path(attachment_id))
