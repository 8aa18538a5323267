"""Which channels a message may take now, the one a patient used last first; a closed window is seen before anything is tried."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from care.channels.base import Channel, Contact
from care.conversation.consenting import ABROAD
from care.kit.database import Work
from care.messages.facts import Due
from care.messages.replies import REPLY
from care.messages.windows import reach
from care.people.linking import is_open
from care.people.tables import Consent, Device
from scheduler.outbound import takes_whole
from scheduler.places import Places

Ways = Mapping[str, list[str]]  # names of channels by patient; whoever is not named is reached in our own app only


async def find_ways(work: Work, due: Collection[Due], channels: Mapping[str, Channel], places: Places) -> Ways:
    """Of those who are reached in an app too.  Costs nothing where nobody is."""
    apps = {name for name, channel in channels.items() if not takes_whole(channel)}
    asked = {each.patient_id for each in due if each.kind != REPLY and each.channels & apps}
    if not asked:
        return {}
    agreed = await _agreed(work, asked) if any(map(places.is_abroad, channels.values())) else set()
    ways: dict[str, list[str]] = {each: [] for each in asked}
    mine = select(Device).where(Device.patient_id.in_(asked), is_open(work.now)).order_by(Device.seen_at.desc(), Device.id)
    for device in await work.session.scalars(mine):
        channel, known = channels.get(device.channel), ways[device.patient_id]
        if channel is None or device.channel in known:
            continue
        may = not places.is_abroad(channel) or device.patient_id in agreed
        if takes_whole(channel) or (may and _is_open(channel, device, work)):
            known.append(device.channel)
    return ways


def _is_open(channel: Channel, device: Device, work: Work) -> bool:
    """Some way of the channel's is open, were it a notice."""
    contact = Contact(device.id, device.opened_at, device.opened_by, device.spent)
    return reach(channel, contact, work.now).way is not None


async def _agreed(work: Work, ids: Collection[str]) -> set[str]:
    """Whose latest word on a service abroad was yes."""
    latest = select(func.max(Consent.id)).where(Consent.patient_id.in_(ids), Consent.purpose == ABROAD)
    yes = select(Consent.patient_id).where(Consent.id.in_(latest.group_by(Consent.patient_id)), Consent.given)
    return set(await work.session.scalars(yes))
