"""A channel with its vendor's stand-in beside it: what `open_stand(clock, tmp_path)` of every module in this folder gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from care.channels.base import Channel, Post


@dataclass(frozen=True)
class Stand:
    """`sign(body, query)` makes the Post the vendor would have sent; `address` is a person who can be reached now."""

    channel: Channel
    vendor: Any  # a tests.vendors.base.Vendor with `refuse_next(preset)`
    sign: Callable[[bytes, Mapping[str, str]], Post]
    address: str
    secrets: tuple[str, ...] = ()  # tokens and keys that may stand in no log and no error
    signs_body: bool = True  # False: the vendor only repeats a secret, whatever the body says
