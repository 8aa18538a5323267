"""Which channels a message may take now, the one a patient used last first; a closed window is seen before anything is tried."""

from collections import defaultdict
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

Ways = Mapping[str, list[str]]  # names of channels by message; one that is not named goes through our own app only


async def find_ways(work: Work, due: Collection[Due], channels: Mapping[str, Channel], places: Places) -> Ways:
    """Of messages to those who are reached in an app too.  Costs nothing where nobody is."""
    apps = {name for name, channel in channels.items() if not takes_whole(channel)}
    asked = [each for each in due if each.kind != REPLY and each.channels & apps]
    if not asked:
        return {}
    devices = await open_contacts(work, {each.patient_id for each in asked}, channels, places)
    said = {each.id: reminder(each.form, each.kind, places.address) for each in asked}
    return {each.id: ways_of(devices[each.patient_id], channels, said[each.id], work.now) for each in asked}


async def open_contacts(
    work: Work, ids: Collection[str], channels: Mapping[str, Channel], places: Places
) -> defaultdict[str, list[Device]]:
    """By patient, the one used last first; none in a service abroad of who has not agreed to that."""
    agreed = await _agreed(work, ids) if any(map(places.is_abroad, channels.values())) else set()
    mine = select(Device).where(Device.patient_id.in_(ids), Device.channel.in_(channels), is_open(work.now))
    found = defaultdict(list)
    for device in await work.session.scalars(mine.order_by(Device.seen_at.desc(), Device.id)):
        if device.patient_id in agreed or not places.is_abroad(channels[device.channel]):
            found[device.patient_id].append(device)
    return found


def ways_of(devices: Collection[Device], channels: Mapping[str, Channel], said: Said, now: datetime) -> list[str]:
    """Those of a patient's channels through which this can go then, were it as a notice."""
    usable = (each.channel for each in devices if _takes(channels[each.channel], each, said, now))
    return list(dict.fromkeys(usable))


def _takes(channel: Channel, device: Device, said: Said, now: datetime) -> bool:
    contact = Contact(device.id, device.opened_at, device.opened_by, device.spent)
    return takes_whole(channel) or reach(channel, contact, now, said).way is not None


async def _agreed(work: Work, ids: Collection[str]) -> set[str]:
    """Whose latest word on a service abroad was yes."""
    latest = select(func.max(Consent.id)).where(Consent.patient_id.in_(ids), Consent.purpose == ABROAD)
    yes = select(Consent.patient_id).where(Consent.id.in_(latest.group_by(Consent.patient_id)), Consent.given)
    return set(await work.session.scalars(yes))
