"""Finds the channels: every folder beside this file is one, and offers `make(ports)`, None while it is not configured."""

from importlib import import_module
from pkgutil import iter_modules

import care.channels
from care.channels.base import Channel, Ports


def channel_names() -> list[str]:
    """The folders, by name."""
    return sorted(found.name for found in iter_modules(care.channels.__path__) if found.ispkg)


def make_channels(ports: Ports) -> dict[str, Channel]:
    """Every channel that is configured, by its own name.  Raises NotConfigured for one that is so by half."""
    made = [import_module(f"care.channels.{name}").make(ports) for name in channel_names()]
    return {channel.name: channel for channel in made if channel}
