"""What may reach a patient: signed and fresh; stale by the operator's choice; unreviewed in demo mode only."""

from dataclasses import dataclass, replace
from datetime import date

from care.content.library import Library
from care.content.review import Standing
from care.kit.settings import Settings, Stale
from care.messages.reply import Reply

STALE = (Standing.BEHIND, Standing.EXPIRED)


@dataclass(frozen=True)
class Gate:
    """What an operator chose: `demo` lets unreviewed words out with a notice, `stale` says what becomes of older signed ones."""

    demo: bool = False
    stale: Stale = "hold"

    @classmethod
    def of(cls, settings: Settings) -> "Gate":
        return cls(settings.demo, settings.stale)

    def opens_for(self, standing: Standing) -> bool:
        if standing == Standing.UNREVIEWED:
            return self.demo
        return standing == Standing.SIGNED or self.stale == "send"


def pass_gate(reply: Reply, library: Library, gate: Gate, today: date) -> Reply | None:
    """The reply as it may go out, with its standing written on it; None when it is held.  `today`: the patient's day."""
    standing = reply.proof.on(today)
    if not gate.opens_for(standing):
        return None
    notice = library.phrase(reply.form, "demo-notice").text if standing == Standing.UNREVIEWED else ""
    return replace(reply, standing=standing, notice=notice)
