"""What channels remember between processes: sealed with the master key, each note with its end."""

from datetime import datetime

from sqlalchemy import delete

from care.kit.database import Database, Work, insert_new
from care.messages.tables import ChannelNote


class StoredNotes:
    """The notes of one channel."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database, self._channel = database, channel

    async def get(self, name: str) -> str | None:
        """None when unknown or out of date."""
        async with self._database.look() as work:
            row = await work.session.get(ChannelNote, self._place(work, name))
            if row is None or row.expires_at <= work.now:
                return None
            return work.master.unseal(self._bound_to(name), row.value_sealed).decode()

    async def put(self, name: str, value: str, until: datetime) -> None:
        """A newer value takes the place of an older one."""
        async with self._database.work() as work:
            channel, index = self._place(work, name)
            here = (ChannelNote.channel == channel, ChannelNote.note_index == index)
            await work.session.execute(delete(ChannelNote).where(*here))
            await work.session.execute(delete(ChannelNote).where(ChannelNote.expires_at <= work.now))
            row = {
                "channel": channel,
                "note_index": index,
                "value_sealed": work.master.seal(self._bound_to(name), value.encode()),
                "value_index": self._value_index(work, value),
                "expires_at": until,
            }
            await insert_new(work, ChannelNote, [row], ChannelNote.note_index)

    async def forget(self, name: str, value: str) -> None:
        """This value no longer works; one that another process has put since is left."""
        async with self._database.work() as work:
            channel, index = self._place(work, name)
            here = (ChannelNote.channel == channel, ChannelNote.note_index == index)
            await work.session.execute(
                delete(ChannelNote).where(*here, ChannelNote.value_index == self._value_index(work, value))
            )

    def _place(self, work: Work, name: str) -> tuple[str, str]:
        return self._channel, work.master.blind_index(f"note.{self._channel}", name)

    def _bound_to(self, name: str) -> str:
        return f"channel_note.{self._channel}.{name}"

    def _value_index(self, work: Work, value: str) -> str:
        return work.master.blind_index(f"note-value.{self._channel}", value)
