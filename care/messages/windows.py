"""What a vendor's window lets us do, asked of the channel's own plan: nobody else knows its rules."""

from datetime import datetime, timedelta

from care.channels.base import Channel, Contact, Said, SendFailed, Way

PROBE = Said(key="probe", text="Karez", title="Karez", kind="reply")
LATER = timedelta(minutes=5)  # beyond the short windows a press of a menu opens


def can_talk(channel: Channel, contact: Contact, at: datetime) -> bool:
    """Whether free words reach them then; a notice is no conversation."""
    try:
        return channel.plan(PROBE, contact, at).way != Way.NOTICE
    except SendFailed:
        return False


def gives_more(channel: Channel, old: Contact, new: Contact, now: datetime) -> bool:
    """Whether a fresh opening replaces what is open: a press that opens one minute must not shut two days."""
    later = now + LATER
    return old.opened_at is None or can_talk(channel, new, later) or not can_talk(channel, old, later)
