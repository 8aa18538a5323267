"""Telegram, through its Bot API (https://core.telegram.org/bots/api).

The library is imported only where a bot is configured: it costs a third of a second and 40 MB a process.
"""

import re
from typing import TYPE_CHECKING

from care.channels.base import NotConfigured, Ports
from care.channels.telegram.settings import TelegramSettings

if TYPE_CHECKING:
    from care.channels.telegram.channel import Telegram

# What each must look like, and what it is for whoever has to find it.
SHAPES = {
    "token": (r"\d+:[\w-]{20,}", "the token BotFather gave for the bot, digits:letters"),
    "bot": (r"\w{5,32}", "the bot's name without @"),
    "secret": (r"[A-Za-z0-9_-]{16,256}", "16 to 256 of A-Z a-z 0-9 _ - that only Telegram and you know"),
}


def make(ports: Ports) -> "Telegram | None":
    """None without any of the three settings; raises NotConfigured when one is missing or cannot be right."""
    settings = TelegramSettings()
    told = {"token": settings.token.get_secret_value(), "bot": settings.bot, "secret": settings.secret.get_secret_value()}
    if not any(told.values()):
        return None
    for name, (shape, what) in SHAPES.items():
        if not re.fullmatch(shape, told[name], re.ASCII):
            raise NotConfigured(f"Telegram needs KAREZ_TELEGRAM_{name.upper()}: {what}.")
    from care.channels.telegram.channel import Telegram

    return Telegram(settings, ports)
