"""Where a draft may stand, and the ways an action is refused: each named for the fact, with what is needed to mend it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care.content.types import Problem

MAY_WRITE = ("editor", "reviewer", "admin")
MAY_SIGN = ("reviewer",)


class State(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    SIGNED = "signed"
    PUBLISHED = "published"


class Did(StrEnum):
    """What somebody did to a draft."""

    BEGAN = "began"
    SAVED = "saved"
    RESTORED = "restored"
    MERGED = "merged"
    SUBMITTED = "submitted"
    SENT_BACK = "sent back"
    SIGNED = "signed"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Saved:
    """What was saved is the newest edition now."""

    edition: int
    state: State


@dataclass(frozen=True)
class Conflict:
    """Somebody saved meanwhile.  Both texts are kept: theirs is the newest edition, ours stands aside under its own number."""

    edition: int
    theirs: str
    by: str  # staff id; empty: the file
    at: datetime
    aside: int
    ours: str


class Refused(Exception):
    """An action of the studio that was not done, and left everything as it was."""


class NotAllowed(Refused):
    """The role may not do this, or the person's clinic does not keep the content of this server."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.action, self.reason = action, reason  # role, clinic


class NoSuchText(Refused):
    """There is no such draft, edition, recording or file."""


class WrongState(Refused):
    """The draft stands where this cannot be done."""

    def __init__(self, state: str, needed: tuple[str, ...]) -> None:
        super().__init__(f"is {state}, must be {' or '.join(needed)}")
        self.state, self.needed = state, needed


class Seen(Refused):
    """What the person looked at is not the newest edition any more: look again before deciding about it."""

    def __init__(self, edition: int) -> None:
        super().__init__(f"the newest edition is {edition}")
        self.edition = edition


class OwnWords(Refused):
    """Whoever wrote the words last, or spoke them, cannot be the second person who vouches for them."""


class BadDay(Refused):
    """A signature must end on a day to come."""


class NeedsComment(Refused):
    """Who sends a text back says what to mend."""


class Unreadable(Refused):
    """The text cannot be read as the file it is to become."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class FileChanged(Refused):
    """Files of content/ were changed after the drafts were begun: neither may silently overwrite the other."""

    def __init__(self, files: list[str]) -> None:
        super().__init__("changed in content/ since the draft was begun: " + ", ".join(files))
        self.files = files


class CannotPublish(Refused):
    """With this change the content as a whole would not be right: every problem at its line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class DiskFailed(Refused):
    """The disk is full or cannot be written; what was in service stays."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooBusy(Refused):
    """Others published again and again while this was being checked: try once more."""


class NotHeard(Refused):
    """No second person has listened to this recording yet, or it is gone."""


class BadTopic(Refused):
    """A new topic cannot be listed; holds what is wrong with each field: bad, taken, none or unknown."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


class BadSound(Refused):
    """An upload that is no recording we can use; `reason` is not-audio, too-big, too-long, too-short or silent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
