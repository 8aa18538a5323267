"""Nothing unreviewed reaches a patient as approved: the one place that decides it (design, decision 9)."""

from dataclasses import replace

from care.content.library import Library
from care.messages.reply import Reply


def pass_gate(reply: Reply, library: Library, demo: bool) -> Reply | None:
    """The reply as it may go out: reviewed as it is, unreviewed with its notice in demo mode, else not at all."""
    if reply.reviewed:
        return reply
    if demo:
        return replace(reply, notice=library.phrase(reply.form, "demo-notice").text)
    return None
