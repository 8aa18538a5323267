"""What every channel promises, and what it is handed.

A channel knows an address and a text, never a patient.  Its methods are pure but `invite`, `send` and `fetch_media`:

    verify(post)                    whoever sent it knows our secret, or Forged
    parse(post)                     what it says, one Inbound each; one post may carry many
    plan(said, contact, now)        how it can be said now, or SendFailed: the window is closed
    invite(code)                    the address behind a card's QR code
    send(step)                      a Receipt, or SendFailed with a cause; anything else means that nobody knows
    fetch_media(ref)                the sound or picture a patient sent

Most vendors speak JSON: care/kit/json_bytes.py is for all of them.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class Cause(StrEnum):
    """Why a channel did not take a message."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    WINDOW_CLOSED = "window-closed"
    BAD_ADDRESS = "bad-address"
    NOT_DELIVERED = "not-delivered"  # this one did not arrive there; the address may be right all the same
    OPTED_OUT = "opted-out"
    REFUSED = "refused"
    BROKEN = "broken"
    OUR_BUG = "our-bug"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Abilities:
    """What a channel may do; planning a message starts here."""

    voice: bool
    buttons: bool
    takes_key: bool  # the channel itself drops a second copy of one key, so a retry can never be seen twice
    sockets: int = 128  # messages on the wire at once
    per_second: float | None = None  # the most the vendor takes, from all of us together; None: no limit is known
    sound: str = "mp3"  # extension of the recordings it plays
    longest_sound_s: float | None = None  # a recording is cut into such pieces
    hears: bool = True  # the patient can answer through it
    by_number: bool = False  # their telephone number is the address: nobody has to bring a code
    servers: str = ""  # the country a message leaves to: CN, KZ, or "abroad"; empty: it stays in the hospital


class Way(StrEnum):
    """How a message reaches the patient; shown to the nurse before and after."""

    LINE = "line"  # in our own web app
    VOICE = "voice"  # a recording, and its text beside it
    TEXT = "text"  # words; with a link to the listening page for who wants to hear them
    NOTICE = "notice"  # the vendor's fixed form, whose tap opens the window or our page
    CALL = "call"  # the telephone rings and speaks


class Why(StrEnum):
    """Why a message goes another way than usual; shown to the nurse."""

    USUAL = ""
    WINDOW_CLOSED = "window-closed"
    QUOTA_USED = "quota-used"  # the vendor counts, and the patient has not written since
    NO_SOUND = "no-sound"  # the app does not play this recording
    TOO_LONG = "too-long"
    RUNG_ENOUGH = "rung-enough"  # no more calls today


@dataclass(frozen=True)
class Contact:
    """Where one patient is reached through one channel, and what the vendor lets us do there.

    A vendor's window opens with something the patient did (`opened_by`, a word of the channel's own) and closes with time
    or with so many messages (`spent`, counted since).
    """

    address: str
    opened_at: datetime | None = None
    opened_by: str = ""
    spent: int = 0
    aliases: tuple[str, ...] = ()  # Inbound.aliases as they were last heard


@dataclass(frozen=True)
class Sound:
    """A recording that is ready to send; a second message with the same `name` is the same sound."""

    name: str
    seconds: float
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Choice:
    """A button: what it says, and what comes back when it is pressed (at most 64 bytes)."""

    label: str
    payload: str


@dataclass(frozen=True)
class Said:
    """One message as it is to be said, before a channel decides how."""

    key: str  # the same at every try
    text: str
    form: str = ""  # language and script: ug-Arab, kk-Cyrl ...
    kind: str = ""  # medicine, appointment, reply ...: picks the vendor's fixed form
    title: str = ""  # a few words for a fixed form: at most 20 characters
    choices: tuple[Choice, ...] = ()
    sound: Sound | None = None
    link: str = ""  # of the listening page
    content: Mapping[str, Any] = field(default_factory=dict)  # the reply as our own app keeps it; and what fills a form


class Step(NamedTuple):
    """One call to the vendor.  `body` is the channel's own; `spends`: of what its window still allows."""

    way: Way
    address: str
    key: str
    body: Mapping[str, Any]
    spends: int = 0
    sound: Sound | None = None


class Plan(NamedTuple):
    """The calls that say one message, in order.

    The first is the message: its fate is the message's.  What follows stands beside it (the text of a recording): it is
    tried once and never repeated.
    """

    steps: tuple[Step, ...]
    why: Why = Why.USUAL

    @property
    def way(self) -> Way:
        return self.steps[0].way


class Receipt(NamedTuple):
    """The channel took it, under its own id."""

    provider_id: str


class SendFailed(Exception):
    """The channel is known not to have taken it.

    `said` are the vendor's own words, for whoever mends the adapter: they may hold an address and are never logged.
    `of_one`: the limit is this person's; nobody else has to wait.
    """

    def __init__(self, cause: str, said: str = "", again_after: timedelta | None = None, of_one: bool = False) -> None:
        super().__init__(cause)
        self.cause, self.said, self.again_after, self.of_one = cause, said, again_after, of_one


@dataclass(frozen=True)
class Post:
    """A request of the vendor's as it came: `body` are the raw bytes the signature covers; header names in lower case."""

    method: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What the vendor wants to hear back."""

    text: str = ""
    media_type: str = "text/plain"


class Forged(Exception):
    """Whoever sent this does not know our secret.  Answered 403 and kept nowhere."""


class Unreadable(Exception):
    """Of the vendor, and not to be read.  Kept as it came, answered as if all were well, and shown to whoever mends it."""


class Act(StrEnum):
    """What a patient did, or what became of a message."""

    WRITE = "write"  # words
    PRESS = "press"  # a button, by its payload
    SPEAK = "speak"  # a voice message
    SHOW = "show"  # a picture
    SEND = "send"  # anything else: a place, a card, a film
    ARRIVE = "arrive"  # followed us, pressed Start, or scanned a card; `code` when they brought one
    LEAVE = "leave"  # unfollowed, blocked or refused us
    MOVE = "move"  # the vendor says that somebody has another name from now on; `formerly` are the ones they had
    STATUS = "status"  # of a message of ours


@dataclass(frozen=True)
class Inbound:
    """One thing that came in.  `key` tells a repeat from a second one, whatever order they come in."""

    key: str
    act: Act
    address: str = ""  # of the person; as the vendor names them to us
    at: datetime | None = None  # by the vendor's clock
    text: str = ""  # the person's own words, under a picture too, or what stands on the button; never a place's or a page's
    payload: str = ""  # of a pressed button
    code: str = ""  # of a patient's card
    media: str = ""  # what fetch_media takes
    opens: str = ""  # what this opens for us (Contact.opened_by); empty: nothing
    aliases: tuple[str, ...] = ()  # other names of the same person: a telephone number beside the vendor's own id
    formerly: tuple[str, ...] = ()  # of who has moved
    provider_id: str = ""  # of the message a status is about
    our_key: str = ""  # the same by our own key, where the vendor gives it back
    status: str = ""  # sent, delivered, read, failed (care.messages.types.State)
    cause: str = ""  # of a failure


@dataclass(frozen=True)
class Media:
    """What a patient sent, as bytes."""

    content: bytes
    media_type: str


class Channel(Protocol):
    """One way to reach a patient.  A channel without webhooks raises Forged from `verify` and parses nothing."""

    name: str
    can: Abilities

    def verify(self, post: Post) -> None:
        """Raises Forged.  Compares in constant time."""

    def greet(self, post: Post) -> Answer:
        """The answer to the vendor's first GET, once verified."""

    def parse(self, post: Post) -> list[Inbound]:
        """Everything in it, in order.  Raises Unreadable."""

    def thank(self, post: Post) -> Answer:
        """What the vendor takes for "received".  Raises nothing, whatever the post holds."""

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        """How to say it now.  Raises SendFailed(WINDOW_CLOSED) when only another channel can."""

    async def invite(self, code: str) -> str:
        """The address a patient's card shows as a QR code; empty where there is none.  `code`: of the card.

        Some vendors make it themselves.  Raises SendFailed.
        """

    async def send(self, step: Step) -> Receipt:
        """Call once.  Raises SendFailed when it was not taken; any other exception means nobody knows."""

    async def fetch_media(self, ref: str) -> Media:
        """What a patient sent.  Raises SendFailed."""

    async def close(self) -> None:
        """Let go of open connections."""


class Unheard:
    """For channels nobody answers through: no webhook is theirs, and a message is one call that takes it whole."""

    way = Way.LINE

    def plan(self, said: Said, contact: Contact, now: datetime) -> Plan:
        return Plan((self.whole(contact.address, said.key, said.content),))

    def whole(self, address: str, key: str, content: Mapping[str, Any]) -> Step:
        """The one call.  Whoever sends thousands needs no plan for it."""
        return Step(self.way, address, key, content)

    def verify(self, post: Post) -> None:
        raise Forged

    def greet(self, post: Post) -> Answer:
        raise Forged

    def parse(self, post: Post) -> list[Inbound]:
        return []

    def thank(self, post: Post) -> Answer:
        return Answer()

    async def invite(self, code: str) -> str:
        return ""

    async def fetch_media(self, ref: str) -> Media:
        raise SendFailed(Cause.REFUSED)

    async def close(self) -> None:
        return None


class Notes(Protocol):
    """What a channel must remember between processes: tokens, and ids of sounds that were uploaded."""

    async def get(self, name: str) -> str | None:
        """None when unknown or out of date."""

    async def put(self, name: str, value: str, until: datetime) -> None:
        """Kept sealed, under the channel's name."""

    async def forget(self, name: str, value: str) -> None:
        """This value no longer works; one that another process has put since is left."""


class NotConfigured(Exception):
    """Half of a channel's settings are there.  One sentence: what is missing, and the variable that gives it."""


Append = Callable[[str, str, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Ports:
    """What the process hands to a channel, because a channel knows no patient, no database and no clock."""

    append: Append  # (address, key, content): a line in our own conversation, once a key
    notes: Callable[[str], Notes]  # by the channel's name
    now: Callable[[], datetime]
