"""Finds the channels: every folder beside this file is one, and offers `make(ports)`, None while it is not configured."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

import care.channels
from care.channels.base import Channel, NotConfigured, Ports


def channel_names() -> list[str]:
    """The folders, by name."""
    return sorted(found.name for found in iter_modules(care.channels.__path__) if found.ispkg)


def make_channels(ports: Ports) -> dict[str, Channel]:
    """Every channel that is configured, by its own name.  Raises NotConfigured for one that is so by half."""
    made = [import_module(f"care.channels.{name}").make(ports) for name in channel_names()]
    return {channel.name: channel for channel in made if channel}


def refuse_abroad(channels: Iterable[Channel], region: str, reason: str) -> None:
    """Patients' words leave the country only when whoever runs the server has written down why.  Raises NotConfigured.

    Each patient is asked besides; this is the hospital's half (facts: trust, section 10).
    """
    abroad = sorted(each.name for each in channels if each.can.servers not in ("", region))
    if abroad and not reason.strip():
        raise NotConfigured(
            f"{', '.join(abroad)}: the servers stand outside {region}, where this hospital is. "
            "Write in KAREZ_ABROAD_REASON why that is allowed, or take the settings of the channel away."
        )
