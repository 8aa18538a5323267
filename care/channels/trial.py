"""How a channel is measured without its vendor: settings of a made-up account, what the vendor says when all is well, its posts.

Each folder brings its own in `trial.py`; `karez bench channels` measures whatever has one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from care.channels.base import Post
from care.channels.registry import channel_names

URL = "{url}"  # in a setting: the address of whoever plays the vendor


@dataclass(frozen=True)
class Written:
    """What one person writes: the `number` is no other's, so that the vendor's key for it is no other's."""

    address: str
    number: int
    words: str
    at: datetime


@dataclass(frozen=True)
class Trial:
    """`answers`: by the end of a path, without its query.  `post`: signed as the vendor signs it."""

    settings: Mapping[str, str]
    answers: Mapping[str, str]
    address: Callable[[int], str]
    post: Callable[[Written], Post]
    opened_by: str = "message"

    def environment(self, url: str) -> dict[str, str]:
        """The account's settings, with every call going to `url`."""
        return {name: value.replace(URL, url) for name, value in self.settings.items()}


def find_trials() -> dict[str, Trial]:
    """By the channel's name; our own app has no vendor."""
    names = [name for name in channel_names() if find_spec(f"care.channels.{name}.trial")]
    return {name: import_module(f"care.channels.{name}.trial").TRIAL for name in names}
