"""Which channels a message may take now, the one a patient used last first; a closed window is seen before anything is tried."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select

from care.channels.base import Channel, Contact, Said
from care.conversation.consenting import ABROAD
from care.kit.database import Work
from care.messages.facts import Due
from care.messages.replies import REPLY
from care.messages.windows import reach, reminder
from care.people.linking import is_open
from care.people.tables import Consent, Device
from scheduler.outbound import takes_whole
from scheduler.places import Places

# Names of channels by patient and kind of message; whoever is not named is reached in our own app only.
Ways = Mapping[tuple[str, str], list[str]]


async def find_ways(work: Work, due: Collection[Due], channels: Mapping[str, Channel], places: Places) -> Ways:
    """Of those who are reached in an app too.  Costs nothing where nobody is."""
    apps = {name for name, channel in channels.items() if not takes_whole(channel)}
    asked = {(each.patient_id, each.kind): each.form for each in due if each.kind != REPLY and each.channels & apps}
    if not asked:
        return {}
    patients = {patient_id for patient_id, _ in asked}
    agreed = await _agreed(work, patients) if any(map(places.is_abroad, channels.values())) else set()
    mine = select(Device).where(Device.patient_id.in_(patients), is_open(work.now))
    devices: dict[str, list[Device]] = {each: [] for each in patients}
    for device in await work.session.scalars(mine.order_by(Device.seen_at.desc(), Device.id)):
        channel = channels.get(device.channel)
        if channel and (device.patient_id in agreed or not places.is_abroad(channel)):
            devices[device.patient_id].append(device)
    ways = {}
    for (patient_id, kind), form in asked.items():
        said = reminder(form, kind, places.address)
        open_ones = [each.channel for each in devices[patient_id] if _is_open(channels[each.channel], each, work.now, said)]
        ways[patient_id, kind] = list(dict.fromkeys(open_ones))
    return ways


def _is_open(channel: Channel, device: Device, now: datetime, said: Said) -> bool:
    """Some way of the channel's is open, were it a notice."""
    contact = Contact(device.id, device.opened_at, device.opened_by, device.spent)
    return takes_whole(channel) or reach(channel, contact, now, said).way is not None


async def _agreed(work: Work, ids: Collection[str]) -> set[str]:
    """Whose latest word on a service abroad was yes."""
    latest = select(func.max(Consent.id)).where(Consent.patient_id.in_(ids), Consent.purpose == ABROAD)
    yes = select(Consent.patient_id).where(Consent.id.in_(latest.group_by(Consent.patient_id)), Consent.given)
    return set(await work.session.scalars(yes))
