"""What a telephone shows of one app, and what can be done with it: one subclass for each app, beside this file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from tests.vendors.base import FAULTS, Taken, Vendor


@dataclass(frozen=True)
class Bubble:
    """One thing on the screen.  `sound`: a name the page plays; `kind`: what it is when it is not simply words."""

    at: datetime
    text: str
    is_mine: bool = False
    kind: str = ""
    buttons: tuple[tuple[str, str], ...] = ()  # what it says, what comes back
    sound: str = ""
    link: str = ""
    number: int = 0  # of Vendor.taken, from 1
    rings: bool = False


@dataclass(frozen=True)
class Window:
    """What the vendor lets the hospital do at this moment, and what its telephone is.  `left`: -1 where nothing is counted."""

    words: str
    until: datetime | None = None
    left: int = -1


class App:
    """One app on three telephones, the addresses of which the vendor knows.  `hook`: where its vendor posts."""

    name: ClassVar[str]
    title: ClassVar[str]
    addresses: ClassVar[tuple[str, ...]]
    presets: ClassVar[tuple[str, ...]]  # of `refuse_next`
    usual: ClassVar[tuple[tuple[str, str], ...]]  # (a plain word, the preset) of what everybody wants to see
    takes_keys: ClassVar[bool] = False  # the hospital hears which key was pressed in a call
    acts: ClassVar[tuple[str, ...]] = ("scan", "write", "speak", "show", "leave", "come")
    vendor: Any

    def __init__(self, vendor: Vendor, door: str) -> None:
        self.vendor, self.door, self.hook = vendor, door, f"{door}/hooks/{self.name}"
        self.set_up()

    def set_up(self) -> None:
        """What the vendor has to know of the hospital: where it posts, and what was approved."""

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        """The settings of the channel under which it meets the stand-in at `url`, by their names without the prefix."""
        raise NotImplementedError

    @property
    def faults(self) -> tuple[str, ...]:
        return (*self.presets, *FAULTS)

    def inject(self, fault: str) -> None:
        """The next message meets it."""
        if fault in FAULTS:
            self.vendor.faults.append(fault)
        else:
            self.vendor.refuse_next(fault)

    def is_to(self, taken: Taken, address: str) -> bool:
        return taken.to == address

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        """A message of the hospital's."""
        raise NotImplementedError

    def sound(self, name: str) -> bytes:
        """What a bubble plays; empty when it is gone."""
        found: bytes = self.vendor.sounds.get(name, b"")
        return found

    def window(self, address: str) -> Window:
        raise NotImplementedError

    async def arrived(self, taken: Taken, number: int) -> None:
        """The telephone has it: what the vendor tells of that."""

    # What the patient does

    async def scan(self, address: str, code: str) -> None:
        """The QR code of a card that holds this linking code."""
        raise NotImplementedError

    async def write(self, address: str, text: str) -> None:
        raise NotImplementedError

    async def press(self, address: str, bubble: Bubble, payload: str) -> None:
        """A button below a message."""
        raise NotImplementedError

    async def speak(self, address: str, content: bytes) -> None:
        raise NotImplementedError

    async def picture(self, address: str, content: bytes) -> None:
        raise NotImplementedError

    async def leave(self, address: str) -> None:
        raise NotImplementedError

    async def come(self, address: str) -> None:
        raise NotImplementedError

    async def call(self, bubble: Bubble, key: str) -> None:
        """The telephone rang.  `key`: what was pressed, `answer` for nothing, `miss` when nobody took it."""
        raise NotImplementedError


def label_of(bubble: Bubble, payload: str) -> str:
    return next((label for label, each in bubble.buttons if each == payload), "")
