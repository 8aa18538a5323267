"""What the studio lays over the files: texts and recordings that were published and not exported yet."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Mapped

from care.content.reading import LOADER
from care.kit.database import Work
from care.kit.logs import get_log
from care.speech.recorded import EXTENSIONS
from care.studio.desk import keeper
from care.studio.folders import fingerprint, make, note_of, written_of
from care.studio.tables import NewTopic, Publication, Recording, Release

SOUND = "opus"  # every recording is kept in one form, whatever a browser sent
log = get_log("studio")


@dataclass(frozen=True)
class Overlay:
    """Files by their place below content/, and lines of topics.yml."""

    texts: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # id: line and new_sources
    sounds: Mapping[str, str] = field(default_factory=dict)  # ug/audio/fever-infection@1f0c2d3e: hash

    def __bool__(self) -> bool:
        return bool(self.texts or self.sounds)

    def name(self, base: str) -> str:
        """Of the folder in which it lies over a base."""
        parts = [base, sorted(self.texts.items()), sorted(self.topics.items()), sorted(self.sounds.items())]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:16]

    def lay(self, folder: Path, sounds: Path) -> None:
        """Write everything into a folder.  A sound that this machine does not have is left out: a machine voice speaks then."""
        for place, text in self.texts.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")
        if self.topics:
            listed = (folder / "topics.yml").read_text(encoding="utf-8")
            (folder / "topics.yml").write_text(list_topics(listed, self.topics), encoding="utf-8")
        for place, sound in self.sounds.items():
            _lay_sound(folder / place, sounds / f"{sound}.{SOUND}")


def _lay_sound(target: Path, sound: Path) -> None:
    if not sound.is_file():
        log.warning("recording.missing", file=sound.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for extension in EXTENSIONS:  # one of before in another form would be found first
        target.with_name(f"{target.name}.{extension}").unlink(missing_ok=True)
    shutil.copyfile(sound, target.with_name(f"{target.name}.{SOUND}"))


def list_topics(source: str, topics: Mapping[str, Mapping[str, Any]]) -> str:
    """topics.yml with the lines of topics that it does not list, and with their sources; every other byte stays."""
    root: Any = LOADER(source).get_single_node()
    values = yaml.load(source, LOADER)  # noqa: S506 - a safe loader
    known = {each["id"] for each in values["topics"]}
    fresh = {topic_id: entry for topic_id, entry in topics.items() if topic_id not in known}
    lines = [{"id": topic_id, **entry["line"]} for topic_id, entry in fresh.items()]
    named = {name: said for entry in fresh.values() for name, said in entry["new_sources"].items()}
    sources = {name: said for name, said in named.items() if name not in values["sources"]}
    nodes = {key.value: node for key, node in root.value}
    blocks: list[tuple[yaml.Node, Any]] = [(nodes["topics"], lines), (nodes["sources"], sources)]
    for node, block in sorted(blocks, key=lambda each: -each[0].start_mark.index):  # from the last: no place moves another
        source = _insert(source, _end(node), block, node.start_mark.column) if block else source
    return source


def _end(node: yaml.Node) -> int:
    """Behind the last line of a block; YAML itself counts what stands between it and the next key as its own."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return int(node.end_mark.index)


def _insert(source: str, at: int, block: Any, column: int) -> str:
    end = source.find("\n", at - 1) + 1 or len(source)
    written = yaml.safe_dump(block, allow_unicode=True, sort_keys=False, width=1_000)
    indented = "".join(f"{' ' * column}{line}\n" for line in written.splitlines())
    return source[:end].rstrip("\n") + "\n" + indented + source[end:]


async def newest_release(work: Work) -> int:
    """Its number; 0 before the first."""
    return int(await work.session.scalar(select(func.max(Release.id))) or 0)


async def announce(work: Work, kind: str, content: str = "", made_by: str | None = None) -> int:
    """Tell every process that other words are to be spoken.  Returns the number of the release."""
    row = Release(clinic_id=await keeper(work, holds=True), kind=kind, content=content, made_by=made_by, made_at=work.now)
    work.session.add(row)
    await work.session.flush()
    return row.id


async def read_overlay(work: Work, base: Path | None = None) -> Overlay:
    """What was published and is not in the files yet; for a base, not in those as they were when it was copied."""
    note = note_of(base) if base else None
    clinic_id, since = await keeper(work), note.release if note else None
    texts = {f"{each.language}/{each.place}": each.text for each in await _publications(work, clinic_id, since)}
    topics = await work.session.scalars(
        select(NewTopic).where(NewTopic.clinic_id == clinic_id, _open(NewTopic.exported_in, since))
    )
    heard = select(Recording).where(Recording.clinic_id == clinic_id, Recording.removed_at.is_(None))
    heard = heard.where(Recording.published_in.is_not(None), _open(Recording.exported_in, since))
    sounds = await work.session.scalars(heard.order_by(Recording.published_in, Recording.made_at))
    return Overlay(
        texts,
        {each.id: entry_of(each) for each in topics if has_text(each.id, texts)},
        {place_of(each): each.sound for each in sounds},
    )


async def _publications(work: Work, clinic_id: str, since: int | None) -> list[Publication]:
    """The newest of each place."""
    counts = select(func.max(Publication.id)).where(Publication.clinic_id == clinic_id, Publication.dropped_in.is_(None))
    counts = counts.where(_open(Publication.exported_in, since)).group_by(Publication.language, Publication.place)
    found = await work.session.scalars(select(Publication).where(Publication.id.in_(counts)).order_by(Publication.id))
    return list(found)


def _open(exported_in: Mapped[int | None], since: int | None) -> ColumnElement[bool]:
    """Not exported, or exported after the files were read."""
    return exported_in.is_(None) if since is None else or_(exported_in.is_(None), exported_in > since)


def entry_of(topic: NewTopic) -> dict[str, Any]:
    return {"line": topic.line, "new_sources": topic.new_sources}


def has_text(topic_id: str, texts: Mapping[str, str]) -> bool:
    return any(place.endswith(f"/topics/{topic_id}.md") for place in texts)


def place_of(recording: Recording) -> str:
    """Where a recording lies below content/, without its extension."""
    return f"{recording.language}/audio/{recording.key}@{recording.words}"


def with_more(overlay: Overlay, texts: Mapping[str, str], topics: Mapping[str, Any], sounds: Mapping[str, str]) -> Overlay:
    """The same with what is about to be published."""
    return replace(
        overlay, texts={**overlay.texts, **texts}, topics={**overlay.topics, **topics}, sounds={**overlay.sounds, **sounds}
    )


def build(home: Path, base: Path, overlay: Overlay) -> Path:
    """The folder of a base with an overlay on it, made if need be; without an overlay the base itself.  Raises OSError."""
    if not overlay:
        return base
    note = note_of(base)
    written, release = written_of(base), note.release if note else 0

    def fill(folder: Path) -> None:
        shutil.copytree(base, folder)
        overlay.lay(folder, sounds_of(home))

    name = overlay.name(note.content if note else fingerprint(base))
    return make(home, name, written, release, fill)


def sounds_of(home: Path) -> Path:
    """Where the sound of recordings lies, by its hash."""
    return home / "studio" / "audio"
